"""What a packet capture shows of TCP, DNS and QUIC, written down as connections."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from socket import AF_INET, AF_INET6, inet_ntop

from portalscope.capture.exchange import Connection
from portalscope.capture.packets.conversations import Conversation
from portalscope.capture.packets.datagrams import Lookup, QuicFlow
from portalscope.capture.packets.dns import Names
from portalscope.capture.packets.tls_closed import NOT_INTERCEPTED

LATEST = 253_402_300_799_000_000  # the last second of the year 9999 in µs: more than that no datetime can say
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Seen:
    """Turns what is over into connections; `file` and `run` name where they were seen."""

    file: str
    run: str
    names: Names
    lookups: int = 0
    quics: int = 0

    def tcp(self, conversation: Conversation, exchanges: int = 0) -> Connection:
        """Return a TCP connection. Through a proxy the address is the proxy's: `ip` is None and `source` names it."""
        facts, (ip, port) = conversation.talk.facts, server(conversation.key)
        host = facts.sni or facts.host or conversation.asked or ip
        return Connection(
            id=f"{self.file}#tcp{conversation.number}",
            run=self.run,
            at=moment(conversation.start),
            transport="tls" if facts.spoken == "tls" else "tcp",
            host=host,
            port=(facts.port if facts.proxied else None) or port,
            ip=None if facts.proxied else ip,
            sni=facts.sni,
            alpn=facts.alpn,
            sent=conversation.client.total,
            received=conversation.server.total,
            opaque_because=facts.opaque
            if conversation.client.total or conversation.server.total
            else _silence(conversation),
            cnames=self.names.chain(host),
            exchanges=exchanges,
            source=f"{self.file}, through proxy {ip}:{port}" if facts.proxied else self.file,
        )

    def datagrams(self, over: list[Lookup | QuicFlow]) -> Iterator[Connection]:
        """Yield DNS questions and QUIC connections."""
        for item in over:
            yield self._lookup(item) if isinstance(item, Lookup) else self._quic(item)

    def _lookup(self, lookup: Lookup) -> Connection:
        self.lookups += 1
        message = lookup.message
        return Connection(
            id=f"{self.file}#dns{self.lookups - 1}",
            run=self.run,
            at=moment(lookup.at),
            transport="dns",
            host=message.question,
            port=53,
            ip=next(iter(message.addresses), None),
            sent=lookup.sent,
            received=lookup.received,
            opaque_because=(message.error or None) if message.response else "no answer",
            cnames=message.cnames,
            source=self.file,
        )

    def _quic(self, flow: QuicFlow) -> Connection:
        self.quics += 1
        ip, port = server(flow.key)
        sni = flow.hello.sni if flow.hello else None
        host = sni or self.names.host(ip) or ip
        return Connection(
            id=f"{self.file}#quic{self.quics - 1}",
            run=self.run,
            at=moment(flow.at),
            transport="quic",
            host=host,
            port=port,
            ip=ip,
            sni=sni,
            alpn=",".join(flow.hello.alpn) or None if flow.hello else None,
            sent=flow.sent,
            received=flow.received,
            opaque_because=NOT_INTERCEPTED,
            cnames=self.names.chain(host),
            source=self.file,
        )


def moment(at: int) -> datetime:
    """Return µs since 1970 as a time in UTC; what no calendar holds becomes its last second."""
    return EPOCH + timedelta(microseconds=min(at, LATEST))


def server(key: bytes) -> tuple[str, int]:
    """Return the address and port that a client's packets go to."""
    half = (len(key) - 4) // 2
    return inet_ntop(AF_INET if half == 4 else AF_INET6, key[half : 2 * half]), int.from_bytes(key[-2:])


def _silence(conversation: Conversation) -> str:
    if conversation.answered:
        return "established, then silent"
    return "refused" if conversation.reset else "no answer"
