"""mitmproxy's flow records straight to exchanges: only what is needed is read, and no Flow is built.

Whatever is not plain HTTP of the current version with a whole answer goes the way of `capture.flows`, which decides
what it means. What is skipped here (certificates, backups) is not checked either.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import BinaryIO

from portalscope.capture import as_sent
from portalscope.capture.as_sent import text, utc
from portalscope.capture.exchange import Connection, Exchange, Headers
from portalscope.capture.flow_records import records
from portalscope.capture.problem import Problem

# Keys of a record with the types that tell nothing unusual: `,` bytes `;` text `#` int `^` float `!` bool `~` null
# `}` object `]` list. Source: mitmproxy/flow.py, http.py and connection.py, format version 21.
FLOW = {
    b"version": b"#", b"type": b";", b"id": b";", b"error": b"}~", b"client_conn": b"}", b"server_conn": b"}",
    b"intercepted": b"!", b"is_replay": b";~", b"marked": b";", b"metadata": b"}", b"comment": b";",
    b"timestamp_created": b"^#", b"backup": b"}~", b"request": b"}", b"response": b"}", b"websocket": b"~",
}  # fmt: skip
MESSAGE = {
    b"http_version": b",", b"headers": b"]", b"content": b",", b"trailers": b"~", b"timestamp_start": b"^",
    b"timestamp_end": b"^~",
}  # fmt: skip
REQUEST = MESSAGE | {
    b"host": b";", b"port": b"#", b"method": b",", b"scheme": b",", b"authority": b",", b"path": b",",
}  # fmt: skip
RESPONSE = MESSAGE | {b"status_code": b"#", b"reason": b","}
CONNECTION = {
    b"peername": b"]~", b"sockname": b"]~", b"id": b";", b"transport_protocol": b";", b"error": b";~", b"tls": b"!",
    b"certificate_list": b"]", b"alpn": b",~", b"alpn_offers": b"]", b"cipher": b";~", b"cipher_list": b"]",
    b"tls_version": b";~", b"sni": b";~", b"timestamp_start": b"^~", b"timestamp_end": b"^~",
    b"timestamp_tls_setup": b"^~",
}  # fmt: skip
CLIENT = CONNECTION | {b"mitmcert": b",~", b"proxy_mode": b";"}
SERVER = CONNECTION | {b"address": b"]~", b"via": b"]~", b"timestamp_tcp_setup": b"^~"}
TLS = frozenset(
    (b"SSLv3", b"TLSv1", b"TLSv1.1", b"TLSv1.2", b"TLSv1.3", b"DTLSv0.9", b"DTLSv1", b"DTLSv1.2", b"QUICv1")
)

VERSION = b"21"
LABEL = rb"(?!xn--)[A-Za-z0-9_-]{1,63}"
AUTHORITY = re.compile(rb"(%b(?:\.%b){1,9})(?::\d{1,4})?" % (LABEL, LABEL))
ADDRESS = re.compile(rb"[0-9A-Fa-f.:]{2,45}")

type Span = tuple[int, int]
type Parts = Mapping[bytes, Span]


class UnusualError(Exception):
    """A record that is left to `capture.flows`."""


def flows(stream: BinaryIO, name: str, run: str, first: int = 0) -> Iterator[Exchange | Connection | Problem]:
    """Yield what a flow file holds, as `capture.flows.flows` does; the first record has the number `first`."""
    for index, record in enumerate(records(stream, name, first), first):
        if isinstance(record, Problem):
            yield record
        else:
            yield from seen(record, run, f"{name}#{index}")


def seen(record: bytes, run: str, where: str) -> list[Exchange | Connection | Problem]:
    """Return what one record says: the short way where nothing is unusual."""
    try:
        return [exchange(record, run, where)]
    except (UnusualError, ValueError, OverflowError):
        from portalscope.capture import flows as slow  # mitmproxy takes a while to import

        return slow.seen(record, run, where)


def exchange(record: bytes, run: str, where: str) -> Exchange:
    """Return the exchange of a record. UnusualError or ValueError: `capture.flows` has to look at it."""
    start = record.index(b":") + 1
    flow = parts(record, (start, len(record) - 1), FLOW)
    if cut(record, flow[b"version"]) != VERSION or cut(record, flow[b"type"]) != b"http":
        raise UnusualError
    if b"duplicated" in cut(record, flow[b"metadata"]):
        raise UnusualError
    request, response = parts(record, flow[b"request"], REQUEST), parts(record, flow[b"response"], RESPONSE)
    client, server = parts(record, flow[b"client_conn"], CLIENT), parts(record, flow[b"server_conn"], SERVER)
    path, _, query = text(cut(record, request[b"path"])).partition("?")
    version, sent = cut(record, request[b"http_version"]), pairs(record, request[b"headers"])
    began = float(cut(record, request[b"timestamp_start"]))
    ended = float(cut(record, response[b"timestamp_end"]) or 0)
    return Exchange(
        id=where,
        run=run,
        at=utc(began),
        method=text(cut(record, request[b"method"])),
        scheme=text(cut(record, request[b"scheme"])),
        host=host(version, cut(record, request[b"authority"]), sent),
        port=int(cut(record, request[b"port"])),
        path=path,
        query=query,
        http=text(version),
        headers=headers(sent),
        body=cut(record, request[b"content"]),
        status=int(cut(record, response[b"status_code"])),
        response_headers=headers(pairs(record, response[b"headers"])),
        response_body=cut(record, response[b"content"]),
        server_ip=address(cut(record, server[b"peername"])),
        tls=tls(cut(record, server[b"tls_version"]) or cut(record, client[b"tls_version"])),
        duration=ended - began if ended else None,
    )


def parts(data: bytes, span: Span, expected: Mapping[bytes, bytes]) -> Parts:
    """Return where the values of an object stand. UnusualError: other keys, or other types, than we know."""
    pos, end = span
    found: dict[bytes, Span] = {}
    while pos < end:
        start, stop = one(data, pos, end)
        key = data[start:stop]
        start, pos = one(data, stop + 1, end)
        found[key] = (start, pos)
        if data[stop] != 59 or data[pos] not in expected.get(key, b""):  # keys are text: `;`
            raise UnusualError
        pos += 1
    if len(found) != len(expected):
        raise UnusualError
    return found


def one(data: bytes, pos: int, end: int) -> Span:
    """Return where the tnetstring at `pos` has its bytes; its type stands behind them. ValueError: there is none."""
    colon = data.index(b":", pos, pos + 10)
    digits = data[pos:colon]
    stop = colon + 1 + int(digits)
    if stop >= end or not digits.isdigit():
        raise ValueError("no tnetstring")
    return colon + 1, stop


def cut(data: bytes, span: Span) -> bytes:
    """Return the bytes of a value."""
    return data[span[0] : span[1]]


def pairs(data: bytes, span: Span) -> list[tuple[bytes, bytes]]:
    """Return header fields as sent. UnusualError: one is no pair of bytes."""
    pos, end = span
    found = []
    while pos < end:
        inside, stop = one(data, pos, end)
        name = one(data, inside, stop)
        value = one(data, name[1] + 1, stop)
        pos = stop + 1
        if value[1] + 1 != stop or data[stop] != 93 or data[name[1]] != 44 or data[value[1]] != 44:  # `]`, `,`, `,`
            raise UnusualError
        found.append((data[name[0] : name[1]], data[value[0] : value[1]]))
    return found


def headers(fields: list[tuple[bytes, bytes]]) -> Headers:
    """Return header fields as text."""
    return tuple([(text(name), text(value)) for name, value in fields])


def host(version: bytes, authority: bytes, sent: list[tuple[bytes, bytes]]) -> str:
    """Return the host that the client asked for. UnusualError: it is not said once, as a plain name."""
    if not authority or version not in (b"HTTP/2.0", b"HTTP/3"):
        named = [value for name, value in sent if name.lower() == b"host"]
        authority = named[0] if len(named) == 1 else b""
    if not (found := AUTHORITY.fullmatch(authority)):
        raise UnusualError
    return found[1].decode()


@lru_cache(4096)
def address(peer: bytes) -> str | None:
    """Return the address of a peer, None for none. UnusualError: it is a name, or has more than a port."""
    if not peer:
        return None
    name = one(peer, 0, len(peer))
    port = one(peer, name[1] + 1, len(peer))
    found = cut(peer, name)
    if not ADDRESS.fullmatch(found) or peer[name[1]] != 59 or peer[port[1] :] != b"#" or not cut(peer, port).isdigit():
        raise UnusualError
    return as_sent.address(found.decode())


def tls(version: bytes) -> str | None:
    """Return the version of TLS. UnusualError: there is no such version."""
    if version and version not in TLS:
        raise UnusualError
    return version.decode() or None
