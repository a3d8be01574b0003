"""The table of TCP connections: gives each segment to its side, notices beginnings and ends, forgets the idle ones."""

from collections.abc import Callable, Iterator

from portalscope.capture.packets.slicing import ACK, FIN, RST, SYN, Packet
from portalscope.capture.packets.talk import Talk, protocol
from portalscope.capture.packets.tcp import SEQUENCE, UNKNOWN, Side

LINGER = 10_000_000  # µs in which late segments of a closed connection still belong to it
IDLE = 3_600_000_000  # µs without a segment after which a connection is over
MOST = 20_000  # live connections; beyond it those that were quiet longest end
BOTH_FINS = 3
NOBODY = Talk({})


class Conversation:
    """One TCP connection: `client` sent the SYN (or what looks like a request), `server` is the other side."""

    __slots__ = ("answered", "asked", "client", "fins", "key", "last", "number", "reset", "server", "start", "talk")

    def __init__(self, number: int, at: int, key: bytes, client: Side, server: Side) -> None:
        self.number = number
        self.start = self.last = at
        self.key = key  # as the client's packets have it
        self.client = client
        self.server = server
        self.talk = NOBODY
        self.asked: str | None = None  # the name that DNS had given for the server's address
        self.answered = server.next != UNKNOWN
        self.reset = False
        self.fins = 0

    @property
    def closed(self) -> bool:
        """Whether both ends said goodbye or one broke off."""
        return self.reset or self.fins == BOTH_FINS

    def listen(self, talk: Talk) -> None:
        """Give every byte from here on to a talk."""
        self.talk = talk
        self.client.listener = self.server.listener = talk

    def mute(self) -> None:
        """Only count from here on."""
        self.client.listener = self.server.listener = None
        self.client.finish()
        self.server.finish()

    def finish(self) -> None:
        """Hand what is still held to the talk and tell it that this is all."""
        self.client.finish()
        self.server.finish()
        self.talk.close()


class Conversations:
    """All TCP connections of a capture. `begun` is called with each new one and has it listen, if anybody should."""

    def __init__(self, begun: Callable[[Conversation], None]) -> None:
        self.begun = begun
        self.live: dict[bytes, Conversation] = {}
        self.sides: dict[bytes, tuple[Conversation, Side]] = {}
        self.ended: list[Conversation] = []
        self.count = 0

    def segment(self, at: int, packet: Packet) -> None:
        """Take a TCP segment."""
        _, key, length, payload, seq, ack, flags = packet
        found = self.sides.get(key)
        if flags & SYN:
            found, seq = self._syn(at, key, seq, flags), (seq + 1) & SEQUENCE
        elif found is None:
            if not length:
                return  # the last acknowledgement of a connection that is over, or a stray reset
            found = self._new(at, key, seq, client=sent_by_client(key, payload))
        conversation, side = found
        conversation.last = at
        if side.listener is not None and flags & ACK:
            peer = conversation.server if side.client else conversation.client
            if ack != peer.next:
                peer.acknowledge(ack)
        if length:
            side.segment(at, seq, length, payload)
            if side.listener is not None and conversation.talk.done:
                conversation.mute()
        if flags & (FIN | RST):
            conversation.reset = conversation.reset or bool(flags & RST)
            conversation.fins |= (1 if side.client else 2) if flags & FIN else 0

    def sweep(self, at: int) -> Iterator[Conversation]:
        """Yield the connections that are over, in the order in which they began."""
        for conversation in list(self.live.values()):
            quiet = at - conversation.last
            if quiet > IDLE or (quiet > LINGER and conversation.closed):
                self._end(conversation)
        if len(self.live) > MOST:
            for conversation in sorted(self.live.values(), key=lambda one: one.last)[: len(self.live) - MOST]:
                self._end(conversation)
        yield from self._over()

    def rest(self) -> Iterator[Conversation]:
        """Yield all connections that are left at the end of the capture."""
        for conversation in list(self.live.values()):
            self._end(conversation)
        yield from self._over()

    def _over(self) -> Iterator[Conversation]:
        ended, self.ended = self.ended, []
        yield from sorted(ended, key=lambda one: one.number)

    def _end(self, conversation: Conversation) -> None:
        key = conversation.key
        del self.live[key]
        self.sides.pop(key), self.sides.pop(reverse(key), None)
        conversation.finish()
        self.ended.append(conversation)

    def _syn(self, at: int, key: bytes, seq: int, flags: int) -> tuple[Conversation, Side]:
        """Return the connection that a SYN belongs to: a known one if it is sent again or answers, else a new one."""
        found = self.sides.get(key)
        first = (seq + 1) & SEQUENCE
        if found is None:
            return self._new(at, key, first, client=not flags & ACK)
        conversation, side = found
        if flags & ACK:
            if side.next == UNKNOWN:
                side.next = first
            conversation.answered = conversation.answered or not side.client
            return found
        if side.client and not conversation.closed and (side.next - side.total) & SEQUENCE == first:
            return found
        self._end(conversation)
        return self._new(at, key, first, client=True)

    def _new(self, at: int, key: bytes, first: int, *, client: bool) -> tuple[Conversation, Side]:
        back = reverse(key)
        ours, theirs = Side(first, client=client), Side(UNKNOWN, client=not client)
        pair = (key, ours, theirs) if client else (back, theirs, ours)
        conversation = Conversation(self.count, at, *pair)
        self.count += 1
        self.begun(conversation)
        self.live[conversation.key] = conversation
        self.sides[back] = conversation, theirs
        self.sides[key] = conversation, ours
        return self.sides[key]


def reverse(key: bytes) -> bytes:
    """Return the key of the other direction."""
    half = (len(key) - 4) // 2
    return key[half : 2 * half] + key[:half] + key[-2:] + key[-4:-2]


def sent_by_client(key: bytes, payload: bytes) -> bool:
    """Guess who sent a segment when the beginning was not captured: requests and ClientHellos come from clients."""
    spoken = protocol(payload[:32])
    if spoken == "tls" and len(payload) > 5:
        return payload[5] != 2
    if spoken in ("http", "h2", "proxied", "tunnel"):
        return True
    return key[-4:-2] > key[-2:] and not payload.startswith(b"HTTP/")
