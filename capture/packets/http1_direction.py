"""One side of an HTTP/1.x connection: its bytes with their times, and the h11 parser that reads the present message."""

from collections import deque
from collections.abc import Iterable

import h11

from portalscope.capture.packets.draft import Draft, Half, RawHeaders

LONGEST_HEAD = 1 << 18


class Lost:
    """What `Direction.event` gives where bytes are missing."""


LOST = Lost()

type Event = h11.Request | h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage | Lost


class Direction:
    """`waiting` are chunks with their times, None for a loss; `half` is the message that `parser` is reading."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[int, bytes | None]] = deque()
        self.size = 0
        self.parser: h11.Connection | None = None
        self.unused = bytearray()  # what the parser was given since the last event, or had left then
        self.half: Half | None = None
        self.seeking = False
        self.ever_lost = False
        self.at = 0

    def feed(self, at: int, chunk: bytes) -> None:
        """Add the next bytes."""
        self.waiting.append((at, chunk))
        self.size += len(chunk)

    def lose(self) -> None:
        """Note that bytes are missing here."""
        self.waiting.append((self.at, None))
        self.ever_lost = True

    def peek(self) -> tuple[int, bytes]:
        """Return time and bytes of what comes next; losses on the way there are taken note of."""
        while self.waiting:
            at, chunk = self.waiting[0]
            if chunk is not None:
                return at, chunk
            self.waiting.popleft()
            self.seeking = True
        return self.at, b""

    def event(self) -> Event | None:
        """Return the next event of the present message, None when it needs more bytes; h11.RemoteProtocolError."""
        while self.parser is not None:
            event = self.parser.next_event()
            if isinstance(event, h11.Request | h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage):
                self.unused = bytearray(self.parser.trailing_data[0])
                return event
            if not self.waiting or event is not h11.NEED_DATA:
                return None
            at, chunk = self._take()
            if chunk is None:
                return LOST
            self.at = at
            self.unused += chunk
            self.parser.receive_data(chunk)
        return None

    def begin(self, parser: h11.Connection) -> None:
        """Read the next message with this parser."""
        self.parser = parser
        self.at, chunk = self._take()
        self.unused = bytearray(chunk or b"")
        parser.receive_data(chunk or b"")

    def head(self, half: Half, first: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Start a message."""
        self.half = half
        half.first, half.at = first, self.at
        half.headers = list(headers)

    def finish(self, trailers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """End a message; what follows it waits for the next parser."""
        if self.half is not None:
            self.half.headers += trailers
            self.half.done, self.half.last = True, self.at
        rest = self.drop()
        if rest:
            self.waiting.appendleft((self.at, rest))
            self.size += len(rest)

    def drop(self) -> bytes:
        """Be without a parser; return what it had not used, or could not."""
        rest = bytes(self.unused)
        self.parser = self.half = None
        self.unused.clear()
        return rest

    def drop_all(self) -> bytes:
        """Be without a parser and without waiting bytes; return them."""
        rest = self.drop() + b"".join(chunk or b"" for _, chunk in self.waiting)
        self.waiting.clear()
        self.size = 0
        return rest

    def _take(self) -> tuple[int, bytes | None]:
        at, chunk = self.waiting.popleft()
        self.size -= len(chunk or b"")
        return at, chunk


def of_server() -> h11.Connection:
    """Return a parser for a request."""
    return h11.Connection(h11.SERVER, LONGEST_HEAD)


def of_client(draft: Draft) -> h11.Connection:
    """Return a parser that believes it has asked what the draft says: only that tells where the answer ends."""
    parser = h11.Connection(h11.CLIENT, LONGEST_HEAD)
    headers = [(b"Host", b"h")]
    headers += [(name, value) for name, value in draft.request.headers if name.lower() == b"upgrade"]
    parser.send(h11.Request(method=draft.method, target="/", headers=headers))
    parser.send(h11.EndOfMessage())
    return parser


def raw(event: h11.Request | h11.Response | h11.InformationalResponse | h11.EndOfMessage) -> RawHeaders:
    """Return the headers as they were written, with their case."""
    return [(bytes(name), bytes(value)) for name, value in event.headers.raw_items()]
