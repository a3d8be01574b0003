"""How a value is written in the text around it, there and back: percent signs, entities, JSON strings, base64."""

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote_from_bytes, unquote_to_bytes


def of_percent(value: bytes) -> bytes:
    """A value of a form or query (WHATWG URL, application/x-www-form-urlencoded)."""
    return unquote_to_bytes(value.replace(b"+", b" ")) if b"%" in value or b"+" in value else value


def to_percent(value: bytes) -> bytes:
    """The same, with percent signs for everything that could mean something."""
    return quote_from_bytes(value, safe="").encode()


def of_entities(value: bytes) -> bytes:
    """Text of XML or HTML."""
    return html.unescape(value.decode("utf-8", "replace")).encode() if b"&" in value else value


def to_entities(value: bytes) -> bytes:
    """The same, with the three signs escaped that mean something in text and attributes."""
    return value.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b'"', b"&quot;")


def of_json(value: bytes) -> bytes:
    """The inside of a JSON string, as it stands if it is none."""
    if b"\\" not in value:
        return value
    try:
        return str(json.loads(b'"' + value + b'"', strict=False)).encode("utf-8", "surrogatepass")
    except ValueError:
        return value


def to_json(value: bytes) -> bytes:
    """The same; ASCII where that is possible."""
    return json.dumps(value.decode("utf-8", "surrogateescape"))[1:-1].encode()


def unbased(value: bytes) -> bytes | None:
    """Base64 or base64url, with line ends, with or without padding; None if it is none."""
    bare = re.sub(rb"\s+", b"", value).rstrip(b"=")
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4), altchars=last_signs(bare), validate=True)
    except binascii.Error:
        return None


def based(data: bytes, like: bytes) -> bytes:
    """Base64 in the alphabet of another text, with padding if that has it, or could have it."""
    made = base64.b64encode(data, last_signs(like))
    return made if len(like.strip()) % 4 == 0 else made.rstrip(b"=")


def last_signs(text: bytes) -> bytes:
    """The last two signs of the alphabet that a text is written in."""
    return b"-_" if b"-" in text or b"_" in text else b"+/"


def quoted(depth: int, value: bytes) -> bytes:
    """A string in the place of a number of JSON, with so many backslashes before its quotation marks."""
    mark = b"\\" * depth + b'"'
    return mark + value + mark


NUMBERS = {f"number {2**level - 1}": 2**level - 1 for level in range(7)}  # JSON in strings of JSON, so many levels
READ: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "json": of_json,
    **dict.fromkeys(NUMBERS, bytes),
    "percent": of_percent,
    "entities": of_entities,
    "base64": lambda value: unbased(value) or value,
}
WRITE: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "json": to_json,
    **{name: partial(quoted, depth) for name, depth in NUMBERS.items()},
    "percent": to_percent,
    "entities": to_entities,
    "base64": base64.b64encode,
}
