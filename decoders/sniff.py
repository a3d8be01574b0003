"""No adapter says how a body is built: ways to open it, the likeliest first, by its first bytes and its type."""

from collections.abc import Iterator

from portalscope.decoders.wire.form import looks_like_form
from portalscope.decoders.wire.media import media_kind

TEXT = ("text",)
LINES = ("json-stream", "ndjson", "jsonlines", "json-seq")
BY_TYPE = {
    "msgpack": ("messagepack",),
    "cbor": ("cbor",),
    "grpc": ("grpc",),
    "protobuf": ("protobuf",),
    "bond": ("bond",),
    "wbxml": ("wbxml",),
    "multipart/": ("multipart",),
    "plist": ("plist",),
    "aspen-mdm": ("plist",),
    "javascript": ("script",),
    "ecmascript": ("script",),
    "text/css": ("style",),
}


def ways(data: bytes, content_type: str) -> Iterator[tuple[str, ...]]:
    """Yield step lists to try in turn. Formats without a magic number need their content type."""
    kind = content_type.lower()
    head = data[:256].lstrip(b"\xef\xbb\xbf \t\r\n\x00")[:64]
    yield from ((("json-lines",),) if any(name in kind for name in LINES) else ())
    if head[:1] in (b"{", b"["):
        yield ("json",)
        yield ("json-lines",)
    yield from marked(data, head, kind)
    if kind.startswith("application/x-www-form-urlencoded") or (not kind and looks_like_form(data[:4096])):
        yield ("form",)
    yield from (steps for name, steps in BY_TYPE.items() if name in kind)
    yield ("media",)
    if "json" in kind or not kind:
        yield ("json",)
    if looks_like_form(data[:4096]):
        yield ("form",)
    yield TEXT


def marked(data: bytes, head: bytes, kind: str) -> Iterator[tuple[str, ...]]:
    """Formats that their first bytes give away."""
    if media_kind(data):
        yield ("media",)
    if data[:8] == b"bplist00" or b"<plist" in data[:512]:
        yield ("plist",)
    if data[:4] in (b"CB\x01\x00", b"CB\x02\x00"):
        yield ("bond",)
    if (
        data[:1] == b"\x03"
        and data[1:3] in (b"\xa4\x01", b"\xa1\x53")
        and "xml" not in kind.removeprefix("application/vnd.syncml.dm+wb")
    ):
        yield ("wbxml",)
    if head[:1] == b"<" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield from (("html",),) if is_html(head, kind) else (("xml",), ("html",))
    if head[:2] == b"--":
        yield ("multipart",)


def is_html(head: bytes, kind: str) -> bool:
    """A web page, not an XML message."""
    return "html" in kind or head[:14].lower().startswith((b"<!doctype html", b"<html"))
