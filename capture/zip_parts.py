"""The files in a ZIP archive one at a time, also of one that is cut off (APPNOTE.TXT 6.3, PKWARE)."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

LARGEST = 64 << 20  # bytes of one unpacked file
LOCAL = struct.Struct("<4sHHHHHIIIHH")  # 4.3.7: signature, version, flags, method, time, date, CRC, sizes, name, extra
SIGNATURE = b"PK\x03\x04"
STORED, DEFLATED = 0, 8
ENCRYPTED, SIZES_BEHIND = 1, 8  # bits of the flags
PIECE = 1 << 18
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error)


class Part(NamedTuple):
    """One file of an archive. `why` says what is wrong with it; then `data` is as much as there is of it."""

    name: str
    data: bytes
    why: str = ""


def names(path: Path) -> list[str]:
    """Return the names in an archive; of one that is cut off those whose beginning is in the first MiB."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except DAMAGED:
        with path.open("rb") as file:
            head = file.read(1 << 20)
    starts = (found.start() for found in re.finditer(re.escape(SIGNATURE), head))
    sizes = ((at, int.from_bytes(head[at + 26 : at + 28], "little")) for at in starts)
    return [head[at + 30 : at + 30 + size].decode("utf-8", "replace") for at, size in sizes]


class Archive:
    """An archive whose directory can be read: its files can be asked for in any order.

    zipfile.BadZipFile: it has no directory, or one that says the same bytes are many files, as a bomb does.
    """

    def __init__(self, path: Path) -> None:
        self.file = zipfile.ZipFile(path)
        self.found = {info.filename: info for info in self.file.infolist()}
        if sum(info.compress_size for info in self.file.infolist()) > path.stat().st_size:
            self.file.close()
            raise zipfile.BadZipFile("files overlap")

    def part(self, name: str) -> Part:
        """Return one file, unpacked up to `LARGEST` bytes."""
        info, data = self.found[name], bytearray()
        if info.flag_bits & ENCRYPTED:
            return Part(name, b"", "it is protected by a password")
        try:
            with self.file.open(info) as stream:
                while len(data) <= LARGEST and (piece := stream.read(PIECE)):
                    data += piece
        except DAMAGED as error:
            return Part(name, bytes(data), f"it is damaged ({type(error).__name__})")
        if len(data) > LARGEST:
            return Part(name, bytes(data[:LARGEST]), f"it is larger than {LARGEST} bytes: the rest was left out")
        return Part(name, bytes(data))


def salvaged(stream: BinaryIO) -> Iterator[Part]:
    """Yield the files of an archive without directory in their order, as far as one follows the other.

    A file whose end cannot be found is the last one.
    """
    while len(head := stream.read(LOCAL.size)) == LOCAL.size and head.startswith(SIGNATURE):
        _, _, flags, method, _, _, _, packed, _, name_size, extra_size = LOCAL.unpack(head)
        name = stream.read(name_size).decode("utf-8", "replace")
        stream.read(extra_size)
        if flags & ENCRYPTED or method not in (STORED, DEFLATED) or packed == 0xFFFFFFFF:
            yield Part(name, b"", "it is packed in a way that cannot be read without the archive's directory")
            return
        part, more = (stored if method == STORED else deflated)(stream, name, packed, behind=bool(flags & SIZES_BEHIND))
        yield part
        if part.why or not more:
            return


def stored(stream: BinaryIO, name: str, size: int, *, behind: bool) -> tuple[Part, bool]:
    """Return a file that is not packed, and whether another one can follow."""
    if behind or size > LARGEST:
        return Part(name, b"", "where it ends only the archive's directory knows"), False
    data = stream.read(size)
    return Part(name, data, "" if len(data) == size else "the archive ends inside it"), len(data) == size


def deflated(stream: BinaryIO, name: str, size: int, *, behind: bool) -> tuple[Part, bool]:
    """Return a packed file (RFC 1951), which says itself where it ends, and whether another one can follow."""
    unpack, data, taken = zlib.decompressobj(-15), bytearray(), 0
    while not unpack.eof and len(data) <= LARGEST and (piece := unpack.unconsumed_tail or stream.read(PIECE)):
        taken += 0 if unpack.unconsumed_tail else len(piece)
        try:
            data += unpack.decompress(piece, PIECE)
        except zlib.error:
            return Part(name, bytes(data), "it is damaged"), False
    if len(data) > LARGEST:
        return Part(name, bytes(data[:LARGEST]), f"it is larger than {LARGEST} bytes: the rest was left out"), False
    if not unpack.eof:
        return Part(name, bytes(data), "the archive ends inside it"), False
    stream.seek(-len(unpack.unused_data), 1)
    if behind:
        skip_sizes(stream)
    return Part(name, bytes(data)), behind or taken - len(unpack.unused_data) == size


def skip_sizes(stream: BinaryIO) -> None:
    """Pass over what stands behind a file: an optional signature, CRC and two sizes of 4 or 8 bytes (4.3.9)."""
    here = stream.tell()
    for size in (16, 12, 24, 20):
        stream.seek(here + size)
        after = stream.read(4)
        if after in (SIGNATURE, b"PK\x01\x02"):
            stream.seek(here + size)
            return
    stream.seek(here)
