"""Secrets in Apple's binary property lists, replaced in place: every object keeps its size.

The format is that of CFBinaryPList.c (apple-oss-distributions/CF): objects, a table of their offsets, a trailer.
"""

import struct
from collections.abc import Callable, Iterator

from portalscope.capture.secret_names import Kind, Names

MAGIC = b"bplist00"
TRAILER = struct.Struct(">6xBBQQQ")  # size of an offset, size of a reference, objects, top object, table
MOST = 100_000  # objects that are looked at
DATA, ASCII, UTF16, DICTIONARY = 0x4, 0x5, 0x6, 0xD
INTEGER = 0x1

type Fit = Callable[[Kind, bytes, int], bytes]


def clean_plist(data: bytes, names: Names, fit: Fit) -> bytes:
    """Return a binary property list in which `fit` gave what stands in secret entries; a broken one as far as it goes.

    `fit` is given what the value is, the value in UTF-8 or bytes, and how long the replacement has to be.
    """
    made = bytearray(data)
    try:
        for start, end, wide, kind in secrets(data, names):
            value = data[start:end].decode("utf-16-be").encode() if wide else data[start:end]
            new = fit(kind, value, (end - start) // (2 if wide else 1))
            made[start:end] = new.decode().encode("utf-16-be") if wide else new
    except (IndexError, UnicodeDecodeError, struct.error):
        return bytes(made)
    return bytes(made)


def secrets(data: bytes, names: Names) -> Iterator[tuple[int, int, bool, Kind]]:
    """Yield the range of each value under the name of a secret, and whether it is text in UTF-16.

    IndexError, struct.error: the list is broken.
    """
    width, reference, objects, _, table = TRAILER.unpack(data[-TRAILER.size :])
    offsets = [number(data, table + index * width, width) for index in range(min(objects, MOST))]
    for offset in offsets:
        if data[offset] >> 4 == DICTIONARY:
            count, first = length(data, offset)
            for index in range(min(count, MOST)):
                key = offsets[number(data, first + index * reference, reference)]
                kind = names.field("plist", text(data, key))
                if kind:
                    value = offsets[number(data, first + (count + index) * reference, reference)]
                    yield from ranged(data, value, kind)


def ranged(data: bytes, offset: int, kind: Kind) -> Iterator[tuple[int, int, bool, Kind]]:
    """The range of a value that is bytes or text."""
    type_ = data[offset] >> 4
    count, start = length(data, offset) if type_ in (DATA, ASCII, UTF16) else (0, 0)
    end = start + count * (2 if type_ == UTF16 else 1)
    if start < end <= len(data):
        yield start, end, type_ == UTF16, kind


def text(data: bytes, offset: int) -> bytes:
    """A key, empty if it is no ASCII text."""
    if data[offset] >> 4 != ASCII:
        return b""
    count, start = length(data, offset)
    return data[start : start + count]


def length(data: bytes, offset: int) -> tuple[int, int]:
    """How much an object holds, and where that begins; 15 means that an integer follows."""
    count = data[offset] & 0xF
    if count < 0xF:
        return count, offset + 1
    if data[offset + 1] >> 4 != INTEGER:
        raise IndexError("no length")
    size = 1 << (data[offset + 1] & 0xF)
    return number(data, offset + 2, size), offset + 2 + size


def number(data: bytes, start: int, size: int) -> int:
    """An integer, big-endian. IndexError: it is not there."""
    if not 0 < size <= 8 or start + size > len(data):
        raise IndexError("beyond the end")
    return int.from_bytes(data[start : start + size])
