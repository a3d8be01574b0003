"""mitmproxy's flow files, of any version that mitmproxy reads, to exchanges and connections."""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from mitmproxy.dns import DNSFlow
from mitmproxy.exceptions import FlowReadException
from mitmproxy.flow import Flow
from mitmproxy.http import Headers as FlowHeaders
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader
from mitmproxy.net.dns import types as dns_types
from mitmproxy.tcp import TCPFlow
from mitmproxy.udp import UDPFlow
from mitmproxy.websocket import WebSocketMessage

from portalscope.capture.as_sent import address, text, utc, valid
from portalscope.capture.exchange import Connection, Exchange, Headers
from portalscope.capture.flow_records import broken, records
from portalscope.capture.problem import Problem
from portalscope.capture.websocket import message

# What mitmproxy's reader raises on damaged records, found by changing bytes of real ones.
UNREADABLE = (
    FlowReadException,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


def flows(stream: BinaryIO, name: str, run: str) -> Iterator[Exchange | Connection | Problem]:
    """Yield what a flow file holds, one flow in memory at a time; ids are `name#position among all flows`.

    A flow that cannot be read is a problem that holds its bytes, and the next one is read. Where the file ends inside a
    flow, or stops being a flow file, one last problem says how many bytes were left.
    """
    for index, record in enumerate(records(stream, name)):
        if isinstance(record, Problem):
            yield record
        else:
            yield from seen(record, run, f"{name}#{index}")


def seen(record: bytes, run: str, where: str) -> list[Exchange | Connection | Problem]:
    """Return what one flow says, or its problem."""
    try:
        flow = next(iter(FlowReader(BytesIO(record)).stream()))
        return list(of_flow(flow, run, where))
    except UNREADABLE as error:
        return [broken(where, reason(error), record)]


def reason(error: BaseException) -> str:
    """Return why a flow cannot be read. Only two of mitmproxy's messages are passed on: others quote values."""
    said = str(error)
    if "flow format version" in said or said.startswith("Unknown flow type"):
        return said[:120]
    return f"mitmproxy cannot read this flow ({type(error.__cause__ or error).__name__})"


def of_flow(flow: Flow, run: str, where: str) -> Iterator[Exchange | Connection | Problem]:
    """Yield what a flow of any type says."""
    if isinstance(flow, HTTPFlow):
        yield from http(flow, run, where)
    elif isinstance(flow, DNSFlow):
        yield from lookups(flow, run, where)
    elif isinstance(flow, TCPFlow | UDPFlow):
        yield connection(flow, run, where)


def http(flow: HTTPFlow, run: str, where: str) -> Iterator[Exchange | Problem]:
    """Yield the exchange, the messages of its WebSocket, and a problem for each body that the proxy did not keep.

    Files of before mitmproxy 7 hold a WebSocket's handshake twice; the second one is left out (`duplicated`).
    """
    handshake = exchange(flow, run, where)
    if "duplicated" not in flow.metadata:
        yield handshake
        why = "the proxy did not keep this body (streamed, or broken off)"
        if flow.request.raw_content is None:
            yield Problem(exchange=where, part="body", step="flows", why=why)
        if flow.response and flow.response.raw_content is None:
            yield Problem(exchange=where, part="response", step="flows", why=why)
    for number, said in enumerate(flow.websocket.messages if flow.websocket else ()):
        at, error = utc(said.timestamp), interference(said)
        content = b"" + said.content  # mitmproxy does not check the type: TypeError if a damaged file has no bytes here
        yield message(handshake, number, content, at=at, sent=said.from_client, error=error)


def interference(said: WebSocketMessage) -> str | None:
    """Return what a person at the proxy did to a message, None if nothing."""
    if said.injected:
        return "injected at the proxy"
    return "dropped at the proxy" if said.dropped else None


def exchange(flow: HTTPFlow, run: str, where: str) -> Exchange:
    """Return the exchange of one HTTP flow: bodies as sent, never `content`, which unpacks without limit."""
    request, response = flow.request.data, flow.response.data if flow.response else None
    path, _, query = text(request.path).partition("?")
    return Exchange(
        id=where,
        run=run,
        at=utc(request.timestamp_start),
        method=text(request.method),
        scheme=text(request.scheme),
        host=valid(flow.request.pretty_host or request.host).strip("[]"),
        port=request.port,
        path=path,
        query=query,
        http=text(request.http_version),
        headers=headers(request.headers, request.trailers),
        body=request.content or b"",
        status=response.status_code if response else None,
        response_headers=headers(response.headers, response.trailers) if response else (),
        response_body=(response.content or b"") if response else b"",
        server_ip=address(flow.server_conn.peername[0]) if flow.server_conn.peername else None,
        tls=flow.server_conn.tls_version or flow.client_conn.tls_version,
        error=None if response else valid(flow.error.msg) if flow.error else "no answer in the recording",
        duration=response.timestamp_end - request.timestamp_start if response and response.timestamp_end else None,
    )


def headers(fields: FlowHeaders, trailers: FlowHeaders | None) -> Headers:
    """Return the header fields as sent, with the trailer fields behind them."""
    every = fields.fields + (trailers.fields if trailers else ())
    return tuple((text(name), text(value)) for name, value in every)


def lookups(flow: DNSFlow, run: str, where: str) -> Iterator[Connection]:
    """Yield one connection for each address that DNS gave (id `…#7`, `…#7/ip1`), or one without address."""
    question = flow.request.question
    answers = flow.response.answers if flow.response else []
    names = {answer.name.lower(): answer.domain_name for answer in answers if answer.type == dns_types.CNAME}
    found = [answer.ipv4_address for answer in answers if answer.type == dns_types.A]
    every = [*found, *(answer.ipv6_address for answer in answers if answer.type == dns_types.AAAA)]
    host = valid(question.name) if question else ""
    for number, ip in enumerate(every or [None]):
        yield Connection(
            id=f"{where}/ip{number}" if number else where,
            run=run,
            at=utc(flow.request.timestamp or flow.timestamp_created),
            transport="dns",
            host=host,
            port=flow.server_conn.address[1] if flow.server_conn.address else 53,
            ip=str(ip) if ip else None,
            opaque_because=None if flow.response else "no answer",
            cnames=tuple(chain(host, names)),
            source="proxy",
        )


def chain(host: str, names: dict[str, str]) -> Iterator[str]:
    """Yield the names that stand for a host, in order; a loop ends where it closes."""
    met = {host.lower()}
    while (name := names.get(host.lower())) and name.lower() not in met:
        met.add(name.lower())
        host = name
        yield valid(name)


def connection(flow: TCPFlow | UDPFlow, run: str, where: str) -> Connection:
    """Return the connection of a flow that is not HTTP: how much went each way, not what."""
    client, server = flow.client_conn, flow.server_conn
    sent = sum(len(said.content) for said in flow.messages if said.from_client)
    secured = "quic" if (client.tls_version or "").startswith("QUIC") else "tls"
    host, port = (server.address or server.peername or ("", 0))[:2]
    return Connection(
        id=where,
        run=run,
        at=utc(client.timestamp_start),
        transport=secured if client.tls_version else flow.type,
        host=valid(client.sni or host),
        port=port,
        ip=address(server.peername[0]) if server.peername else address(host),
        sni=valid(client.sni) if client.sni else None,
        alpn=text(client.alpn) if client.alpn else None,
        sent=sent,
        received=sum(len(said.content) for said in flow.messages) - sent,
        opaque_because="not HTTP",
        source="proxy",
    )
