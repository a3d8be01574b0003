"""HAR files without their secrets, entry by entry; of the head of the file only what makes it one is kept."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlencode

from portalscope.capture.entries import entries
from portalscope.capture.secret_flow import MARK, walked
from portalscope.capture.secret_headers import cookie
from portalscope.capture.secret_text import CONTROL, Found
from portalscope.capture.secrets import Message, Noted, Replaced, Secrets

type Json = Any  # what json gives; what is not there or of another type is caught in one place, in `piece`

HEAD = b'{"log": {"version": "1.2", "creator": {"name": "portalscope: cleaned copy", "version": ""}, "entries": [\n'
END = b"\n]}}\n"
BROKEN = b"! broken from here on"
DAMAGED = (AttributeError, LookupError, TypeError, ValueError)


def har_pieces(stream: BinaryIO, secrets: Secrets, noted: Noted) -> Iterator[bytes]:
    """Yield a HAR file without secrets. A file that ends early ends early again, one that is broken is broken there."""
    yield HEAD
    between = b""
    try:
        for entry, text in entries(stream):
            yield between + piece(entry, text, secrets, noted)
            between = b",\n"
        yield END
    except EOFError:
        return
    except ValueError:
        yield between + BROKEN


def piece(entry: Json, text: str, secrets: Secrets, noted: Noted) -> bytes:
    """One entry; as it stands if nothing in it is a secret. What is not built like one is cleaned as text."""
    found = Found()
    try:
        replaced = clean_entry(entry, secrets, found)
    except DAMAGED:
        clean = secrets.text.clean(text.encode(errors="surrogateescape"), found)
        noted.types.update(found.types)
        return clean
    replaced.counts.update({("entry", type_): count for type_, count in found.types.items()})
    noted.add(replaced)
    if not replaced:
        return text.encode(errors="surrogateescape")
    return json.dumps({**entry, f"_{MARK}": replaced.metadata()}).encode()


def clean_entry(entry: Json, secrets: Secrets, found: Found) -> Replaced:
    """Take the secrets out of an entry, in place. One of `DAMAGED`: it is not built like one."""
    request, response = entry["request"], entry["response"]
    post, content = request.get("postData") or {}, response.get("content") or {}
    sockets = entry.get("_webSocketMessages") or []
    before = [
        Message(target=encoded(request["url"]), headers=fields(request), body=body(post, request.get("bodySize"))),
        Message(headers=fields(response), body=body(content, content.get("size"))),
        *(Message(body=body(one, name="data")) for one in sockets),
    ]
    (sent, received, *said), replaced = secrets.clean(before)
    request["url"] = sent.target.decode(errors="surrogatepass")
    for message, clean in ((request, sent), (response, received)):
        message["headers"] = [{"name": decoded(name), "value": decoded(value)} for name, value in clean.headers]
        for one in message.get("cookies") or ():
            whole = cookie(encoded(f"{one['name']}={one['value']}"), secrets.text, found)
            one["value"] = decoded(whole.partition(b"=")[2])
    put(post, before[0], sent, (request, "bodySize"))
    put(content, before[1], received, (content, "size"))
    for one, old, new in zip(sockets, before[2:], said, strict=True):
        put(one, old, new, (one, ""), "data")
    for name, holder in (("queryString", request), ("params", post)):
        pairs(holder.get(name) or [], secrets, found)
    for key in entry.keys() - {"request", "response", "_webSocketMessages"}:
        entry[key] = walked(secrets, entry[key], found)
    if isinstance(response.get("redirectURL"), str):
        response["redirectURL"] = walked(secrets, response["redirectURL"], found)
    return replaced


def fields(message: Json) -> tuple[tuple[bytes, bytes], ...]:
    """Header fields of a message."""
    every = ((one["name"], one["value"]) if isinstance(one, dict) else (one[0], one[1]) for one in message["headers"])
    return tuple((encoded(name), encoded(value)) for name, value in every)


def encoded(text: str) -> bytes:
    """Text of a HAR file as bytes."""
    return text.encode(errors="surrogatepass")


def decoded(data: bytes) -> str:
    """Text of a HAR file."""
    return data.decode(errors="surrogatepass")


def body(holder: Json, size: Json = None, name: str = "text") -> bytes | None:
    """The bytes of a body, of which the file gives the size; None if there is none."""
    text = holder.get(name)
    if not text:
        return None
    if holder.get("encoding") == "base64" or holder.get("opcode") == 2:
        return b64decode(text, validate=True)
    return bytes(text.encode(charset(text, size), "surrogatepass"))


def charset(text: str, size: Json) -> str:
    """In which character set a body is looked through: programs write bytes that are no text as ISO 8859-1."""
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        return "utf-8"
    return "latin-1" if CONTROL.search(raw) or len(raw) == size else "utf-8"


def put(holder: Json, before: Message, clean: Message, counted: tuple[Json, str], name: str = "text") -> None:
    """Put a body back where it changed, and add to its size what it grew by."""
    if before.body is None or clean.body is None or before.body == clean.body:
        return
    where, size = counted
    if holder.get("encoding") == "base64" or holder.get("opcode") == 2:
        holder[name] = b64encode(clean.body).decode()
    else:
        holder[name] = clean.body.decode(charset(holder[name], where.get(size)), "surrogatepass")
    if where.get(size, -1) > 0:
        where[size] += len(clean.body) - len(before.body)


def pairs(every: list[Json], secrets: Secrets, found: Found) -> None:
    """Take the secrets out of a list of parameters, in place."""
    named = [(one["name"], one.get("value") or "") for one in every]
    whole = urlencode(named, errors="surrogatepass").encode()
    clean = secrets.text.clean(whole, found, form=True)
    if clean != whole:
        for one, (_, value) in zip(every, parse_qsl(clean.decode(), keep_blank_values=True), strict=True):
            one["value"] = value
