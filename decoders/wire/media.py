"""Documents that are not telemetry: pictures, films, fonts, archives, programs, dumps, scripts. Their kind and size.

Magic numbers: WHATWG MIME Sniffing and the formats' own specifications.
"""

import json
import re

from portalscope.decoders.message import DecodeError, Media, Tree
from portalscope.decoders.wire.archive import archive

MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"BM", "image/bmp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (8, b"WAVE", "audio/wav"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
    (0, b"OTTO", "font/otf"),
    (0, b"\x00\x01\x00\x00\x00", "font/ttf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"BZh", "application/x-bzip2"),
    (257, b"ustar", "application/x-tar"),
    (0, b"MSCF\x00\x00\x00\x00", "application/vnd.ms-cab-compressed"),
    (0, b"MDMP", "application/x-dmp"),
    (0, b"PAGEDU64", "application/x-dmp"),
    (0, b"PAGEDUMP", "application/x-dmp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x00asm", "application/wasm"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"dex\n", "application/vnd.android.dex"),
    (0, b"Cr24", "application/x-chrome-extension"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
SCRIPTS = {"javascript": "text/javascript", "ecmascript": "text/javascript", "text/css": "text/css"}
FAMILIES = ("image/", "audio/", "video/", "font/")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SVG = re.compile(rb"(?:\s|<\?xml[^>]*>|<!--.{0,500}?-->|<!DOCTYPE svg[^>]*>)*<svg[\s>]", re.DOTALL | re.IGNORECASE)


def media_kind(data: bytes, content_type: str = "") -> str | None:
    """Name what these bytes are, None when they may be data. The bytes are believed more than the content type."""
    if (kind := magic(data)) is not None:
        return kind
    declared = content_type.lower().partition(";")[0].strip()
    if _SVG.match(data[:2048]):
        return "image/svg+xml"
    for name, kind in SCRIPTS.items():
        if name in declared and not _CONTROL.search(data[:512]) and not is_json(data):
            return kind
    if declared.startswith(FAMILIES) and _CONTROL.search(data[:512]):
        return declared
    return None


def magic(data: bytes) -> str | None:
    """The kind that the magic number says."""
    for position, number, kind in MAGIC:
        if data.startswith(number, position):
            return None if kind == "image/bmp" and data[6:10] != bytes(4) else kind
    if data[:2] == b"MZ" and b"PE\x00\x00" in data[:2048]:
        return "application/vnd.microsoft.portable-executable"
    return None


def is_json(data: bytes) -> bool:
    """Whether a script is nothing but JSON: then it is data, whatever its type says."""
    if data.lstrip()[:1] not in (b"{", b"["):
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def media(data: bytes) -> Tree:
    """A document by its magic number: kind and size; of a zip archive also the names and sizes of its files."""
    kind = media_kind(data)
    if kind is None:
        raise DecodeError("media: no magic number", data)
    return archive(data) if kind == "application/zip" else Media(kind, len(data), data)


def script(data: bytes) -> Tree:
    """JavaScript, where the content type says so: only its size."""
    return declared(data, "text/javascript")


def style(data: bytes) -> Tree:
    """A style sheet, where the content type says so: only its size."""
    return declared(data, "text/css")


def declared(data: bytes, content_type: str) -> Tree:
    """A document that has no magic number and is what its type says."""
    kind = media_kind(data, content_type)
    if kind is None:
        raise DecodeError(f"media: not {content_type}", data)
    return Media(kind, len(data), data)
