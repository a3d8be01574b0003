"""An HTTP exchange while it is still being put together from both directions of a connection."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from portalscope.capture.as_sent import text
from portalscope.capture.exchange import Exchange
from portalscope.capture.packets.authority import authority
from portalscope.capture.packets.seen import moment
from portalscope.capture.packets.talk import Facts
from portalscope.capture.packets.tls_hello import VERSIONS
from portalscope.capture.problem import Problem

LARGEST_BODY = 1 << 26
_ABSOLUTE = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)(.*)\Z", re.IGNORECASE | re.DOTALL)

type RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an exchange was seen: the file, the run, the server's end of the connection, what is known of it."""

    file: str
    run: str
    ip: str
    port: int
    facts: Facts


@dataclass(slots=True)
class Half:
    """A request or a response: `first` is its target or status, `at` and `last` µs, `trouble` what it lacks."""

    first: bytes = b""
    headers: RawHeaders = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    at: int = 0
    last: int = 0
    done: bool = False
    trouble: str = ""

    def add(self, data: bytes) -> None:
        """Add bytes of the body, up to a limit."""
        if len(self.body) + len(data) <= LARGEST_BODY:
            self.body += data
        else:
            self.trouble = self.trouble or f"body is larger than {LARGEST_BODY} bytes: the rest was left out"


@dataclass(slots=True)
class Draft:
    """`scheme` and `authority` are what the request line or the pseudo-headers say, empty when they do not."""

    http: str
    method: str = ""
    scheme: str = ""
    authority: str = ""
    request: Half = field(default_factory=Half)
    response: Half = field(default_factory=Half)

    @property
    def answered(self) -> bool:
        """Whether there is a response, whole or not."""
        return bool(self.response.first)

    def exchange(self, place: Place) -> Exchange:
        """Return what was put together so far; its id is still empty."""
        scheme, named, target = self._target(place)
        host, port = authority(named)
        path, _, query = target.partition("?")
        facts = place.facts
        answer = self.response if self.answered else None
        usual = {"http": 80, "https": 443}.get(scheme) if facts.proxied else None
        return Exchange(
            id="",
            run=place.run,
            at=moment(self.request.at),
            method=self.method,
            scheme=scheme,
            host=(host or facts.host or facts.sni or place.ip).lower(),
            port=port or facts.port or usual or place.port,
            path=path,
            query=query,
            http=self.http,
            headers=_texts(self.request.headers),
            body=bytes(self.request.body),
            status=int(answer.first) if answer else None,
            response_headers=_texts(answer.headers) if answer else (),
            response_body=bytes(answer.body) if answer else b"",
            server_ip=None if facts.proxied else place.ip,
            tls=VERSIONS.get(facts.version) if facts.version else None,
            error=None if answer else self.response.trouble or "no answer in the capture",
            duration=(answer.last - self.request.at) / 1e6 if answer and answer.done else None,
        )

    def problems(self, exchange: str) -> Iterator[Problem]:
        """Yield what is missing of the request and of an answer that has begun."""
        if not self.request.done or self.request.trouble:
            why = self.request.trouble or "request is not complete in the capture"
            yield Problem(exchange=exchange, part="body", step="http", why=why)
        if self.answered and (not self.response.done or self.response.trouble):
            why = self.response.trouble or "response is not complete in the capture"
            yield Problem(exchange=exchange, part="response", step="http", why=why)

    def _target(self, place: Place) -> tuple[str, str, str]:
        target = text(self.request.first)
        absolute = _ABSOLUTE.match(target)
        if absolute:  # what a client says to a proxy (RFC 9112, 3.2.2)
            return absolute[1].lower(), absolute[2], absolute[3] or "/"
        scheme = self.scheme or ("https" if place.facts.version else "http")
        host = next((text(value) for name, value in self.request.headers if name.lower() == b"host"), "")
        return scheme, self.authority or host, target


def _texts(headers: RawHeaders) -> tuple[tuple[str, str], ...]:
    return tuple((text(name), text(value)) for name, value in headers)
