"""Content encodings, sniffed and not believed: gzip, zlib, raw deflate, brotli, zstd, also one inside the other.

The C++ SDK labels gzip as deflate (microsoft/cpp_client_telemetry lib/http/HttpRequestEncoder.cpp), proxies unpack
without changing the label, and a body without a label may be packed. Output is capped, so a bomb costs what a body may.
"""

import re
import zlib
from collections.abc import Callable

import brotli
import zstandard

from portalscope.decoders.message import DecodeError

CAP = 16 * 1024 * 1024
MAX_LAYERS = 4
CHUNK, SLICE = 65536, 256
ZSTD = b"\x28\xb5\x2f\xfd"
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def unpack(data: bytes, declared: str = "", cap: int = CAP) -> tuple[bytes, tuple[str, ...]]:
    """Return the plain bytes and the encodings that were taken off, outermost first.

    `declared` is the Content-Encoding header, `cap` how many bytes may come out. A stream that ends early or goes on
    too long raises `DecodeError` with what was unpacked as `partial` and the bytes that were not read as `rest`.
    """
    layers: list[str] = []
    labels = [label.strip() for label in declared.lower().split(",")]
    while len(layers) < MAX_LAYERS and (name := encoding(data, labels if not layers else [])):
        data = UNPACK[name](data, cap)
        layers.append(name)
    return data, tuple(layers)


def encoding(data: bytes, labels: list[str]) -> str:
    """Name the encoding of these bytes, empty for none. A label counts only where there is no magic number."""
    if data[:3] == b"\x1f\x8b\x08":
        return "gzip"
    if data[:4] == ZSTD:
        return "zstd"
    if is_zlib(data) and starts(data, 15):
        return "zlib"
    if not labels or is_text(data):  # a proxy may have unpacked it and left the label on
        return ""
    if "deflate" in labels and starts(data, -15):
        return "deflate"
    return "br" if "br" in labels and starts_brotli(data) else ""


def is_zlib(data: bytes) -> bool:
    """The two bytes that begin a zlib stream (RFC 1950)."""
    return len(data) > 2 and data[0] & 0x0F == 8 and data[0] >> 4 <= 7 and (data[0] << 8 | data[1]) % 31 == 0


def is_text(data: bytes) -> bool:
    """Whether these bytes can be read as they are: UTF-8 without control characters."""
    head = data[:4096]
    return not _CONTROL.search(head) and _whole(head)


def _whole(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and len(head) == 4096  # a character that the cut went through
    return True


def starts(data: bytes, window: int) -> bool:
    """Whether the first bytes inflate to something, or are all of an empty stream."""
    stream = zlib.decompressobj(window)
    try:
        return bool(stream.decompress(data[:4096], 256)) or stream.eof
    except zlib.error:
        return False


def starts_brotli(data: bytes) -> bool:
    """Whether the first bytes are brotli."""
    stream = brotli.Decompressor()
    try:
        return bool(stream.process(data[:4096])) or stream.is_finished()
    except brotli.error:
        return False


def inflate(data: bytes, window: int, name: str, cap: int) -> bytes:
    """Inflate; gzip members that follow each other belong together."""
    out: list[bytes] = []
    size, rest = 0, data
    while rest:
        stream = zlib.decompressobj(window)
        try:
            piece = stream.decompress(rest, cap + 1 - size)
        except zlib.error as error:
            return part(out, rest, f"{name}: {error}", data)
        out.append(piece)
        size += len(piece)
        if size > cap:
            return part(out, stream.unconsumed_tail or rest[-1:], f"{name}: more than {cap} bytes when unpacked", data)
        if not stream.eof:
            return part(out, b"", f"{name}: the stream ends early", data)
        rest = stream.unused_data
        if rest and rest[:2] != b"\x1f\x8b":
            return part(out, rest, f"{name}: bytes after the end of the stream", data)
    return b"".join(out)


def part(out: list[bytes], rest: bytes, why: str, data: bytes) -> bytes:
    """Report a stream that broke off, with what came out of it."""
    found = b"".join(out)
    raise DecodeError(why, rest, found) if found else DecodeError(why, data)


def unbrotli(data: bytes, cap: int) -> bytes:
    """Brotli, in pieces, up to the cap; how much of the input was read it does not say."""
    stream, out, size = brotli.Decompressor(), [], 0
    pending = data
    try:
        while not stream.is_finished() and size <= cap:
            piece = stream.process(pending, output_buffer_limit=CHUNK)
            pending = b""
            if not piece and stream.can_accept_more_data():
                break
            out.append(piece)
            size += len(piece)
    except brotli.error as error:
        return part(out, b"", f"br: {error}", data)
    if size > cap:
        return part(out, data, f"br: more than {cap} bytes when unpacked", data)
    if not stream.is_finished():
        return part(out, b"", "br: the stream ends early", data)
    return b"".join(out)


def unzstd(data: bytes, cap: int) -> bytes:
    """Zstandard, fed in small slices: 256 bytes become at most 11 MB, whatever the frame says of its size."""
    out: list[bytes] = []
    size, rest = 0, data
    while rest:
        stream, position = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj(), 0
        try:
            while not stream.eof and position < len(rest) and size <= cap:
                out.append(stream.decompress(rest[position : position + SLICE]))
                size += len(out[-1])
                position += SLICE
        except zstandard.ZstdError as error:
            return part(out, rest[position:], f"zstd: {error}", data)
        left = stream.unused_data + rest[position:]
        if size > cap:
            return part(out, left or rest[-1:], f"zstd: more than {cap} bytes when unpacked", data)
        if not stream.eof:
            return part(out, b"", "zstd: the stream ends early", data)
        rest = left
        if rest and rest[:4] != ZSTD:
            return part(out, rest, "zstd: bytes after the end of the stream", data)
    return b"".join(out)


UNPACK: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": lambda data, cap: inflate(data, 31, "gzip", cap),
    "zlib": lambda data, cap: inflate(data, 15, "zlib", cap),
    "deflate": lambda data, cap: inflate(data, -15, "deflate", cap),
    "br": unbrotli,
    "zstd": unzstd,
}
