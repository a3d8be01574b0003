"""Any recording to exchanges and connections: the first bytes decide what it is."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import BufferedReader, FileIO, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.problem import Problem

type Progress = Callable[[int], None]

FLOWS, HAR, PCAP, EMPTY = "mitmproxy flow file", "HAR file", "pcap", "empty file"
RECORDINGS = (FLOWS, HAR, PCAP, EMPTY)
CAN_READ = "a recording is a mitmproxy flow file, a HAR file, pcap or pcapng, plain or packed with gzip"

# What a file begins with, in order; the kinds that are no recording are the ones that people try.
KINDS = (
    (rb"\Z", EMPTY),
    (rb"\d{1,12}:", FLOWS),
    (rb'(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:', HAR),
    (rb"\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x4d\x3c\xb2\xa1|\xa1\xb2\x3c\x4d", PCAP),  # micro- and nanoseconds
    (rb"\x0a\x0d\x0d\x0a", PCAP),  # pcapng
    (rb"(?:\xef\xbb\xbf)?\s*[\[{]", "JSON, but not a HAR file"),
    (rb"PK\x03\x04", "a ZIP archive (a Fiddler archive is one: export it as HAR)"),
    (rb"SQLite format 3\x00", "an SQLite database"),
    (rb"\x78[\x01\x5e\x9c\xda]", "packed with zlib (mitmproxy's .zhar: save it as .har)"),
    (rb"\xff\xfe|\xfe\xff", "text in UTF-16"),
    (rb"(?:#[^\n]*\n|\s)*(?:CLIENT|SERVER)_[A-Z_0-9]+ ", "a TLS key log, not the traffic"),
    (rb"(?:\xef\xbb\xbf)?\s*<", "XML or HTML"),
    (rb"[\t\n\r\x20-\x7e]+\Z", "text"),
)


def read(
    path: Path, run: str, progress: Progress | None = None, keylogs: Sequence[Path] = ()
) -> Iterator[Exchange | Connection | Problem]:
    """Yield what a recording holds, in the order of the file; an empty file is a recording of nothing.

    With `keylogs` (files in the SSLKEYLOGFILE format) a pcap gives exchanges too; other recordings need none.

    `progress` is called with the number of bytes of the file read so far. A file that is no recording is one problem.
    OSError: the file cannot be opened.
    """
    form = kind(path)
    if form in (FLOWS, HAR):
        yield from unfold(path, form, run, progress)
    elif form == PCAP:
        from portalscope.capture.pcap import read_pcap, read_with_keys

        yield from read_with_keys(path, keylogs, run) if keylogs else read_pcap(path, run)
    elif form != EMPTY:
        yield broken(path, f"this is {form}, {path.stat().st_size} bytes; {CAN_READ}")
    if progress:
        progress(path.stat().st_size)


def kind(path: Path) -> str:
    """Return what a file is by its first 4 KiB, unpacked if need be: one of `RECORDINGS`, or words for a person."""
    with opened(path) as stream:
        head = stream.read(4096)
        if not head and fault(stream):
            return "a damaged gzip file"
    return next((name for pattern, name in KINDS if re.match(pattern, head)), "not a format we know")


def unfold(path: Path, form: str, run: str, progress: Progress | None) -> Iterator[Exchange | Connection | Problem]:
    """Yield what a flow file or HAR file holds, and a problem if it is packed and the packing is damaged."""
    with opened(path, progress) as stream:
        if form == FLOWS:
            from portalscope.capture.flows import flows  # mitmproxy takes a second to import

            yield from flows(stream, path.name, run)
        else:
            from portalscope.capture.har import har

            yield from har(stream, path.name, run)
        if why := fault(stream):
            yield broken(path, f"the gzip packing is damaged: {why}")


def broken(path: Path, why: str) -> Problem:
    """Return the problem of a file."""
    return Problem(exchange=path.name, part="file", step="read", why=why)


def opened(path: Path, progress: Progress | None = None) -> BinaryIO:
    """Open a file, unpacked if it is packed with gzip (RFC 1952)."""
    raw = BufferedReader(Counted(path, progress), 1 << 18)
    return BufferedReader(Unpacked(raw), 1 << 18) if raw.peek(2)[:2] == b"\x1f\x8b" else raw


def fault(stream: BinaryIO) -> str:
    """Return what is wrong with the packing of an opened file, as far as it was read; empty if nothing."""
    raw = getattr(stream, "raw", None)
    return raw.fault if isinstance(raw, Unpacked) else ""


class Counted(FileIO):
    """A file that tells how many bytes of it were read."""

    def __init__(self, path: Path, progress: Progress | None) -> None:
        super().__init__(path)
        self.progress = progress
        self.done = 0

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the buffer type of io
        """Read, and tell."""
        size = super().readinto(buffer) or 0
        self.done += size
        if self.progress:
            self.progress(self.done)
        return size


class Unpacked(RawIOBase):
    """The inside of a gzip stream. Where the packing is damaged it ends, and `fault` says why."""

    def __init__(self, packed: BinaryIO) -> None:
        self.packed = packed
        self.inside = gzip.GzipFile(fileobj=packed)
        self.fault = ""

    def readable(self) -> bool:
        """Whether this can be read: yes."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the buffer type of io
        """Unpack as much as fits."""
        try:
            piece = self.inside.read1(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            piece, self.fault = b"", str(error)
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Close the file below, too: GzipFile leaves that to whoever opened it."""
        self.inside.close()
        self.packed.close()
        super().close()
