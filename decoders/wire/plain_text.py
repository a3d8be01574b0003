"""Plain text: one leaf, when it is text at all."""

from portalscope.decoders.message import DecodeError, Tree

_CONTROL = frozenset(range(32)) - {9, 10, 13, 27}


def plain_text(data: bytes) -> Tree:
    """UTF-8 or UTF-16 text without control characters."""
    for codec in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            break
        if not _CONTROL.intersection(map(ord, text[:65536])):
            return text
    raise DecodeError("not text", data)
