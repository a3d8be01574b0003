"""Values inside values: JSON in a string, base64 of JSON, a JWT, the query of a URL. The path says how."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from portalscope.decoders import steps
from portalscope.decoders.message import DecodeError, Scalar, Tree
from portalscope.decoders.wire.content import unpack
from portalscope.decoders.wire.form import grouped

MAX_DEPTH = 6
SHORT = 128
VALUE_CAP = 2 * 1024 * 1024  # what may come out of one packed value
LONG_NUMBER = 40  # a shorter row of digits is a number, not text in hex
LEAST = 4  # no shorter value holds another format
_BASE64 = re.compile(r"[A-Za-z0-9+/]{12,}={0,2}|[A-Za-z0-9_-]{12,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-f]{2}){8,}|(?:[0-9A-F]{2}){8,}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s<>\"]+")
_FORM = re.compile(r"[\w.%~+-]{1,64}=[^&=\s]*(?:&[\w.%~+-]{1,64}=[^&\s]*)+")
_JWT = re.compile(r"(?:[A-Za-z]{3,12} )?ey[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){1,3}")
_SCHEME = re.compile(r"(?:Bearer|PoP|DPoP|MSAPass|WLID1\.0|XBL3\.0) ([^\s=,]{8,}=*)")
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
# Nothing to look for, at the price of one expression: a GUID, or a text that begins like none of the formats.
_PLAIN = re.compile(
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    r"|(?!\s*[{\[<]|(?:[A-Za-z]{3,12} )?ey|(?:Bearer|PoP|DPoP|MSAPass|WLID1\.0|XBL3\.0) "
    r"|[A-Za-z][A-Za-z0-9+.-]{1,20}://|[A-Za-z0-9+/_-]{12,}+={0,2}\Z)[^&%]*+"
)

type Opening = tuple[str, Tree]


def open_value(value: Scalar) -> Opening | None:
    """Return (label, tree) when another format stands in a value, None when it is a plain value."""
    if isinstance(value, bytes):
        return packed(value)
    if not isinstance(value, str) or len(value) < 5 or _PLAIN.fullmatch(value):
        return None
    return short(value) if len(value) <= SHORT else looked(value)


def looked(value: str) -> Opening | None:
    """The first look that finds something."""
    return next((found for look in LOOKS if (found := look(value)) is not None), None)


short = lru_cache(65536)(looked)  # telemetry repeats itself: states, versions, names


def attempt(label: str, step: str, data: bytes) -> Opening | None:
    """Open with one step, or not at all."""
    try:
        tree, faults = steps.run((step,), data)
    except DecodeError:
        return None
    return None if faults else (label, tree)


def json_inside(value: str) -> Opening | None:
    """An object or a list, written out in a string."""
    stripped = value.strip()
    if len(stripped) < 3 or (stripped[0] + stripped[-1]) not in ("{}", "[]"):
        return None
    return attempt("json", "json", stripped.encode("utf-8", "surrogatepass"))


def jwt_inside(value: str) -> Opening | None:
    """A JSON web token, with or without `Bearer ` in front."""
    if "ey" not in value or not _JWT.fullmatch(value):
        return None
    return attempt("jwt", "jwt", value.rpartition(" ")[2].encode())


def token_inside(value: str) -> Opening | None:
    """A token behind its scheme, so that it is the same value as where it was handed out."""
    found = _SCHEME.fullmatch(value)
    return ("token", found[1]) if found else None


def xml_inside(value: str) -> Opening | None:
    """Markup, escaped into a string."""
    stripped = value.strip()
    if stripped[:1] != "<" or stripped[-1:] != ">":
        return None
    return attempt("xml", "xml", stripped.encode("utf-8", "surrogatepass"))


def url_inside(value: str) -> Opening | None:
    """The query and fragment of a URL; its host and path stay what they are, a URL."""
    if not _URL.fullmatch(value):
        return None
    try:
        url = urlsplit(value)
    except ValueError:
        return None
    tree: dict[str, Tree] = {}
    for name, text in (("query", url.query), ("fragment", url.fragment if "=" in url.fragment else "")):
        if text:
            tree[name] = grouped(text)
    return ("url", tree) if tree else None


def form_inside(value: str) -> Opening | None:
    """`a=1&b=2` in a string."""
    return ("form", grouped(value)) if "&" in value and _FORM.fullmatch(value) else None


def percent_inside(value: str) -> Opening | None:
    """Percent escapes that are left after the query was decoded: encoded twice."""
    if not _ESCAPED.search(value) or "://" in value:
        return None
    try:
        plain = unquote(value, errors="strict")
    except UnicodeDecodeError:
        return None
    return ("percent", plain) if plain != value and plain.isprintable() else None


def base64_inside(value: str) -> Opening | None:
    """Base64 or base64url of something that opens: packed bytes, JSON, XML, or readable text."""
    if len(value) % 4 == 1 or not _BASE64.fullmatch(value):
        return None
    padded = value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4)
    try:
        data = base64.b64decode(padded, altchars=b"-_" if "-" in value or "_" in value else None, validate=True)
    except (binascii.Error, ValueError):
        return None
    found = packed(data)
    if found is None and (text := readable(data)) is not None:
        return "base64", text
    return None if found is None else (f"base64|{found[0]}" if found[0] else "base64", found[1])


def hex_inside(value: str) -> Opening | None:
    """Readable text, written as hex."""
    if not _HEX.fullmatch(value) or (value.isdigit() and len(value) < LONG_NUMBER):
        return None
    text = readable(bytes.fromhex(value))
    return None if text is None else ("hex", text)


def packed(data: bytes) -> Opening | None:
    """Bytes that give themselves away: compressed, property lists, certificates, XML, JSON, text."""
    if len(data) < 4:
        return None
    try:
        plain, layers = unpack(data, cap=VALUE_CAP)
    except DecodeError:
        return None
    label = "|".join(layers)
    for step in magic(plain):
        if found := attempt("|".join((*layers, step)), step, plain):
            return found
    if not layers:
        return None
    text = readable(plain)
    return (label, plain if text is None else text)


def magic(data: bytes) -> Iterator[str]:
    """Steps for bytes with a magic number."""
    head = data.lstrip()[:1]
    if data[:8] == b"bplist00":
        yield "plist"
    elif data[:2] == b"0\x82" or data[:2] == b"0\x81":
        yield "der"
    elif head in (b"{", b"["):
        yield "json"
    elif head == b"<":
        yield "plist"
        yield "xml"
    elif data[4:7] == b"\x1f\x8b\x08":
        yield "ime-payload"


def readable(data: bytes) -> str | None:
    """Text in UTF-8 or UTF-16 that a person could read, None for anything else."""
    if len(data) < 6:
        return None
    codec = "utf-16-le" if len(data) % 2 == 0 and data[1::2].count(0) > len(data) // 3 else "utf-8"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    return text if all(c.isprintable() or c in "\r\n\t" for c in text) else None


LOOKS: tuple[Callable[[str], Opening | None], ...] = (
    json_inside,
    jwt_inside,
    token_inside,
    xml_inside,
    url_inside,
    form_inside,
    percent_inside,
    hex_inside,
    base64_inside,
)
