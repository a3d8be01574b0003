"""Bond Compact Binary v1 and v2, without a schema.

Normative text: microsoft/bond cpp/inc/bond/protocol/compact_binary.h. A struct becomes a dict from field id to value, a
list or set a list (of bytes: `bytes`), a map a tuple of pairs, so that the Python type still says what the wire said.
"""

import struct as structs_module
from collections.abc import Callable

from portalscope.decoders.message import DecodeError, Tree

type Value = bool | int | float | str | bytes | Struct | list[Value] | tuple[tuple[Value, Value], ...]
type Struct = dict[int, Value]

STOP, STOP_BASE, BOOL, UINT8, UINT16, UINT32, UINT64, FLOAT, DOUBLE, STRING, STRUCT, LIST, SET, MAP = range(14)
INT8, INT16, INT32, INT64, WSTRING = range(14, 19)
MAX_DEPTH = 64
DERIVED = 0x10000  # added to an id of a derived class that its base has used, once for each class above it
MARSHALED = {b"CB\x01\x00": 1, b"CB\x02\x00": 2}
_float, _double = structs_module.Struct("<f").unpack_from, structs_module.Struct("<d").unpack_from


class Reader:
    """Reads values at `pos`, moving it on. Raises IndexError past the end and ValueError on what the format forbids."""

    __slots__ = ("data", "depth", "end", "pos", "version")

    def __init__(self, data: bytes, pos: int = 0, version: int = 1) -> None:
        self.data, self.pos, self.end, self.version, self.depth = data, pos, len(data), version, 0

    def varint(self, limit: int = 10) -> int:
        """LEB128: seven bits a byte, low group first; at most `limit` bytes."""
        value = shift = 0
        for _ in range(limit):
            byte = self.data[self.pos]
            self.pos += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise ValueError("varint too long")

    def zigzag(self, limit: int = 10) -> int:
        """Zigzag varint: 0, -1, 1, -2 …"""
        n = self.varint(limit)
        return n >> 1 ^ -(n & 1)

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size > self.end - self.pos:
            raise IndexError("past the end")
        self.pos += size
        return self.data[self.pos - size : self.pos]

    def struct(self) -> Struct:
        """Fields until STOP; the fields of base classes are in front, with ids of their own."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")
        if self.version == 2:
            self.varint(5)
        fields: Struct = {}
        level = 0  # fields of a derived class come after those of its base and may use the same ids
        while (kind := self.data[self.pos] & 0x1F) != STOP:
            number = self.data[self.pos] >> 5
            self.pos += 1
            if kind == STOP_BASE:
                level += DERIVED
                continue
            if number == 6:
                number = self.take(1)[0]
            elif number == 7:
                number = int.from_bytes(self.take(2), "little")
            fields[number + level if number in fields else number] = self.value(kind)
        self.pos += 1
        self.depth -= 1
        return fields

    def value(self, kind: int) -> Value:
        """One value of that type."""
        read = READ.get(kind)
        if read is None:
            raise ValueError(f"no such type: {kind}")
        return read(self)

    def sequence(self) -> list[Value] | bytes:
        """LIST and SET; of 8-bit integers: bytes."""
        kind = self.data[self.pos]
        self.pos += 1
        short = kind >> 5 if self.version == 2 else 0
        count = short - 1 if short else self.varint(5)
        kind &= 0x1F
        self.check(count)
        if kind in (UINT8, INT8):
            return self.take(count)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")
        values = [self.value(kind) for _ in range(count)]
        self.depth -= 1
        return values

    def pairs(self) -> tuple[tuple[Value, Value], ...]:
        """MAP."""
        key, value = self.take(2)
        count = self.varint(5)
        self.check(count)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")
        found = tuple((self.value(key & 0x1F), self.value(value & 0x1F)) for _ in range(count))
        self.depth -= 1
        return found

    def check(self, count: int) -> None:
        """Every element takes at least one byte; a larger count is a lie and must not allocate."""
        if count > self.end - self.pos:
            raise ValueError("more elements than bytes")

    def string(self) -> str:
        """UTF-8; bytes that are not stay visible as backslash escapes."""
        return self.take(self.varint(5)).decode("utf-8", "backslashreplace")

    def wstring(self) -> str:
        """UTF-16 with a count of code units."""
        return self.take(2 * self.varint(5)).decode("utf-16-le", "backslashreplace")

    def boolean(self) -> bool:
        """One byte."""
        return self.take(1)[0] != 0


READ: dict[int, Callable[[Reader], Value]] = {
    BOOL: Reader.boolean,
    UINT8: lambda r: r.take(1)[0],
    UINT16: lambda r: r.varint(3),
    UINT32: lambda r: r.varint(5),
    UINT64: Reader.varint,
    FLOAT: lambda r: _float(r.take(4))[0],
    DOUBLE: lambda r: _double(r.take(8))[0],
    STRING: Reader.string,
    STRUCT: Reader.struct,
    LIST: Reader.sequence,
    SET: Reader.sequence,
    MAP: Reader.pairs,
    INT8: lambda r: int.from_bytes(r.take(1), "little", signed=True),
    INT16: lambda r: r.zigzag(3),
    INT32: lambda r: r.zigzag(5),
    INT64: Reader.zigzag,
    WSTRING: Reader.wstring,
}


def records(data: bytes, version: int = 1) -> tuple[list[Struct], str, bytes]:
    """Return the structs that stand back to back, why it stopped early (or ""), and the bytes from there on."""
    reader, found, start = Reader(data, version=version), [], 0
    while start < len(data):
        try:
            found.append(reader.struct())
        except (IndexError, ValueError) as error:
            return found, f"record {len(found)}: {error}", data[start:]
        if reader.pos == start + 1:
            return found, f"record {len(found)}: empty struct between records", data[start:]
        start = reader.pos
    return found, "", b""


def bond(data: bytes) -> Tree:
    """Any Bond body without its schema, marshaled (`CB`) or bare: field ids are the names."""
    version = MARSHALED.get(data[:4], 0)
    found, why, rest = records(data[4:] if version else data, version or 1)
    tree: Tree = [plain(record) for record in found]
    if why or not found:
        raise (
            DecodeError(f"Bond: {why or 'nothing there'}", rest or data, tree)
            if found
            else DecodeError(f"Bond: {why or 'nothing there'}", data)
        )
    return tree


def plain(value: Value) -> Tree:
    """A Bond value as a tree: ids and map keys become names."""
    if isinstance(value, dict):
        return {named(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple):
        return {str(k): plain(v) for k, v in value}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def named(number: int) -> str:
    """A field id as a name; `1:7` is field 7 of the first derived class, where the base has one too."""
    return str(number) if number < DERIVED else f"{number // DERIVED}:{number % DERIVED}"
