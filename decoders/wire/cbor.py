"""CBOR (RFC 8949) and CBOR sequences (RFC 8742), as they were sent: tags are not acted on, no key is dropped.

cbor2 builds what tags ask for – references in circles, patterns, numbers of any size – and keeps one of equal keys.
"""

import struct
import uuid

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.map_keys import mapping

MAX_DEPTH = 64
SIZES = {24: 1, 25: 2, 26: 4, 27: 8}
FLOATS = {25: ">e", 26: ">f", 27: ">d"}
SIMPLE = {20: False, 21: True, 22: None, 23: None}
PLAIN_TAGS = frozenset({0, 1, 21, 22, 23, 32, 33, 34, 35, 36, 100, 1004, 55799})  # the value alone says it all
BIGNUM, NEGATIVE_BIGNUM, EMBEDDED, UUID = 2, 3, 24, 37
INDEFINITE, BREAK = -1, 0xFF


class Reader:
    """Reads items at `pos`, moving it on. Raises IndexError past the end and ValueError on what the format forbids."""

    __slots__ = ("data", "depth", "pos")

    def __init__(self, data: bytes, depth: int = 0) -> None:
        self.data, self.pos, self.depth = data, 0, depth

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size > len(self.data) - self.pos:
            raise IndexError("ends early")
        self.pos += size
        return self.data[self.pos - size : self.pos]

    def item(self) -> Tree:
        """One data item of any kind."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")
        head = self.take(1)[0]
        major, info = head >> 5, head & 0x1F
        value = self.simple(info) if major == 7 else self.value(major, self.argument(major, info))
        self.depth -= 1
        return value

    def argument(self, major: int, info: int) -> int:
        """The number behind a head byte: a value, a length, a tag; -1 for a length that is not said."""
        if info < 24:
            return info
        if info in SIZES:
            return int.from_bytes(self.take(SIZES[info]))
        if info == 31 and major in (2, 3, 4, 5):
            return INDEFINITE
        raise ValueError("a head byte that is not defined")

    def value(self, major: int, number: int) -> Tree:
        """The item of that major type."""
        match major:
            case 0:
                return number
            case 1:
                return -1 - number
            case 2:
                return self.text(2, number)
            case 3:
                return self.text(3, number).decode("utf-8", "backslashreplace")
            case 4:
                return self.items(number)
            case 5:
                found = self.items(number if number == INDEFINITE else 2 * number)
                if len(found) % 2:
                    raise ValueError("a key without a value")
                return mapping(zip(found[::2], found[1::2], strict=True))
            case _:
                return self.tagged(number)

    def text(self, major: int, size: int) -> bytes:
        """The bytes of a string, which may come in chunks of the same type."""
        if size != INDEFINITE:
            return self.take(size)
        chunks: list[bytes] = []
        while (head := self.take(1)[0]) != BREAK:
            size = self.argument(0, head & 0x1F)
            if head >> 5 != major:
                raise ValueError("a chunk of another type")
            chunks.append(self.take(size))
        return b"".join(chunks)

    def items(self, count: int) -> list[Tree]:
        """So many items, or those up to the break. Each takes a byte at least; a larger count is a lie."""
        if count > len(self.data) - self.pos:
            raise IndexError("more items than bytes")
        if count != INDEFINITE:
            return [self.item() for _ in range(count)]
        found: list[Tree] = []
        while self.data[self.pos] != BREAK:
            found.append(self.item())
        self.pos += 1
        return found

    def tagged(self, tag: int) -> Tree:
        """A tag and its item; the tag is said where the item alone does not say it."""
        value = self.item()
        if tag in PLAIN_TAGS:
            return value
        if isinstance(value, bytes):
            if tag in (BIGNUM, NEGATIVE_BIGNUM) and len(value) <= 16:
                return int.from_bytes(value) if tag == BIGNUM else -1 - int.from_bytes(value)
            if tag == UUID and len(value) == 16:
                return str(uuid.UUID(bytes=value))
            if tag == EMBEDDED:
                return embedded(value, self.depth)
        return {"tag": tag, "value": value}

    def simple(self, info: int) -> Tree:
        """false, true, null, undefined, floating point, and values without a meaning."""
        if info in FLOATS:
            number: float = struct.unpack(FLOATS[info], self.take(SIZES[info]))[0]
            return number
        value = self.take(1)[0] if info == 24 else info
        if value in SIMPLE:
            return SIMPLE[value]
        if info > 24:
            raise ValueError("a head byte that is not defined")
        return {"simple": value}


def embedded(data: bytes, depth: int) -> Tree:
    """CBOR in a byte string (tag 24), the bytes where it does not open."""
    reader = Reader(data, depth)
    try:
        tree = reader.item()
    except (IndexError, ValueError):
        return data
    return tree if reader.pos == len(data) else data


def cbor(data: bytes) -> Tree:
    """One item, or the list of those that follow each other. Maps are objects, other tags {tag, value}."""
    reader = Reader(data)
    found: list[Tree] = []
    start, why = 0, "" if data else "nothing there"
    while start < len(data) and not why:
        try:
            found.append(reader.item())
            start = reader.pos
        except (IndexError, ValueError) as error:
            why = f"item {len(found)}: {error}"
    tree: Tree = found[0] if len(found) == 1 else found
    if why:
        raise DecodeError(f"CBOR: {why}", data[start:], tree) if found else DecodeError(f"CBOR: {why}", data)
    return tree
