"""An HTTP message as it stood on the wire, in a file of its own: start line, header fields, body (RFC 9112)."""

import re
from typing import NamedTuple

from portalscope.capture.as_sent import text
from portalscope.capture.exchange import Headers, first

END = re.compile(rb"\r?\n\r?\n")
FOLDED = re.compile(rb"\r?\n[ \t]+")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
CUT = "the chunked body ends early"


class RawMessage(NamedTuple):
    """`start` is the request or status line in its three parts; `why` says what the body lacks."""

    start: tuple[str, str, str]
    headers: Headers
    body: bytes
    why: str = ""


def raw_message(data: bytes) -> RawMessage:
    """Take a message apart. ValueError: it has no start line.

    The body is as it was packed, its chunks joined: a body that does not begin like a chunk was joined already.
    """
    end = END.search(data)
    head, body = (data[: end.start()], data[end.end() :]) if end else (data, b"")
    line, _, fields = FOLDED.sub(b" ", head.lstrip(b"\r\n")).partition(b"\n")
    parts = text(line.strip()).split(" ", 2)
    if len(parts) < 2 or not all(parts[:2]):
        raise ValueError("no start line")
    headers = tuple(field(one) for one in fields.splitlines() if one.strip())
    why = ""
    if first(headers, "transfer-encoding").lower().endswith("chunked") and CHUNK.match(body):
        body, trailers, why = joined(body)
        headers += trailers
    return RawMessage((parts[0], parts[1], parts[2] if len(parts) > 2 else ""), headers, body, why)


def field(line: bytes) -> tuple[str, str]:
    """Return name and value of one header field."""
    name, _, value = line.partition(b":")
    return text(name.strip()), text(value.strip())


def joined(data: bytes) -> tuple[bytes, Headers, str]:
    """Return the body of a chunked message, its trailer fields, and what is wrong with it (RFC 9112, 7.1)."""
    pieces: list[bytes] = []
    at = 0
    while size := CHUNK.match(data, at):
        length = int(size[1], 16)
        if not length:
            fields = data[size.end() :].splitlines()
            return b"".join(pieces), tuple(field(one) for one in fields if b":" in one), ""
        pieces.append(data[size.end() : size.end() + length])
        at = size.end() + length
        if at > len(data):
            break
        at += 2 if data[at : at + 2] == b"\r\n" else 1
    return b"".join(pieces), (), CUT
