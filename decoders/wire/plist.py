"""Apple property lists, XML and binary, bounded (PropertyList-1.0.dtd; CoreFoundation CFBinaryPList.c).

The standard library reads both, but a binary list whose arrays name each other grows without end once it is walked.
"""

import base64
import binascii
import struct
from datetime import UTC, datetime, timedelta

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire import xml_text
from portalscope.decoders.wire.xml_text import Element, by_name, settled

MAGIC = b"bplist0"
TRAILER = 32
MAX_DEPTH = 64
MAX_VALUES = 500_000
EPOCH = datetime(2001, 1, 1, tzinfo=UTC)


def plist(data: bytes) -> Tree:
    """A property list: dictionaries, arrays, text, numbers, bytes; dates as ISO 8601 text."""
    if data[: len(MAGIC)] == MAGIC:
        return Binary(data).tree()
    root, fault = xml_text.element(data, document_type=True)
    if root.name != "plist":
        raise DecodeError("not a property list", data)
    inner = [child for child in root.children if not child.name.startswith("#")]
    return settled(value(inner[0]) if len(inner) == 1 else xml_text.tree(root), fault)


def value(element: Element) -> Tree:
    """One value of an XML property list. What the format does not know stays as it is written."""
    text = element.text if isinstance(element.text, str) else ""
    match element.name:
        case "dict":
            return dictionary(element)
        case "array":
            return [value(child) for child in element.children]
        case "true" | "false":
            return element.name == "true"
        case "integer":
            return integer(text)
        case "real":
            return real(text)
        case "data":
            return octets(text)
        case "string" | "date" | "key":
            return text
    return xml_text.tree(element)


def dictionary(element: Element) -> Tree:
    """Keys and values in turn; a key without a value (a list that broke off) has none."""
    pairs: list[tuple[str, Tree]] = [("#text", element.text)] if element.text.strip() else []
    key: str | None = None
    for child in element.children:
        if child.name == "key":
            pairs += [(key, "")] if key is not None else []
            key = str(child.text)
        elif key is None or child.name.startswith("#"):
            pairs.append((f"#{child.name.lstrip('#')}", value(child)))
        else:
            pairs.append((key, value(child)))
            key = None
    return by_name([*pairs, *([(key, "")] if key is not None else [])])


def integer(text: str) -> Tree:
    """A number, decimal or `0x…`; text that is none stays text."""
    try:
        return int(text, 16) if text.lstrip("+-").lower().startswith("0x") else int(text)
    except ValueError:
        return text


def real(text: str) -> Tree:
    """A number with a fraction; text that is none stays text."""
    try:
        return float(text)
    except ValueError:
        return text


def octets(text: str) -> Tree:
    """Bytes in base64; text that is none stays text."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return text


class Binary:
    """A binary property list. `budget` (bytes) and `values` bound what comes out: one value may be named many times."""

    def __init__(self, data: bytes) -> None:
        if len(data) < len(MAGIC) + 1 + TRAILER:
            raise DecodeError("property list: ends early", data)
        self.data, self.size = data, len(data) - TRAILER
        self.offset_size, self.ref_size, self.count, self.top, self.table = struct.unpack_from(
            ">6xBBQQQ", data, self.size
        )
        self.budget, self.values = 4 * len(data), MAX_VALUES
        if not (1 <= self.offset_size <= 8 and 1 <= self.ref_size <= 8 and self.top < self.count):
            raise DecodeError("property list: trailer not readable", data)
        if self.table + self.count * self.offset_size > self.size:
            raise DecodeError("property list: offset table outside of the data", data)

    def tree(self) -> Tree:
        """The top value."""
        try:
            return self.object(self.top, 0)
        except (IndexError, ValueError) as error:
            raise DecodeError(f"property list: {error or 'ends early'}", self.data) from None

    def number(self, at: int, size: int) -> int:
        """An unsigned big-endian number."""
        if at + size > self.size:
            raise IndexError("ends early")
        return int.from_bytes(self.data[at : at + size], "big")

    def object(self, ref: int, depth: int) -> Tree:
        """The value of that number."""
        self.values -= 1
        self.budget -= 1
        if min(self.values, self.budget) < 0 or depth > MAX_DEPTH:
            raise ValueError(f"too many values, or nested deeper than {MAX_DEPTH}")
        if ref >= self.count:
            raise ValueError("a value that is not there")
        at = self.number(self.table + ref * self.offset_size, self.offset_size)
        token = self.number(at, 1)
        kind, low = token >> 4, token & 0x0F
        if kind in (0x0, 0x1, 0x2, 0x3, 0x8):
            return self.scalar(kind, low, at + 1)
        size, at = self.length(low, at + 1)
        return self.sequence(kind, size, at, depth)

    def length(self, low: int, at: int) -> tuple[int, int]:
        """A length, in the token or behind it, and where the content starts."""
        if low != 0x0F:
            return low, at
        token = self.number(at, 1)
        width = 1 << (token & 0x0F)
        if token >> 4 != 1 or width > 8:
            raise ValueError("length not readable")
        return self.number(at + 1, width), at + 1 + width

    def scalar(self, kind: int, low: int, at: int) -> Tree:
        """Null, booleans, numbers, dates, UIDs."""
        if kind == 0x0:
            return {0x8: False, 0x9: True}.get(low)
        if kind == 0x8:
            return self.number(at, low + 1)
        width = 1 << low
        if kind == 0x1 and width <= 16:
            return self.signed(at, width)
        if kind == 0x2 and width in (4, 8):
            return self.real(at, width)
        if kind == 0x3 and low == 3:
            return date(self.real(at, 8))
        raise ValueError("a kind of value that is not known")

    def signed(self, at: int, width: int) -> int:
        """A number; those of eight and sixteen bytes have a sign."""
        number = self.number(at, width)
        return number - (1 << 8 * width) if width >= 8 and number >> (8 * width - 1) else number

    def real(self, at: int, width: int) -> float:
        """A float or a double."""
        if at + width > self.size:
            raise IndexError("ends early")
        found: float = struct.unpack_from(">f" if width == 4 else ">d", self.data, at)[0]
        return found

    def sequence(self, kind: int, size: int, at: int, depth: int) -> Tree:
        """Bytes, text, arrays, sets and dictionaries."""
        width = {0x4: 1, 0x5: 1, 0x6: 2, 0x7: 1, 0xA: self.ref_size, 0xC: self.ref_size, 0xD: 2 * self.ref_size}.get(
            kind
        )
        if width is None or at + size * width > self.size:
            raise ValueError("a kind of value that is not known" if width is None else "ends early")
        raw = self.data[at : at + size * width]
        if kind in (0x4, 0x5, 0x6, 0x7):
            self.budget -= len(raw)
            codec = {0x5: "ascii", 0x6: "utf-16-be", 0x7: "utf-8"}.get(kind)
            return raw.decode(codec, "replace") if codec else raw
        refs = [int.from_bytes(raw[i : i + self.ref_size], "big") for i in range(0, len(raw), self.ref_size)]
        if kind != 0xD:
            return [self.object(ref, depth + 1) for ref in refs]
        names = (str(self.object(ref, depth + 1)) for ref in refs[:size])
        return by_name((name, self.object(ref, depth + 1)) for name, ref in zip(names, refs[size:], strict=True))


def date(seconds: float) -> str:
    """Seconds since 2001 as ISO 8601; as a number where no calendar reaches."""
    try:
        return (EPOCH + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError):
        return str(seconds)
