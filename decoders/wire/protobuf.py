"""Protocol buffers without their schema (protobuf.dev/programming-guides/encoding): field numbers are the names.

What a length-delimited field holds is not on the wire. The first reading that fits is taken:

1. text: UTF-8 without control characters;
2. a message: all of it reads as fields, and few of them are odd (see `odd`);
3. text with tabs and line ends;
4. packed numbers: at least `MIN_PACKED` one-byte varints, none of them zero-padded;
5. bytes.

Random bytes seldom are text, and as a message they have odd fields: of 16 random bytes (a GUID) fewer than 1 in 100 are
taken for a message. A fixed 32- or 64-bit field is a fraction where its size is an everyday one, else a whole number.
"""

import re
import struct
from dataclasses import dataclass

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.json_text import unique

VARINT, FIXED64, DELIMITED, GROUP, END_GROUP, FIXED32 = range(6)
MAX_DEPTH = 32
MAX_FIELD = 2**29 - 1
COMMON_FIELDS = 4096
MIN_PACKED = 3
TOP_ODD, NESTED_ODD = 4, 8  # one odd field in so many is let pass
SURE = 4  # so many good fields, or half of the bytes, are no accident: what follows is cut off or broken
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_SPACE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One field as it stood: number, wire type, value, and whether its varints had needless zero groups."""

    number: int
    kind: int
    value: Tree
    padded: bool


class Reader:
    """Reads fields at `pos`, moving it on. Raises IndexError past the end and ValueError on what the format forbids."""

    __slots__ = ("data", "depth", "padded", "pos")

    def __init__(self, data: bytes, depth: int) -> None:
        self.data, self.pos, self.depth, self.padded = data, 0, depth, False

    def varint(self) -> int:
        """At most ten bytes of seven bits, low group first."""
        value = shift = 0
        for _ in range(10):
            byte = self.data[self.pos]
            self.pos += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                self.padded |= not byte and bool(shift)
                return value
            shift += 7
        raise ValueError("varint too long")

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size > len(self.data) - self.pos:
            raise IndexError("ends early")
        self.pos += size
        return self.data[self.pos - size : self.pos]

    def field(self) -> Entry:
        """A tag and its value."""
        self.padded = False
        tag = self.varint()
        number, kind = tag >> 3, tag & 7
        if not 0 < number <= MAX_FIELD:
            raise ValueError("no such field number")
        value = self.value(number, kind)
        return Entry(number, kind, value, self.padded)

    def value(self, number: int, kind: int) -> Tree:
        """The value of that wire type."""
        if kind == VARINT:
            return signed(self.varint())
        if kind == DELIMITED:
            return guess(self.take(self.varint()), self.depth)
        if kind == FIXED64:
            return number_or_fraction(self.take(8), "<Q", "<d")
        if kind == FIXED32:
            return number_or_fraction(self.take(4), "<I", "<f")
        if kind == GROUP:
            return self.group(number)
        raise ValueError("no such wire type")

    def group(self, number: int) -> Tree:
        """Fields up to the end tag of the same number."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError("nested too deep")
        entries: list[Entry] = []
        while True:
            start, tag = self.pos, self.varint()
            if tag == number << 3 | END_GROUP:
                break
            self.pos = start
            entries.append(self.field())
        self.depth -= 1
        return tree_of(entries)


def signed(number: int) -> int:
    """A varint as the signed number it is when all ten bytes are used: -1 is sent as 2**64 - 1."""
    number &= 2**64 - 1
    return number - 2**64 if number >= 2**63 else number


def number_or_fraction(data: bytes, whole: str, fraction: str) -> Tree:
    """Bytes of fixed size: a fraction between a millionth and a billion, else a whole number."""
    value: float = struct.unpack(fraction, data)[0]
    if 1e-6 <= abs(value) < 1e9:
        return value
    number: int = struct.unpack(whole, data)[0]
    return number


def guess(data: bytes, depth: int) -> Tree:
    """What a length-delimited field most likely holds; the order is the one at the top of this file."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is not None and not _CONTROL.search(text):
        return text
    if depth < MAX_DEPTH and (entries := complete(data, depth + 1)) and odd(entries) * NESTED_ODD <= len(entries):
        return tree_of(entries)
    if text is not None and not _CONTROL_BUT_SPACE.search(text):
        return text
    return list(data) if len(data) >= MIN_PACKED and max(data) < 0x80 else data


def complete(data: bytes, depth: int) -> list[Entry]:
    """The fields when every byte belongs to one, else nothing."""
    reader, entries = Reader(data, depth), []
    try:
        while reader.pos < len(data):
            entries.append(reader.field())
    except (IndexError, ValueError):
        return []
    return entries


def odd(entries: list[Entry]) -> int:
    """How many fields look unlike what serializers write.

    They write fields in the order of their numbers, numbers below a few thousand, one wire type for a number, varints
    without padding. Repeated numbers may come packed and single.
    """
    count, last = 0, 0
    kinds: dict[int, int] = {}
    for entry in entries:
        other = kinds.setdefault(entry.number, entry.kind)
        count += (
            entry.number < last
            or entry.number > COMMON_FIELDS
            or entry.padded
            or (other != entry.kind and DELIMITED not in (other, entry.kind))
        )
        last = entry.number
    return count


def tree_of(entries: list[Entry]) -> Tree:
    """Fields by number; a number that comes twice holds a list."""
    return unique([(str(entry.number), entry.value) for entry in entries])


def protobuf(data: bytes) -> Tree:
    """A message. Fields before the one that does not read are the partial result; random bytes are refused."""
    reader, entries, start, why = Reader(data, 0), [], 0, ""
    try:
        while start < len(data):
            entries.append(reader.field())
            start = reader.pos
    except (IndexError, ValueError) as error:
        why = f"protobuf: field at byte {start}: {error}"
    if not entries or odd(entries) * TOP_ODD > len(entries):
        raise DecodeError(why or "protobuf: the fields look random", data)
    if why and 2 * start < len(data) and len(entries) < SURE:
        raise DecodeError(why, data)
    if why:
        raise DecodeError(why, data[start:], tree_of(entries))
    return tree_of(entries)
