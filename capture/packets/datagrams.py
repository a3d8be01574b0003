"""UDP: pairs DNS questions with answers, and follows QUIC from its first Initial packet."""

from dataclasses import dataclass, field

from portalscope.capture.packets.conversations import reverse
from portalscope.capture.packets.dns import DnsMessage, Names, parse_dns
from portalscope.capture.packets.quic import InitialHello, is_initial
from portalscope.capture.packets.slicing import Packet
from portalscope.capture.packets.tls_hello import ClientHello

DNS = (53).to_bytes(2)
MOST_OPEN = 10_000
MOST_TRIES = 8  # datagrams that a ClientHello may be spread over

OTHER_UDP = "UDP, but neither DNS nor QUIC"
BAD_DNS = "datagram of port 53 that is no DNS message"


@dataclass(slots=True, kw_only=True)
class Lookup:
    """A DNS question with its answer, if one came. `sent` and `received` are payload bytes, None when not seen."""

    at: int
    key: bytes
    message: DnsMessage
    sent: int | None = None
    received: int | None = None


@dataclass(slots=True, kw_only=True)
class QuicFlow:
    """A QUIC connection as seen from outside; `key` as the client's packets have it."""

    at: int
    last: int
    key: bytes
    sent: int = 0
    received: int = 0
    tries: int = 0
    hello: ClientHello | None = None
    collecting: InitialHello | None = field(default_factory=InitialHello)


class Datagrams:
    """All UDP traffic of a capture. `done` holds lookups and QUIC connections that are over, for the caller to take."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.asked: dict[tuple[bytes, int, str], Lookup] = {}
        self.quic: dict[bytes, QuicFlow] = {}
        self.done: list[Lookup | QuicFlow] = []

    def datagram(self, at: int, packet: Packet) -> str | None:
        """Take a datagram; return why it is not understood, None when it is."""
        _, key, length, payload, *_ = packet
        if DNS in (key[-4:-2], key[-2:]):
            return self._dns(at, key, length, payload)
        flow = self.quic.get(key) or self.quic.get(reverse(key))
        if flow is None and is_initial(payload):
            flow = self.quic[key] = QuicFlow(at=at, last=at, key=key)
            self._forget()
        if flow is None:
            return OTHER_UDP
        self._quic(flow, at, key, length, payload)
        return None

    def sweep(self, at: int, idle: int) -> None:
        """End what has been quiet for more than `idle` µs."""
        for flow in [flow for flow in self.quic.values() if at - flow.last > idle]:
            self.done.append(self.quic.pop(flow.key))
        for place in [place for place, lookup in self.asked.items() if at - lookup.at > idle]:
            self.done.append(self.asked.pop(place))

    def _dns(self, at: int, key: bytes, length: int, payload: bytes) -> str | None:
        try:
            message = parse_dns(payload)
        except ValueError:
            return BAD_DNS
        if not message.response:
            place = key, message.id, message.question
            self.asked.setdefault(place, Lookup(at=at, key=key, message=message, sent=length))
            self._forget()
            return None
        self.names.learn(message)
        question = self.asked.pop((reverse(key), message.id, message.question), None)
        lookup = question or Lookup(at=at, key=reverse(key), message=message)
        lookup.message, lookup.received = message, length
        self.done.append(lookup)
        return None

    def _quic(self, flow: QuicFlow, at: int, key: bytes, length: int, payload: bytes) -> None:
        flow.last = at
        if key != flow.key:
            flow.received += length
            return
        flow.sent += length
        if flow.collecting is None:
            return
        flow.tries += 1
        try:
            flow.hello = flow.collecting.feed(payload)
        except ValueError:
            flow.tries = MOST_TRIES
        if flow.hello or flow.tries >= MOST_TRIES:
            flow.collecting = None

    def _forget(self) -> None:
        if len(self.quic) > MOST_OPEN:
            self.done.append(self.quic.pop(next(iter(self.quic))))
        if len(self.asked) > MOST_OPEN:
            self.done.append(self.asked.pop(next(iter(self.asked))))
