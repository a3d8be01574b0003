"""Open a pcap or pcapng file and hand out its frames; scapy reads the container, nothing above it."""

import gzip
import io
import logging
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

LARGEST_FRAME = 1 << 18  # libpcap's own limit for Ethernet-like links (MAXIMUM_SNAPLEN)
LARGEST_BLOCK = 1 << 24  # of pcapng; Wireshark refuses larger ones too
PCAPNG = b"\x0a\x0d\x0d\x0a"
PCAP = frozenset({b"\xa1\xb2\xc3\xd4", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x4d\x3c\xb2\xa1"})
PCAP_HEADER, FRAME_HEADER = 24, 16
GZIP = b"\x1f\x8b"
SECRETS_BLOCK = 10
TLS_KEY_LOG = 0x544C534B
SECRETS_KEPT = 1 << 26

type Frame = tuple[int, int, bytes]
"""One captured frame: µs since 1970, the LINKTYPE_ number, the bytes from the link layer on."""


@dataclass(slots=True)
class FileNotes:
    """What a capture file says besides its frames: key log lines it brings along, and why reading stopped early."""

    secrets: list[bytes] = field(default_factory=list)
    damage: str = ""


def is_capture(first_bytes: bytes) -> bool:
    """Say whether a file that starts like this is a pcap or pcapng file (a gzip must be opened to know)."""
    return first_bytes[:4] in PCAP or first_bytes[:4] == PCAPNG


def frames(path: Path, notes: FileNotes) -> Iterator[Frame]:
    """Yield the frames of a pcap or pcapng file, gzip'd or not, in the order of the file.

    Reading never raises for what the bytes say: `notes.damage` tells why it stopped. `notes.secrets` grows with the
    TLS key logs (decryption secrets blocks), which stand before the frames they open. OSError if there is no file.
    """
    with path.open("rb") as raw:
        stream = io.BufferedReader(gzip.GzipFile(fileobj=raw)) if raw.peek(2)[:2] == GZIP else raw
        try:
            magic = stream.peek(4)[:4]
        except (OSError, EOFError, zlib.error):
            magic = b""
        if magic == PCAPNG:
            yield from _pcapng(_Watched(stream), notes)
        elif magic in PCAP:
            yield from _pcap(stream, notes)
        else:
            notes.damage = "not a pcap or pcapng file"


def _pcap(stream: BinaryIO, notes: FileNotes) -> Iterator[Frame]:
    reader = _reader(stream, notes)
    if reader is None:
        return
    link, fraction, place = reader.linktype & 0xFFFF, 1000 if reader.nano else 1, PCAP_HEADER
    read = reader._read_packet  # noqa: SLF001 - scapy's own error message names it as the way to raw frames
    while True:
        try:
            data, (seconds, small, _, captured) = read(LARGEST_FRAME)
        except EOFError:
            notes.damage = _end(stream, place)
            return
        if captured > LARGEST_FRAME:
            notes.damage = f"a frame claims {captured} bytes"
            return
        place += FRAME_HEADER + captured
        yield seconds * 1_000_000 + small // fraction, link, data


def _end(stream: BinaryIO, place: int) -> str:
    """Say why there are no more frames, empty when the file ends where the last frame ends."""
    try:
        return "file ends inside a frame" if stream.tell() != place or stream.read(1) else ""
    except (OSError, EOFError, zlib.error):
        return "compressed stream is damaged or cut"


def _pcapng(stream: "_Watched", notes: FileNotes) -> Iterator[Frame]:
    reader = _reader(stream, notes)
    if reader is None:
        return
    reader._read_block = stream.edges(reader._read_block)  # noqa: SLF001 - it has no public sign of a block's edge
    reader.blocktypes[SECRETS_BLOCK] = lambda block, _size: _keep_secrets(reader.endian, block, notes)
    read, at = reader._read_packet, 0  # noqa: SLF001 - as above
    while True:
        try:
            data, about = read(LARGEST_FRAME)
        except EOFError:
            notes.damage = stream.damage()
            return
        if about.tshigh is not None:  # a simple packet block has no time: it gets that of the frame before
            at = ((about.tshigh << 32) + about.tslow) * 1_000_000 // about.tsresol
        yield at, about.linktype, data


def _reader(stream: Any, notes: FileNotes) -> Any:  # noqa: ANN401 - scapy's readers are not typed in full
    from scapy.error import Scapy_Exception
    from scapy.utils import RawPcapNgReader

    logging.getLogger("scapy.runtime").setLevel(logging.ERROR)  # what it warns of, we say in our own words
    try:
        return RawPcapNgReader(stream)  # gives a RawPcapReader when the magic says so
    except Scapy_Exception:
        notes.damage = "header of the file is damaged"
        return None


def _keep_secrets(endian: str, block: bytes, notes: FileNotes) -> None:
    """Keep a TLS key log: type, length, then the text (draft-ietf-opsawg-pcapng, decryption secrets block)."""
    kind, size = struct.unpack_from(endian + "II", block.ljust(8, b"\0"))
    if kind == TLS_KEY_LOG and sum(map(len, notes.secrets)) < SECRETS_KEPT:
        notes.secrets.append(block[8 : 8 + size])


class _Watched:
    """A file that refuses absurd reads and remembers whether one came back short: the mark of a cut file."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.trouble = ""
        self.at_edge = False

    def read(self, size: int) -> bytes:
        if size > LARGEST_BLOCK:
            self.trouble = f"a block claims {size} bytes"
            raise OSError(self.trouble)  # scapy takes it as the end of the file
        try:
            data = self.stream.read(size)
        except (OSError, EOFError, zlib.error):
            self.trouble = "compressed stream is damaged or cut"
            raise
        if len(data) < size and (data or not self.at_edge):
            self.trouble = "file ends inside a block"
        self.at_edge = False
        return data

    def edges(self, read_block: Callable[..., Any]) -> Callable[..., Any]:
        """Return scapy's function for one block so that it tells when it starts: only there may the file end."""

        def read(**size: int) -> object:
            self.at_edge = True
            return read_block(**size)

        return read

    def damage(self) -> str:
        """Say why there are no more frames, empty when the file ends where a block ends."""
        return self.trouble or ("damaged block" if self.stream.read(1) else "")
