"""The table of TCP connections: gives each segment to its side, notices beginnings and ends, forgets the idle ones."""

from collections.abc import Callable, Iterator

from portalscope.capture.packets import ACK, FIN, RST, SYN, Packet
from portalscope.capture.talk import Talk, protocol
from portalscope.capture.tcp import SEQUENCE, Side

LINGER = 10_000_000  # µs in which late segments of a closed connection still belong to it
IDLE = 3_600_000_000  # µs without a segment after which a connection is over
MOST = 20_000  # live connections; beyond it the one that was quiet longest ends


class Flow:
    """One TCP connection: `client` sent the SYN (or what looks like a request), `server` is the other side."""

    __slots__ = ("answered", "client", "fins", "key", "last", "number", "reset", "server", "start", "talk")

    def __init__(self, number: int, at: int, key: bytes, client: Side, server: Side) -> None:
        self.number = number
        self.start = self.last = at
        self.key = key  # as the client's packets have it
        self.client = client
        self.server = server
        self.talk: Talk | None = None
        self.answered = False
        self.reset = False
        self.fins = 0

    @property
    def closed(self) -> bool:
        """Whether both ends said goodbye or one broke off."""
        return self.reset or self.fins == 3

    def finish(self) -> None:
        """Hand what is still held to the listener and tell it that this is all."""
        self.client.finish(self.last)
        self.server.finish(self.last)
        if self.talk is not None:
            self.talk.close()


class Flows:
    """All TCP connections of a capture. `listen` makes the talk for a new one."""

    def __init__(self, listen: Callable[[Flow], Talk]) -> None:
        self.listen = listen
        self.flows: dict[bytes, Flow] = {}
        self.sides: dict[bytes, tuple[Flow, Side]] = {}
        self.ended: list[Flow] = []
        self.count = 0

    def segment(self, at: int, packet: Packet) -> None:
        """Take a TCP segment."""
        _, key, length, payload, seq, flags = packet
        found = self.sides.get(key)
        if found is None or flags & SYN:
            found = self._begin(at, key, length, payload, seq, flags, found)
            if found is None:
                return
            seq = (seq + 1) & SEQUENCE if flags & SYN else seq
        flow, side = found
        flow.last = at
        if length:
            side.segment(at, seq, length, payload)
            if side.listener is not None and flow.talk is not None and flow.talk.done:
                _stop(at, flow)
        if flags & (FIN | RST):
            flow.fins |= (1 if side is flow.client else 2) if flags & FIN else 0
            flow.reset = flow.reset or bool(flags & RST)

    def sweep(self, at: int) -> Iterator[Flow]:
        """Yield the connections that are over, in the order in which they began."""
        for flow in list(self.flows.values()):
            quiet = at - flow.last
            if quiet > IDLE or (flow.closed and quiet > LINGER):
                self._end(flow)
        if len(self.flows) > MOST:
            for flow in sorted(self.flows.values(), key=lambda flow: flow.last)[: len(self.flows) - MOST]:
                self._end(flow)
        yield from self._over()

    def rest(self) -> Iterator[Flow]:
        """Yield all connections that are left at the end of the capture."""
        for flow in list(self.flows.values()):
            self._end(flow)
        yield from self._over()

    def _over(self) -> Iterator[Flow]:
        ended, self.ended = sorted(self.ended, key=lambda flow: flow.number), []
        yield from ended

    def _end(self, flow: Flow) -> None:
        del self.flows[flow.key], self.sides[flow.key], self.sides[reverse(flow.key)]
        flow.finish()
        self.ended.append(flow)

    def _begin(
        self, at: int, key: bytes, length: int, payload: bytes, seq: int, flags: int, found: tuple[Flow, Side] | None
    ) -> tuple[Flow, Side] | None:
        if found is not None:
            flow, side = found
            first = (seq + 1) & SEQUENCE
            if flags & ACK:  # the server's answer: its numbers start here
                if not flow.answered and side is flow.server:
                    side.next, flow.answered = first, True
                return found
            if side is flow.client and not flow.closed and (side.next - side.total) & SEQUENCE == first:
                return found  # the same SYN again
            self._end(flow)
        elif not (length or flags & SYN):
            return None  # the last acknowledgements of a connection that is over, or a stray reset
        return self._new(at, key, payload, seq, flags)

    def _new(self, at: int, key: bytes, payload: bytes, seq: int, flags: int) -> tuple[Flow, Side]:
        from_client = flags & (SYN | ACK) != SYN | ACK if flags & SYN else sent_by_client(key, payload)
        first = (seq + 1) & SEQUENCE if flags & SYN else seq
        client, server = Side(first, client=True), Side(first, client=False)
        flow = Flow(self.count, at, key if from_client else reverse(key), client, server)
        self.count += 1
        flow.talk = client.listener = server.listener = self.listen(flow)
        self.flows[flow.key] = flow
        self.sides[flow.key], self.sides[reverse(flow.key)] = (flow, client), (flow, server)
        return self.sides[key]


def reverse(key: bytes) -> bytes:
    """Return the key of the other direction."""
    half = (len(key) - 4) // 2
    return key[half : 2 * half] + key[:half] + key[-2:] + key[-4:-2]


def sent_by_client(key: bytes, payload: bytes) -> bool:
    """Guess who sent a segment when the beginning was not captured: requests and ClientHellos come from clients."""
    if protocol(payload[:32]) == "tls" and len(payload) > 5:
        return payload[5] != 2
    if protocol(payload[:32]) in ("http", "tunnel"):
        return not payload.startswith(b"HTTP/")
    return key[-4:-2] > key[-2:]


def _stop(at: int, flow: Flow) -> None:
    flow.client.listener = flow.server.listener = None
    for side in (flow.client, flow.server):
        side.finish(at)
