"""The bytes of a body, from what a HAR file says of it."""

import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

type Json = Any
type Body = tuple[bytes, str | None]

UTF8 = re.compile(r"json|html|xml|javascript|ecmascript|css")  # types of text that are UTF-8 unless they say otherwise
TEXT = re.compile(r"text/|x-www-form-urlencoded|graphql")
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.ASCII | re.IGNORECASE)
ENCODED = re.compile(r"(?:[\w*.~!'():@/;,$?+-]|%[0-9A-Fa-f]{2})*", re.ASCII)
BOUNDARY = re.compile(r"boundary\s*=\s*\"?([^\";,]+)", re.IGNORECASE)


def request_body(request: Json) -> Body:
    """Return the bytes of a request's body and what they lack, None if nothing."""
    size, data = request.get("bodySize", -1), request.get("postData") or {}
    kind = header(request, "content-type") or data.get("mimeType") or ""
    sizes = () if header(request, "content-encoding") else (size,)
    if data.get("encoding") == "base64":
        return unpacked(data["text"]), None
    if data.get("text"):
        return from_text(data["text"], kind, sizes)
    if data.get("params"):
        return form(data["params"], kind), None
    return b"", f"the HAR file leaves out the body of {size} bytes" if size > 0 else None


def response_body(response: Json) -> Body:
    """Return the bytes of an answer's body and what they lack, None if nothing."""
    content = response.get("content") or {}
    size, kind = content.get("size", -1), header(response, "content-type") or content.get("mimeType") or ""
    sizes = (size,) if header(response, "content-encoding") else (size, response.get("bodySize", -1))
    if content.get("encoding") == "base64":
        return unpacked(content["text"]), None
    if content.get("text"):
        return from_text(content["text"], kind, sizes)
    return b"", f"the HAR file leaves out the answer of {size} bytes" if size > 0 and "text" not in content else None


def header(message: Json, name: str) -> str:
    """Return the first header of that name in lower case, as it stands in a HAR file; empty if there is none."""
    fields = (field for field in message["headers"] if isinstance(field, dict))
    return next((str(field["value"]) for field in fields if field["name"].lower() == name), "")


def unpacked(base64: str) -> bytes:
    """Return the bytes of base64 text. ValueError if it is none."""
    return b64decode(base64, validate=True)


def from_text(text: str, kind: str, sizes: tuple[int, ...]) -> Body:
    """Return the bytes that a program showed as text.

    HAR has no mark for the character set of a body, and none that a body was never text: mitmproxy reads Bond as ISO
    8859-1, browsers read everything as UTF-8. So of the possible readings the one counts that has a recorded size;
    where none has (the recorded one is the compressed size), the likeliest.
    """
    if text.isascii():
        return text.encode(), None
    likeliest = b""
    for reading in possible(text, kind):
        likeliest = likeliest or reading
        if len(reading) in sizes:
            return reading, None
    lost = "\ufffd" in text
    return likeliest, "the program that wrote the HAR file replaced bytes of this body by U+FFFD" if lost else None


def possible(text: str, kind: str) -> Iterator[bytes]:
    """Yield the bytes that may have been shown as this text, the likeliest first.

    Bytes that are no UTF-8 are escaped in it (PEP 383). Text that is UTF-8 when it is written as ISO 8859-1 was UTF-8.
    """
    utf8 = text.encode(errors="surrogateescape" if escapes(text) else "surrogatepass")
    latin = encoded(text, "latin-1")
    if charset := CHARSET.search(kind):
        yield from filter(None, [encoded(text, charset[1])])
    if latin is None or UTF8.search(kind) or (TEXT.search(kind) and not is_utf8(latin)):
        yield utf8
    yield from filter(None, [latin])
    yield from (utf8, b"\xef\xbb\xbf" + utf8, *filter(None, [encoded(text, "utf-16-le")]))


def escapes(text: str) -> bool:
    """Whether every lone surrogate in a text stands for a byte."""
    return encoded(text, "utf-8", "surrogateescape") is not None


def encoded(text: str, charset: str, errors: str = "strict") -> bytes | None:
    """Return a text in a character set, None if it has no such characters or is none."""
    try:
        return text.encode(charset, errors)
    except (LookupError, ValueError):
        return None


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def form(params: list[Json], kind: str) -> bytes:
    """Return the body of a form of which only the fields are there, as a browser writes it."""
    if boundary := BOUNDARY.search(kind):
        return b"".join(multipart(params, boundary[1].strip()))
    pairs = [(param["name"], param.get("value") or "") for param in params]
    # Chrome leaves the percent signs in, Charles takes them out.
    raw = all(ENCODED.fullmatch(name) and ENCODED.fullmatch(value) for name, value in pairs)
    return "&".join(f"{n}={v}" if raw else f"{quote_plus(n)}={quote_plus(v)}" for n, v in pairs).encode()


def multipart(params: list[Json], boundary: str) -> Iterator[bytes]:
    """Yield the parts of a multipart form (RFC 7578)."""
    for param in params:
        yield f'--{boundary}\r\nContent-Disposition: form-data; name="{param["name"]}"'.encode()
        yield f'; filename="{param["fileName"]}"'.encode() if param.get("fileName") else b""
        yield f"\r\nContent-Type: {param['contentType']}".encode() if param.get("contentType") else b""
        yield f"\r\n\r\n{param.get('value') or ''}\r\n".encode()
    yield f"--{boundary}--\r\n".encode()
