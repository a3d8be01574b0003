"""One request, seen twice: on the way to a proxy, and from the proxy to the server. It counts once.

A capture on the proxy's machine holds both sides of every exchange, and a key log of the proxy opens both. The client's
side is kept, because it is what the device sent; it gets the server's address from the other side. A pair is two
exchanges with the same method, host, path, query and body, of which one went to a proxy. The proxy's side without a
partner is an exchange of its own; the client's side without one has no server address.
"""

import hashlib
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from portalscope.capture.exchange import Exchange

PATIENCE = timedelta(minutes=2)  # between the end of one side and the end of the other
MOST_HELD = 1 << 26  # bytes of bodies
PROXY = "mitmproxy"

type Print = tuple[str, str, str, str, bytes]


class Twins:
    """Takes exchanges as they end and gives back each one once; `held` are proxy sides whose partner may still come."""

    def __init__(self) -> None:
        self.held: deque[tuple[Print, Exchange]] = deque()
        self.size = 0
        self.passed: dict[Print, deque[datetime]] = {}

    def take(self, exchange: Exchange, *, proxied: bool, proxy_known: bool) -> Iterator[Exchange]:
        """Yield what is certain now. `proxied`: it went to a proxy; `proxy_known`: the capture shows one so far."""
        ended = exchange.at + timedelta(seconds=exchange.duration or 0)
        yield from self._late(ended)
        if proxied:
            yield self._with_partner(exchange, ended)
        elif not proxy_known:
            yield exchange
        elif not self._owed(exchange, ended):
            self.held.append((fingerprint(exchange), exchange))
            self.size += _size(exchange)

    def rest(self) -> Iterator[Exchange]:
        """Yield the proxy's sides that nobody asked for."""
        while self.held:
            yield self._release()

    def _late(self, now: datetime) -> Iterator[Exchange]:
        while self.held and (self.size > MOST_HELD or now - self.held[0][1].at > PATIENCE):
            yield self._release()

    def _release(self) -> Exchange:
        _, exchange = self.held.popleft()
        self.size -= _size(exchange)
        return exchange

    def _with_partner(self, exchange: Exchange, ended: datetime) -> Exchange:
        mark = fingerprint(exchange)
        for place, (other, partner) in enumerate(self.held):
            if other == mark:
                del self.held[place]
                self.size -= _size(partner)
                return replace(exchange, server_ip=partner.server_ip, tls=exchange.tls or partner.tls)
        self.passed.setdefault(mark, deque(maxlen=64)).append(ended)
        return unreached(exchange)

    def _owed(self, exchange: Exchange, ended: datetime) -> bool:
        """Say whether the client's side came first: then this one is its partner."""
        times = self.passed.get(fingerprint(exchange))
        while times and ended - times[0] > PATIENCE:
            times.popleft()
        return bool(times and times.popleft())


def unreached(exchange: Exchange) -> Exchange:
    """Return an exchange as unanswered if its answer is the proxy's own word for a server that it could not reach."""
    by_proxy = exchange.response_header("server").startswith(PROXY)
    if exchange.status != 502 or not by_proxy:
        return exchange
    return replace(
        exchange, status=None, response_headers=(), response_body=b"", error="proxy could not reach the server"
    )


def fingerprint(exchange: Exchange) -> Print:
    """Return what both sides of an exchange have in common."""
    body = hashlib.sha256(exchange.body).digest()
    return exchange.method, exchange.host, exchange.path, exchange.query, body


def _size(exchange: Exchange) -> int:
    return len(exchange.body) + len(exchange.response_body)
