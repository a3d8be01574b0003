"""DER (X.690): tags, lengths and values, as far as certificates need them; lenient about characters in strings."""

from collections.abc import Iterator
from dataclasses import dataclass

BOOLEAN, INTEGER, BITS, OCTETS, NULL, OID, UTF8 = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C
PRINTABLE, T61, IA5, UTC_TIME, TIME, VISIBLE, UNIVERSAL, BMP = 0x13, 0x14, 0x16, 0x17, 0x18, 0x1A, 0x1C, 0x1E
SEQUENCE, SET = 0x30, 0x31
MAX_VALUES = 10_000
CODECS = {
    UTF8: "utf-8", PRINTABLE: "latin-1", T61: "latin-1", IA5: "latin-1", VISIBLE: "latin-1", 0x12: "latin-1",
    UNIVERSAL: "utf-32-be", BMP: "utf-16-be", UTC_TIME: "latin-1", TIME: "latin-1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One value: its tag, where its content is, where the value with its header starts."""

    data: bytes
    tag: int
    start: int
    content: int
    end: int

    @property
    def value(self) -> bytes:
        """The content."""
        return self.data[self.content : self.end]

    @property
    def number(self) -> int:
        """The content as an integer."""
        return int.from_bytes(self.value, "big", signed=True)

    def children(self) -> list["Node"]:
        """The values inside; ValueError when the content is not made of values."""
        return list(nodes(self.data, self.content, self.end))

    def text(self) -> str | bytes:
        """The content as text where the tag says so and the bytes are; else the bytes."""
        try:
            return self.value.decode(CODECS[self.tag])
        except (KeyError, UnicodeDecodeError):
            return self.value

    def oid(self) -> str:
        """An object identifier, dotted."""
        if self.tag != OID or not self.value or len(self.value) > 64:
            raise ValueError("no object identifier")
        numbers, number = [], 0
        for byte in self.value:
            number = number << 7 | byte & 0x7F
            if byte < 0x80:
                numbers.append(number)
                number = 0
        first = min(numbers[0] // 40, 2) if numbers else 0
        return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]])) if numbers else ""


def nodes(data: bytes, pos: int, end: int) -> Iterator[Node]:
    """Yield the values that stand one after the other; ValueError when there are more than any certificate has."""
    count = 0
    while pos < end:
        count += 1
        if count > MAX_VALUES:
            raise ValueError(f"more than {MAX_VALUES} values")
        node = read(data, pos, end)
        yield node
        pos = node.end


def read(data: bytes, pos: int = 0, end: int | None = None) -> Node:
    """The value at a place; ValueError when it does not fit before `end`."""
    end = len(data) if end is None else end
    if pos + 2 > end or data[pos] & 0x1F == 0x1F:
        raise ValueError("no value")
    size, content = data[pos + 1], pos + 2
    if size >= 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4 or content + count > end:
            raise ValueError("length not readable")
        size, content = int.from_bytes(data[content : content + count], "big"), content + count
    if content + size > end:
        raise ValueError("longer than what is there")
    return Node(data, data[pos], pos, content, content + size)
