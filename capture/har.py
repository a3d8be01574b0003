"""HAR files (HTTP Archive 1.2, with the additions of mitmproxy, Chrome, Firefox and Charles) to exchanges."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO

from portalscope.capture.as_sent import address, utc, valid
from portalscope.capture.entries import entries
from portalscope.capture.exchange import Exchange, Headers
from portalscope.capture.har_body import request_body, response_body, unpacked
from portalscope.capture.problem import Problem
from portalscope.capture.websocket import message

type Json = Any  # what json gives; what is not there or of another type is caught in one place, in `of_entry`

URL = re.compile(
    r"(?P<scheme>[A-Za-z][\w+.-]*)://(?:[^/?#]*@)?(?P<host>\[[^\]]*\]|[^/?#:]*)(?::(?P<port>\d*))?"
    r"(?P<path>(?:/[^?#]*)?)(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.DOTALL,
)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*(?=:(?!\d))", re.IGNORECASE)  # `host:443` has none
PORTS = {"http": 80, "https": 443}
SCHEMES = {"ws": "http", "wss": "https"}  # a WebSocket begins as a request
VERSIONS = {"h2": "HTTP/2.0", "http/2": "HTTP/2.0", "http/2.0": "HTTP/2.0", "h3": "HTTP/3", "http/3.0": "HTTP/3"}


def har(stream: BinaryIO, name: str, run: str) -> Iterator[Exchange | Problem]:
    """Yield the exchanges of a HAR file, one entry in memory at a time; ids are `name#position of the entry`.

    Bodies of a HAR file are unpacked already, whatever Content-Encoding says. A damaged entry is a problem that holds
    its JSON. What a HAR file leaves out, a body that was sent and is not there, is a problem too.
    """
    count = 0
    try:
        for entry, json in entries(stream):
            yield from of_entry(entry, json, run, f"{name}#{count}")
            count += 1
    except EOFError as error:
        yield broken(name, f"the file ends inside entry {count}: {error}")
    except ValueError as error:
        yield broken(name, f"not a HAR file from entry {count} on: {error}")


def broken(where: str, why: str, rest: bytes = b"", part: str = "file") -> Problem:
    """Return the problem of an entry or of the file."""
    return Problem(exchange=where, part=part, step="har", why=why, rest=rest)


def of_entry(entry: Json, json: str, run: str, where: str) -> list[Exchange | Problem]:
    """Return what one entry says, or its problem."""
    try:
        if why := unsent(entry):
            return [broken(where, why)]
        return list(read_entry(entry, run, where))
    except KeyError as error:
        why = f"the entry has no {error}"
    except (AttributeError, LookupError, OverflowError, TypeError, ValueError) as error:
        why = f"damaged entry ({type(error).__name__})"
    return [broken(where, why, json.encode(errors="surrogateescape"))]


def unsent(entry: Json) -> str | None:
    """Return why a browser's entry is no request over the network, None if it is one."""
    if entry.get("_fromCache"):
        return "answered from the browser's cache: nothing was sent"
    scheme = SCHEME.match(entry["request"]["url"])
    if scheme and scheme[0].lower() not in (*PORTS, *SCHEMES):
        return f"a URL of {scheme[0].lower()[:20]}: is not fetched over the network: nothing was sent"
    return None


def read_entry(entry: Json, run: str, where: str) -> Iterator[Exchange | Problem]:
    """Yield the exchange of one entry, what its bodies lack, and the messages of its WebSocket."""
    sent, sent_lacks = request_body(entry["request"])
    received, received_lacks = response_body(entry["response"])
    handshake = exchange(entry, run, where, sent, received)
    yield handshake
    if entry["response"].get("_charlesStatus") == "EXCEPTION":
        received_lacks = received_lacks or "the connection broke before the answer was whole"
    for part, lacks in (("body", sent_lacks), ("response", received_lacks)):
        if lacks:
            yield broken(where, lacks, part=part)
    for number, said in enumerate(entry.get("_webSocketMessages") or ()):
        content = unpacked(said["data"]) if said["opcode"] == 2 else valid(said["data"]).encode()
        yield message(handshake, number, content, at=utc(said["time"]), sent=said["type"] == "send")


def exchange(entry: Json, run: str, where: str, body: bytes, response_body: bytes) -> Exchange:
    """Return the exchange of one entry. The URL is taken apart as it stands: nothing in it is decoded."""
    request, response = entry["request"], entry["response"]
    tunnel = request["method"] == "CONNECT" and "://" not in request["url"]  # `host:443`, as it is on the wire
    url = URL.fullmatch(valid(f"https://{request['url']}" if tunnel else request["url"]))
    if not url:
        raise ValueError("not the URL of a request")
    scheme = SCHEMES.get(url["scheme"].lower(), url["scheme"].lower())
    status = int(response["status"])
    return Exchange(
        id=where,
        run=run,
        at=when(entry["startedDateTime"]),
        method=valid(request["method"]),
        scheme=scheme,
        host=url["host"].strip("[]"),
        port=int(url["port"] or PORTS[scheme]),
        path=url["path"] or "/",
        query=url["query"] or "",
        http=version(request.get("httpVersion") or ""),
        headers=headers(request["headers"]),
        body=body,
        status=status if status > 0 else None,
        response_headers=headers(response["headers"]),
        response_body=response_body,
        server_ip=address(entry.get("serverIPAddress")),
        tls=tls(entry.get("_securityDetails") or {}),
        error=None if status > 0 else valid(response.get("_error") or "no answer in the recording"),
        duration=entry["time"] / 1000 if entry.get("time", -1) >= 0 else None,
    )


def when(iso: str) -> datetime:
    """Return the UTC time of an ISO 8601 time; one without time zone is taken for UTC."""
    at = datetime.fromisoformat(iso)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def version(written: str) -> str:
    """Return the HTTP version as mitmproxy writes it; browsers write `h2` or `http/2.0`."""
    return VERSIONS.get(written.lower(), valid(written).upper())


def tls(details: Mapping[str, Json]) -> str | None:
    """Return the TLS version as mitmproxy writes it (`TLSv1.3`); Playwright writes `TLS 1.3`."""
    protocol = str(details.get("protocol") or "")
    return protocol.replace("TLS ", "TLSv") or None


def headers(fields: list[Json]) -> Headers:
    """Return header fields as they stand, without HTTP/2's pseudo-headers: they are the request line (RFC 9113)."""
    named = ((field["name"], field["value"]) if isinstance(field, dict) else (field[0], field[1]) for field in fields)
    return tuple((valid(name), valid(value)) for name, value in named if not name.startswith(":"))
