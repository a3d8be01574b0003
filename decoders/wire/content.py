"""Content encodings, sniffed and not believed: gzip, zlib, raw deflate, brotli, zstd, also one inside the other.

The C++ SDK labels gzip as deflate (microsoft/cpp_client_telemetry lib/http/HttpRequestEncoder.cpp), proxies unpack
without changing the label, and a body without a label may be packed. Output is capped, so a bomb costs what a body may.
"""

import zlib
from collections.abc import Callable

import brotli
import zstandard

from portalscope.decoders.message import DecodeError

CAP = 16 * 1024 * 1024
MAX_LAYERS = 4
CHUNK = 65536


def unpack(data: bytes, declared: str = "") -> tuple[bytes, tuple[str, ...]]:
    """Return the plain bytes and the encodings that were taken off, outermost first.

    `declared` is the Content-Encoding header. A stream that ends early or goes on too long raises `DecodeError` with
    what was unpacked as `partial` and the bytes that were not read as `rest`.
    """
    layers: list[str] = []
    labels = [label.strip() for label in declared.lower().split(",")]
    while len(layers) < MAX_LAYERS and (name := encoding(data, labels if not layers else [])):
        data = UNPACK[name](data)
        layers.append(name)
    return data, tuple(layers)


def encoding(data: bytes, labels: list[str]) -> str:
    """Name the encoding of these bytes, empty for none. A label counts only where there is no magic number."""
    if data[:3] == b"\x1f\x8b\x08":
        return "gzip"
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return "zstd"
    if (
        len(data) > 2
        and data[0] & 0x0F == 8
        and data[0] >> 4 <= 7
        and (data[0] << 8 | data[1]) % 31 == 0
        and starts(data, 15)
    ):
        return "zlib"
    if "deflate" in labels and starts(data, -15):
        return "deflate"
    return "br" if "br" in labels and starts_brotli(data) else ""


def starts(data: bytes, window: int) -> bool:
    """Whether the first bytes inflate to something, or are all of an empty stream."""
    stream = zlib.decompressobj(window)
    try:
        return bool(stream.decompress(data[:4096], 256)) or stream.eof
    except zlib.error:
        return False


def starts_brotli(data: bytes) -> bool:
    """Whether the first bytes are brotli, and not text that a proxy unpacked already."""
    stream = brotli.Decompressor()
    try:
        found = stream.process(data[:4096])
    except brotli.error:
        return False
    return (bool(found) or stream.is_finished()) and data[:1] not in (b"{", b"[", b"<")


def inflate(data: bytes, window: int, name: str) -> bytes:
    """Inflate; gzip members that follow each other belong together."""
    out: list[bytes] = []
    size, rest = 0, data
    while rest:
        stream = zlib.decompressobj(window)
        try:
            piece = stream.decompress(rest, CAP - size)
        except zlib.error as error:
            return part(out, size, rest, f"{name}: {error}", data)
        out.append(piece)
        size += len(piece)
        if size >= CAP:
            raise DecodeError(f"{name}: more than {CAP} bytes when unpacked", rest, b"".join(out))
        if not stream.eof:
            return part(out, size, b"", f"{name}: the stream ends early", data)
        rest = stream.unused_data
        if rest and rest[:2] != b"\x1f\x8b":
            raise DecodeError(f"{name}: bytes after the end of the stream", rest, b"".join(out))
    return b"".join(out)


def part(out: list[bytes], size: int, rest: bytes, why: str, data: bytes) -> bytes:
    """Report a stream that broke off, with what came out of it."""
    if size == 0:
        raise DecodeError(why, data)
    raise DecodeError(why, rest, b"".join(out))


def unbrotli(data: bytes) -> bytes:
    """Brotli, in pieces, up to the cap."""
    stream, out, size = brotli.Decompressor(), [], 0
    pending = data
    try:
        while not stream.is_finished() and size < CAP:
            piece = stream.process(pending, output_buffer_limit=CHUNK)
            pending = b""
            if not piece and stream.can_accept_more_data():
                break
            out.append(piece)
            size += len(piece)
    except brotli.error as error:
        return part(out, size, b"", f"br: {error}", data)
    if size >= CAP:
        raise DecodeError(f"br: more than {CAP} bytes when unpacked", b"", b"".join(out))
    if not stream.is_finished():
        return part(out, size, b"", "br: the stream ends early", data)
    return b"".join(out)


def unzstd(data: bytes) -> bytes:
    """Zstandard, in pieces: `max_output_size` is no limit when the frame states its size."""
    out, size = [], 0
    try:
        reader = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(data, read_across_frames=True)
        while piece := reader.read(CHUNK):
            out.append(piece)
            size += len(piece)
            if size >= CAP:
                raise DecodeError(f"zstd: more than {CAP} bytes when unpacked", b"", b"".join(out))
    except zstandard.ZstdError as error:
        return part(out, size, b"", f"zstd: {error}", data)
    return b"".join(out)


UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: inflate(data, 31, "gzip"),
    "zlib": lambda data: inflate(data, 15, "zlib"),
    "deflate": lambda data: inflate(data, -15, "deflate"),
    "br": unbrotli,
    "zstd": unzstd,
}
