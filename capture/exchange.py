"""Exchange, Connection, Step: what was on the wire, exactly as it was sent, nothing decoded."""

from dataclasses import dataclass
from datetime import datetime

type Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request with its answer, if there was one.

    `id` names the raw file and the position in it (`flows.mitm#12`), so that every statement can be checked there.
    `body` and `response_body` are as sent: still compressed. `host` is the name that the client asked for; `server_ip`
    the address that answered, None when the source does not say. `error` is set when the request was attempted and
    never answered. Times are aware UTC. Header names keep their case.
    """

    id: str
    run: str
    at: datetime
    method: str
    scheme: str
    host: str
    port: int
    path: str
    query: str = ""
    http: str = ""
    headers: Headers = ()
    body: bytes = b""
    status: int | None = None
    response_headers: Headers = ()
    response_body: bytes = b""
    server_ip: str | None = None
    tls: str | None = None
    error: str | None = None
    duration: float | None = None

    def header(self, name: str) -> str:
        """Return the first request header of that name, whatever its case; empty when there is none."""
        return first(self.headers, name)

    def response_header(self, name: str) -> str:
        """Return the first response header of that name, whatever its case; empty when there is none."""
        return first(self.response_headers, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One attempt to reach a server. What stayed closed is evidence too.

    `transport` is tcp, tls, quic or dns; `opaque_because` says why no exchange could be read from it (`tls failed: …`,
    `established, then silent`, `not intercepted`), None when it was opened. `sent` and `received` are bytes of payload,
    None when unknown. `cnames` is the chain of names that DNS gave for `host`, in order; `exchanges` how many exchanges
    came out of it.
    """

    id: str
    run: str
    at: datetime
    transport: str
    host: str
    port: int
    ip: str | None = None
    sni: str | None = None
    alpn: str | None = None
    sent: int | None = None
    received: int | None = None
    opaque_because: str | None = None
    cnames: tuple[str, ...] = ()
    exchanges: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A mark in the scenario: "signed in", "usage data switched off"."""

    run: str
    at: datetime
    name: str


def first(headers: Headers, name: str) -> str:
    """Return the first value of a header, whatever the case of its name."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), "")
