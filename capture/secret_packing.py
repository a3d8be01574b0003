"""Content codings, there and back, bounded: gzip, zlib, raw deflate, Brotli, Zstandard, by what the bytes look like."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import brotli
import zstandard

CAP = 32 << 20  # bytes; what unpacks to more is cut there, because the rest could not be looked through
PIECE = 1 << 18
WINDOWS = {"gzip": 31, "zlib": 15, "deflate": -15}


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was packed, the bytes that stand behind the packing, and whether there is more than `CAP`."""

    plain: bytes
    rest: bytes = b""
    more: bool = False


def unpack(data: bytes, declared: str) -> tuple[str, Unpacked] | None:
    """Return how bytes are packed and what is in them, None if they are not packed. A stream may break off."""
    for name in ways(data, declared.lower().replace(" ", "")):
        found = UNPACK[name](data)
        if found.plain:
            return name, found
    return None


def ways(data: bytes, declared: str) -> Iterator[str]:
    """The ways in which bytes may be packed. What is called deflate is sent with and without a head, and as gzip."""
    if data[:3] == b"\x1f\x8b\x08":
        yield "gzip"
    elif data[:4] == b"\x28\xb5\x2f\xfd":
        yield "zstd"
    elif len(data) > 2 and data[0] & 0xF == 8 and int.from_bytes(data[:2]) % 31 == 0:
        yield "zlib"
    if "deflate" in declared:
        yield "deflate"
    if "br" in declared.split(","):
        yield "br"


def inflated(data: bytes, window: int) -> Unpacked:
    """What gzip (of several members, too), zlib or raw deflate holds; nothing if it is none."""
    out, rest = bytearray(), data
    while rest:
        stream = zlib.decompressobj(window)
        try:
            out += stream.decompress(rest, CAP + 1 - len(out))
        except zlib.error:
            return Unpacked(bytes(out), rest if out else b"")
        if not stream.eof or len(out) > CAP:
            return bounded(out)
        rest = stream.unused_data
        if window != WINDOWS["gzip"]:
            break
    return Unpacked(bytes(out), rest)


def bounded(out: bytearray) -> Unpacked:
    """What came out, up to `CAP`."""
    return Unpacked(bytes(out[:CAP]), more=len(out) > CAP)


def unbrotli(data: bytes) -> Unpacked:
    """What Brotli holds (RFC 7932)."""
    stream, out, pending = brotli.Decompressor(), bytearray(), data
    try:
        while not stream.is_finished() and len(out) <= CAP:
            piece, pending = stream.process(pending, output_buffer_limit=PIECE), b""
            if not piece and stream.can_accept_more_data():
                break
            out += piece
    except brotli.error:
        return Unpacked(b"")
    return bounded(out)


def unzstd(data: bytes) -> Unpacked:
    """What Zstandard holds (RFC 8878)."""
    out = bytearray()
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(data, read_across_frames=True)
    try:
        while len(out) <= CAP and (piece := reader.read(PIECE)):
            out += piece
    except zstandard.ZstdError:
        return Unpacked(b"")
    return bounded(out)


def deflated(data: bytes) -> bytes:
    """Raw deflate (RFC 1951)."""
    stream = zlib.compressobj(wbits=WINDOWS["deflate"])
    return stream.compress(data) + stream.flush()


UNPACK: Mapping[str, Callable[[bytes], Unpacked]] = {
    "gzip": lambda data: inflated(data, 31),
    "zlib": lambda data: inflated(data, 15),
    "deflate": lambda data: inflated(data, -15),
    "br": unbrotli,
    "zstd": unzstd,
}
PACK: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 6, mtime=0),
    "zlib": zlib.compress,
    "deflate": deflated,
    "br": lambda data: bytes(brotli.compress(data, quality=5)),
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}
