"""Find out what is spoken on a connection, and hand its bytes to the reader for that: TLS, a proxy's tunnel, HTTP."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from portalscope.capture.packets.tcp import Listener

ENOUGH = 8  # bytes of a client that tell TLS from HTTP from anything else
PATIENCE = 1 << 16  # what a server may say before the client speaks
ABSOLUTE = (b"http://", b"https://")  # a full URL in the request line means that a proxy was asked (RFC 9112, 3.2.2)
PREFACE = b"PRI * HTTP/2.0"  # RFC 9113, 3.4
DEEPEST = 4  # a tunnel in TLS to a proxy, TLS in that
_METHOD = re.compile(rb"[A-Z]{3,20}(?: |\Z)")
_TLS = re.compile(rb"\x16(?:\x03|\Z)")


@dataclass(slots=True)
class Facts:
    """What a connection says of itself while it is read. `host` and `port` are the ones asked of a proxy or in HTTP."""

    spoken: str = ""
    host: str | None = None
    port: int | None = None
    proxied: bool = False
    sni: str | None = None
    alpn: str | None = None
    version: int | None = None
    opaque: str | None = None


type Opener = Callable[["Talk"], Listener]


class Talk:
    """Listens to both directions until it knows the protocol; `done` when nothing more is of interest."""

    def __init__(self, openers: dict[str, Opener], facts: Facts | None = None, depth: int = 0) -> None:
        self.openers = openers
        self.facts = facts or Facts()
        self.depth = depth
        self.done = False
        self.reader: Listener | None = None
        self.early = {True: bytearray(), False: bytearray()}

    def data(self, at: int, chunk: bytes, *, client: bool) -> None:
        """Take the next bytes of a direction."""
        if self.done:
            return
        if self.reader is not None:
            self.reader.data(at, chunk, client=client)
            return
        self.early[client] += chunk
        if client:
            self._decide(at)
        elif len(self.early[False]) > PATIENCE:
            self.stop("server speaks first: neither HTTP nor TLS")

    def gap(self, size: int, *, client: bool) -> None:
        """Learn that `size` bytes of a direction were not captured."""
        if self.done:
            return
        if self.reader is not None:
            self.reader.gap(size, client=client)
        else:
            self.stop("start of the connection was not captured")

    def close(self) -> None:
        """Learn that both directions ended."""
        if self.reader is not None:
            self.reader.close()
        elif not self.done and (self.early[True] or self.early[False]):
            self.stop("neither HTTP nor TLS" if self.early[True] else "established, then silent")

    def stop(self, because: str | None = None) -> None:
        """Listen no more; `because` tells why the rest stays closed."""
        self.done = True
        self.facts.opaque = because or self.facts.opaque

    def inside(self) -> "Talk":
        """Return a talk for what is inside this one; it adds to the same facts."""
        talk = Talk(self.openers, self.facts, self.depth + 1)
        if talk.depth > DEEPEST:
            talk.stop("more layers than anybody nests")
        return talk

    def _decide(self, at: int) -> None:
        spoken = protocol(bytes(self.early[True][:32]))
        if not spoken:
            return
        if spoken not in self.openers:
            self.facts.spoken = self.facts.spoken or "other"
            self.stop("neither HTTP nor TLS")
            return
        if spoken != "tunnel":
            self.facts.spoken = self.facts.spoken or spoken
        self.reader = self.openers[spoken](self)
        for client in (True, False):
            if self.early[client] and not self.done:
                self.reader.data(at, bytes(self.early[client]), client=client)
        self.early = {True: bytearray(), False: bytearray()}


def protocol(start: bytes) -> str:
    """Name the protocol of a client's first bytes, empty when it is too early to say.

    One of tls, tunnel (CONNECT), proxied (a full URL), http, h2, other.
    """
    if _TLS.match(start):
        return "tls" if len(start) > 1 else ""
    if not _METHOD.match(start):
        return "other" if len(start) >= ENOUGH or (start and not start.isalpha()) else ""
    if b" " not in start:
        return ""
    if PREFACE.startswith(start) or start.startswith(PREFACE):
        return "h2" if len(start) >= len(PREFACE) else ""
    if start.startswith(b"CONNECT "):
        return "tunnel"
    target = start.partition(b" ")[2].lower()
    if target.startswith(ABSOLUTE):
        return "proxied"
    return "" if any(url.startswith(target) for url in ABSOLUTE) else "http"
