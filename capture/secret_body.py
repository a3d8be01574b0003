"""A body without its secrets: unpacked, cleaned, and packed again in the same way, if anything was replaced."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import brotli
import zstandard

from portalscope.capture.secret_names import Kind
from portalscope.capture.secret_plist import MAGIC, clean_plist
from portalscope.capture.secret_text import CONTROL, Found, Text

CAP = 32 << 20  # bytes; what unpacks to more is cut there, because the rest could not be looked through
LAYERS = 3
BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
PIECE = 1 << 20

type Unpacked = tuple[bytes, bool]


@dataclass(frozen=True, slots=True)
class Body:
    """A body on its way: `plain` is its inside, `layers` the ways it is packed, outermost first.

    `size` is what `plain` was at first, so that a change is known; `cut`: there was more than `CAP`.
    """

    sent: bytes
    plain: bytes
    layers: tuple[str, ...]
    form: bool = False
    cut: bool = False
    changed: bool = False

    def cleaned(self, text: Text, found: Found) -> "Body":
        """Return the body without its secrets."""
        return self.put(clean_plain(self.plain, text, found, form=self.form))

    def without(self, text: Text, found: Found, values: list[bytes]) -> "Body":
        """Return the body without certain values."""
        fixed = CONTROL.search(self.plain) is not None
        return self.put(text.literal(self.plain, values, found, fixed=fixed))

    def put(self, plain: bytes) -> "Body":
        """Return the body with another inside."""
        return self if plain == self.plain else replace(self, plain=plain, changed=True)

    def written(self) -> bytes:
        """Return the bytes to be kept: those that were sent, if nothing changed."""
        if not self.changed and not self.cut:
            return self.sent
        data = self.plain
        for layer in reversed(self.layers):
            data = PACK[layer](data)
        return data


def opened(sent: bytes, content_type: str, encoding: str) -> Body:
    """Return a body, unpacked by what its bytes look like; the header is only asked where bytes do not say it."""
    plain, layers, cut = sent, [], False
    for declared in (encoding, ""):
        for name, unpack in ways(plain, declared):
            inner, more = unpack(plain)
            if inner:
                plain, cut = inner, cut or more
                layers.append(name)
                break
    form = "x-www-form-urlencoded" in content_type.lower()
    return Body(sent, plain, tuple(layers), form=form, cut=cut)


def ways(data: bytes, declared: str) -> Iterator[tuple[str, Callable[[bytes], Unpacked]]]:
    """The ways in which bytes may be packed. What is called deflate is sent with and without a head, and as gzip."""
    if data[:3] == b"\x1f\x8b\x08":
        yield "gzip", lambda data: inflated(data, 31)
    elif data[:4] == b"\x28\xb5\x2f\xfd":
        yield "zstd", unzstd
    elif len(data) > 2 and data[0] & 0xF == 8 and int.from_bytes(data[:2]) % 31 == 0:
        yield "zlib", lambda data: inflated(data, 15)
    if "deflate" in declared.lower():
        yield "deflate", lambda data: inflated(data, -15)
    if "br" in declared.lower().replace(" ", "").split(","):
        yield "br", unbrotli


def inflated(data: bytes, window: int) -> Unpacked:
    """What gzip, zlib or raw deflate holds, and whether there is more; nothing if it is none. Gzip may have members."""
    out, rest = b"", data
    while rest and len(out) < CAP:
        unpack = zlib.decompressobj(window)
        try:
            out += unpack.decompress(rest, CAP - len(out))
        except zlib.error:
            return out, bool(out) and rest is not data
        if unpack.unconsumed_tail or not unpack.eof:
            return out, bool(unpack.unconsumed_tail)
        rest = unpack.unused_data if window == 31 else b""
    return out, bool(rest)


def unbrotli(data: bytes) -> Unpacked:
    """What Brotli holds (RFC 7932)."""
    unpack, out = brotli.Decompressor(), b""
    try:
        for start in range(0, len(data), 4096):
            out += unpack.process(data[start : start + 4096])
            if len(out) > CAP:
                return out[:CAP], True
    except brotli.error:
        return b"", False
    return out, False


def unzstd(data: bytes) -> Unpacked:
    """What Zstandard holds (RFC 8878)."""
    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(data, read_across_frames=True) as stream:
            out = b""
            while len(out) <= CAP and (piece := stream.read(PIECE)):
                out += piece
    except zstandard.ZstdError:
        return b"", False
    return out[:CAP], len(out) > CAP


def clean_plain(data: bytes, text: Text, found: Found, *, form: bool) -> bytes:
    """Return an unpacked body without its secrets. In binary formats every replacement is as long as the secret."""
    if data.startswith(MAGIC):
        data = clean_plist(data, text.names, lambda kind, value: fitted(text, found, kind, value))
    wide = BOMS.get(data[:2]) or (("utf-16-le" if data[1:4:2] == b"\0\0" else "") if data[:1] in (b"<", b"{") else "")
    if not wide:
        return text.clean(data, found, form=form, fixed=CONTROL.search(data) is not None)
    try:
        narrow = data.decode(wide).encode()
    except UnicodeError:
        return text.clean(data, found, fixed=True)
    clean = text.clean(narrow, found)
    return data if clean == narrow else clean.decode().encode(wide)


def fitted(text: Text, found: Found, kind: Kind, value: bytes) -> bytes:
    """A replacement of the same size."""
    found.add(kind.type, value)
    return text.stand_ins.fitted(kind.type, value, len(value))


def deflated(data: bytes) -> bytes:
    """Raw deflate (RFC 1951)."""
    pack = zlib.compressobj(wbits=-15)
    return pack.compress(data) + pack.flush()


PACK: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 6, mtime=0),
    "zlib": zlib.compress,
    "deflate": deflated,
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}
