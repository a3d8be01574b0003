"""What each connection of a client came to, seen from the proxy: exchanges, a failed handshake, or silence."""

from collections.abc import Iterator
from dataclasses import dataclass

from mitmproxy.connection import Client, Server
from mitmproxy.flow import Flow
from mitmproxy.http import HTTPFlow

from portalscope.capture.as_sent import address, text, utc, valid
from portalscope.capture.exchange import Connection

SILENT = "established, then silent"
LONGEST = 200  # characters of a reason; OpenSSL and the resolver write it, and nothing bounds it


@dataclass(slots=True)
class Attempt:
    """A client's connection to one server so far. `told` is set when it stands in the recording already."""

    client: Client
    server: Server
    to: tuple[str, int]
    host: str = ""
    exchanges: int = 0
    why: str = ""
    told: bool = False


class Attempts:
    """All connections that are open; rows are given out once, when the end is known.

    A client that speaks to the proxy in the clear can reach several servers through one connection: each is an attempt.
    """

    def __init__(self) -> None:
        self.open: dict[str, dict[tuple[str, int], Attempt]] = {}

    def of(self, client: Client, server: Server, to: tuple[str, int] = ("", 0)) -> Attempt:
        """Return the attempt of a client at a server, a new one if it is the first that is heard of it.

        `to` is where it wanted to go: mitmproxy's server has no address when there was no connection.
        """
        to = (server.address or to)[:2]
        return self.open.setdefault(client.id, {}).setdefault(to, Attempt(client, server, to))

    def behind(self, flow: Flow, host: str) -> Attempt:
        """Return the attempt that a flow came out of; `host` is what it was for."""
        to = (flow.request.host, flow.request.port) if isinstance(flow, HTTPFlow) else ("", 0)
        attempt = self.of(flow.client_conn, flow.server_conn, to)
        attempt.host = host
        attempt.server = flow.server_conn if flow.server_conn.address else attempt.server
        return attempt

    def recorded(self, flow: Flow, host: str) -> None:
        """Count an exchange. Any other flow says itself what there is to say of its connection."""
        attempt = self.behind(flow, host)
        if isinstance(flow, HTTPFlow):
            attempt.exchanges += 1
        else:
            attempt.told = True

    def refused(self, flow: Flow, host: str, why: str) -> None:
        """Learn why a flow was not recorded."""
        attempt = self.behind(flow, host)
        attempt.why = attempt.why or why

    def failed(self, client: Client, server: Server, why: str) -> None:
        """Learn why nothing can be read from a connection; the first reason is the cause."""
        attempt = self.of(client, server)
        attempt.why = attempt.why or why

    def over(self, client: Client, untouched: str) -> Iterator[Connection]:
        """Yield a row for each server that a client which is gone tried to reach; see `row` for `untouched`."""
        for attempt in self.open.pop(client.id, {}).values():
            if not attempt.told:
                yield row(attempt, untouched)

    def rest(self, untouched: str) -> Iterator[Connection]:
        """Yield what is still open."""
        for attempts in list(self.open.values()):
            yield from self.over(next(iter(attempts.values())).client, untouched)


def destination(flow: Flow) -> str:
    """Return the host that a flow was for: by the request itself, by the TLS handshake, or by the address."""
    if isinstance(flow, HTTPFlow):
        return valid(flow.request.pretty_host)
    return valid(flow.client_conn.sni or (flow.server_conn.address or ("",))[0])


def row(attempt: Attempt, untouched: str) -> Connection:
    """Return what is known of a connection. `untouched` is what it means when neither TLS nor a request was seen."""
    client, server, (name, port) = attempt.client, attempt.server, attempt.to
    reason = attempt.why or (SILENT if client.tls_established else untouched)
    return Connection(
        id="",
        run="",
        at=utc(client.timestamp_start),
        transport=transport(client),
        host=valid(client.sni or attempt.host or name),
        port=port,
        ip=None if server.via else address(server.peername[0] if server.peername else name),
        sni=valid(client.sni) if client.sni else None,
        alpn=text(client.alpn) if client.alpn else None,
        opaque_because=None if attempt.exchanges else valid(reason)[:LONGEST],
        exchanges=attempt.exchanges,
        source="proxy",
    )


def transport(client: Client) -> str:
    """Return tcp, tls, quic or udp: what the client spoke."""
    if client.transport_protocol == "udp":
        return "quic" if client.tls else "udp"
    return "tls" if client.tls else "tcp"


def handshake(error: str | None) -> str:
    """Return why a handshake failed, without the ClientHello that mitmproxy quotes when it cannot parse it."""
    said = error or "no reason given"
    return f"tls failed: {said.partition(':')[0] if said.startswith('Cannot parse') else said}"
