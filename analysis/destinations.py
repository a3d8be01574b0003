"""Where requests and connections of one run went: hosts with addresses, counted."""

from dataclasses import dataclass
from ipaddress import ip_address

from portalscope.analysis.regions import read_header
from portalscope.capture.exchange import Connection, Exchange, Headers

MOST = 20  # headers of a destination that name a place


@dataclass(slots=True, kw_only=True)
class Destination:
    """One host at one address, None when the source does not say.

    `cnames` is what DNS gave for the host, `headers` those of its answers that name a place.
    """

    host: str
    server_ip: str | None
    cnames: tuple[str, ...] = ()
    headers: Headers = ()
    requests: int = 0
    request_bytes: int = 0
    connections: int = 0
    closed: int = 0

    @property
    def key(self) -> str:
        """What the other tables call it: `host@address`, or `host` alone."""
        return f"{self.host}@{self.server_ip}" if self.server_ip else self.host


class Destinations:
    """All destinations of one run, in order of appearance."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str | None], Destination] = {}
        self.cnames: dict[str, tuple[str, ...]] = {}

    def exchange(self, exchange: Exchange) -> str:
        """Count a request; return the key of its destination."""
        found = self.at(exchange.host, exchange.server_ip)
        found.requests += 1
        found.request_bytes += len(exchange.body)
        new = set(exchange.response_headers) - set(found.headers)
        placing = sorted(pair for pair in new if read_header(*pair))
        found.headers = (*found.headers, *placing)[:MOST]
        return found.key

    def connection(self, connection: Connection) -> str:
        """Count a connection; return the key of its destination.

        A question to DNS is no connection to the host, and one that never left the device reaches no destination.
        """
        host = connection.host.lower()
        if len(connection.cnames) > len(self.cnames.get(host, ())):
            self.cnames[host] = connection.cnames
        if connection.transport == "dns" or on_the_device(host):
            return ""
        found = self.at(host, connection.ip)
        found.connections += 1
        found.closed += connection.opaque_because is not None
        return found.key

    def at(self, host: str, server_ip: str | None) -> Destination:
        """Return the destination, a new one if need be."""
        key = (host.lower(), server_ip or None)
        if key not in self.known:
            self.known[key] = Destination(host=key[0], server_ip=key[1])
        return self.known[key]

    def all(self) -> list[Destination]:
        """Return every destination with what DNS said of its host, whenever it said so."""
        for found in self.known.values():
            found.cnames = self.cnames.get(found.host, ())
        return list(self.known.values())


def on_the_device(host: str) -> bool:
    """Whether a host is the device itself, by address: loopback, without any name that was asked for."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
