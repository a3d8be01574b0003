"""Any recording to exchanges and connections: the first bytes decide what it is."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import BufferedReader, FileIO, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

from portalscope.capture.ddv import codec, ddv_csv, ddv_json, is_csv, is_json
from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.problem import Problem
from portalscope.capture.saz import is_saz, saz
from portalscope.capture.transcript import is_transcript, transcript

type Progress = Callable[[int], None]

FLOWS, HAR, PCAP, SAZ, EMPTY = "mitmproxy flow file", "HAR file", "pcap", "Fiddler archive", "empty file"
DATABASE, TABLE, RECORDS = "EventTranscript.db", "Diagnostic Data Viewer's CSV", "Diagnostic Data Viewer's JSON"
JOURNAL = "a write-ahead log of SQLite"
TRANSCRIPTS = (DATABASE, TABLE, RECORDS)  # seen on the device: no upload is proven
RECORDINGS = (FLOWS, HAR, PCAP, SAZ, EMPTY, *TRANSCRIPTS)
CAN_READ = (
    "a recording is a mitmproxy flow file, a HAR file, pcap or pcapng, plain or packed with gzip, a Fiddler archive, "
    "EventTranscript.db, or an export of Diagnostic Data Viewer as CSV or JSON"
)
OTHER_JSON, ZIP, SQLITE = "JSON, but not a HAR file", "a ZIP archive, but not Fiddler's", "an SQLite database"
UTF_16, TEXT, UNKNOWN = "text in UTF-16", "text", "not a format we know"

# What a file begins with, in order; the kinds that are no recording are the ones that people try.
KINDS = (
    (rb"\Z", EMPTY),
    (rb"\d{1,12}:", FLOWS),
    (rb'(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:', HAR),
    (rb"\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x4d\x3c\xb2\xa1|\xa1\xb2\x3c\x4d", PCAP),  # micro- and nanoseconds
    (rb"\x0a\x0d\x0d\x0a", PCAP),  # pcapng
    (rb"(?:\xef\xbb\xbf)?\s*[\[{]", OTHER_JSON),
    (rb"PK\x03\x04", ZIP),
    (rb"SQLite format 3\x00", SQLITE),
    (rb"\x37\x7f\x06[\x82\x83]", JOURNAL),
    (rb"\x78[\x01\x5e\x9c\xda]", "packed with zlib (mitmproxy's .zhar: save it as .har)"),
    (rb"\xff\xfe|\xfe\xff", UTF_16),
    (rb"(?:#[^\n]*\n|\s)*(?:CLIENT|SERVER)_[A-Z_0-9]+ ", "a TLS key log, not the traffic"),
    (rb"(?:\xef\xbb\xbf)?\s*<", "XML or HTML"),
    (rb"[\t\n\r\x20-\x7e]+\Z", TEXT),
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
    if form in (FLOWS, HAR, TABLE, RECORDS):
        yield from unfold(path, form, run, progress)
    elif form == PCAP:
        from portalscope.capture import pcap

        yield from pcap.read_with_keys(path, keylogs, run) if keylogs else pcap.read_pcap(path, run)
    elif form == SAZ:
        yield from saz(path, run)
    elif form == DATABASE:
        yield from transcript(path, run)
    elif form != EMPTY and not (form == JOURNAL and path.with_name(path.name.removesuffix("-wal")).exists()):
        yield broken(path, f"this is {form}, {path.stat().st_size} bytes; {CAN_READ}")
    if progress:
        progress(path.stat().st_size)


def kind(path: Path) -> str:
    """Return what a file is by its first 4 KiB, unpacked if need be: one of `RECORDINGS`, or words for a person."""
    with opened(path) as stream:
        head = stream.read(4096)
        if not head and fault(stream):
            return "a damaged gzip file"
        packed = isinstance(getattr(stream, "raw", None), Unpacked)
    found = next((name for pattern, name in KINDS if re.match(pattern, head)), UNKNOWN)
    if found in (ZIP, SQLITE):
        return f"{found}, packed with gzip: unpack it" if packed else closer(path, found)
    if found in (OTHER_JSON, UTF_16, TEXT, UNKNOWN):
        return RECORDS if is_json(head) else TABLE if is_csv(head) else found
    return found


def closer(path: Path, found: str) -> str:
    """Return what an archive or database is by what is in it."""
    if found == ZIP:
        return SAZ if is_saz(path) else ZIP
    return DATABASE if is_transcript(path) else f"{SQLITE}, but not EventTranscript.db"


def unfold(path: Path, form: str, run: str, progress: Progress | None) -> Iterator[Exchange | Connection | Problem]:
    """Yield what a file holds that may be packed, and a problem if the packing is damaged."""
    with opened(path, progress) as stream:
        if form == FLOWS:
            from portalscope.capture.fast_flows import flows

            yield from flows(stream, path.name, run)
        elif form in TRANSCRIPTS:
            events = ddv_csv if form == TABLE else ddv_json
            yield from events(stream, path.name, run, codec(stream.peek(2)))
        else:
            from portalscope.capture.har import har

            yield from har(stream, path.name, run)
        if why := fault(stream):
            yield broken(path, f"the gzip packing is damaged: {why}")


def broken(path: Path, why: str) -> Problem:
    """Return the problem of a file."""
    return Problem(exchange=path.name, part="file", step="read", why=why)


def opened(path: Path, progress: Progress | None = None) -> "BufferedReader[Any]":
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
