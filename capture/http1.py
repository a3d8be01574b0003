"""HTTP/1.x heard from outside: h11 reads requests as a server would and responses as a client would."""

from collections import deque
from collections.abc import Callable, Iterable

import h11

from portalscope.capture.draft import Draft, Half, RawHeaders
from portalscope.capture.talk import Talk, protocol

LONGEST_HEAD = 1 << 18
MOST_WAITING = 1 << 22  # bytes of answers to requests that were never seen
ORPHAN = "answer to a request that was not captured"
SWITCHED = "connection changes to another protocol, which is not read"
NO_MESSAGE = "bytes that belong to no whole HTTP message"

type Publish = Callable[[Draft], None]
type Report = Callable[[str, bytes], None]


class Direction:
    """One side's bytes. `parser` reads the present message into `half`; what comes before it can start is `waiting`."""

    def __init__(self) -> None:
        self.parser: h11.Connection | None = None
        self.waiting = bytearray()
        self.half: Half | None = None
        self.lost = False
        self.at = 0

    def feed(self, at: int, chunk: bytes) -> None:
        """Add the next bytes."""
        self.at = at
        if self.parser is None:
            self.waiting += chunk
        else:
            self.parser.receive_data(chunk)

    def begin(self, parser: h11.Connection) -> None:
        """Let a parser read what was waiting."""
        self.parser = parser
        parser.receive_data(bytes(self.waiting))
        self.waiting.clear()

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
        self.waiting = bytearray(self.rest())

    def rest(self) -> bytes:
        """Return what the parser did not use, and be without a parser."""
        left = bytes(self.waiting) + (self.parser.trailing_data[0] if self.parser is not None else b"")
        self.parser = self.half = None
        self.waiting.clear()
        return left


class Http1:
    """Pairs the requests of a connection with its responses, in order; `publish` gets each exchange that is whole."""

    def __init__(self, talk: Talk, publish: Publish, report: Report) -> None:
        self.talk = talk
        self.publish = publish
        self.report = report
        self.asked: deque[Draft] = deque()
        self.sides = {True: Direction(), False: Direction()}

    def data(self, at: int, chunk: bytes, *, client: bool) -> None:
        """Take the next bytes of a direction."""
        if not client and not self.asked and self.sides[True].lost:
            self.report(ORPHAN, chunk)
            self.sides[False].lost = True
            return
        side = self.sides[client]
        side.feed(at, chunk)
        while not self.talk.done and (self._read(client=True) or self._read(client=False)):
            pass
        if len(side.waiting) > MOST_WAITING:
            self._lose(side, ORPHAN)

    def gap(self, size: int, *, client: bool) -> None:
        """Mark the message that is cut, and look for the start of the next one."""
        cut = self.sides[client].half or (self.asked[0].response if self.asked and not client else None)
        if cut is not None:
            cut.trouble = f"{size} bytes or more of it were not captured"
        self._lose(self.sides[client], NO_MESSAGE)

    def close(self) -> None:
        """Finish the response that ends with the connection; publish what is incomplete too."""
        if (parser := self.sides[False].parser) is not None:
            parser.receive_data(b"")
            while self._read(client=False):
                pass
        for draft in self.asked:
            self.publish(draft)
        self.asked.clear()
        for side in self.sides.values():
            self._lose(side, NO_MESSAGE)

    def _read(self, *, client: bool) -> bool:
        """Handle one event of a side; return whether there was one."""
        side = self.sides[client]
        if side.parser is None and not self._begin(side, client=client):
            return False
        assert side.parser is not None
        try:
            event = side.parser.next_event()
        except h11.RemoteProtocolError:
            self._malformed(side)
            return False
        if isinstance(event, h11.Data):
            if side.half is not None:
                side.half.add(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            side.finish(_raw(event))
            self._publish()
        elif isinstance(event, h11.Request | h11.Response | h11.InformationalResponse):
            self._head(side, event)
        else:
            return False
        return True

    def _begin(self, side: Direction, *, client: bool) -> bool:
        """Give a side a parser for its next message, if there is one to begin."""
        if side.waiting and side.lost:
            start = bytes(side.waiting[:32])
            if not (protocol(start) in ("http", "proxied") if client else start.startswith(b"HTTP/1.")):
                self._lose(side, NO_MESSAGE)
                return False
            side.lost = False
            while not client and len(self.asked) > 1:  # who asks again has had an answer: it was lost
                self.publish(self.asked.popleft())
        draft = None if client else next((draft for draft in self.asked if not draft.response.done), None)
        if not side.waiting or (draft is None and not client):
            return False
        side.begin(h11.Connection(h11.SERVER, LONGEST_HEAD) if draft is None else _waiting_for(draft))
        return True

    def _head(self, side: Direction, event: h11.Request | h11.Response | h11.InformationalResponse) -> None:
        if isinstance(event, h11.Request):
            draft = Draft(http=f"HTTP/{event.http_version.decode()}", method=event.method.decode())
            self.asked.append(draft)
            side.head(draft.request, event.target, _raw(event))
            return
        draft = next(draft for draft in self.asked if not draft.response.done)
        if isinstance(event, h11.InformationalResponse) and event.status_code != 101:
            return  # 100 Continue and the like: the answer is still to come
        side.head(draft.response, b"%d" % event.status_code, _raw(event))
        if isinstance(event, h11.InformationalResponse) or (draft.method == "CONNECT" and event.status_code < 300):
            side.finish()
            self._publish()
            self.report(SWITCHED, b"")
            self.talk.stop()

    def _publish(self) -> None:
        while self.asked and self.asked[0].request.done and self.asked[0].response.done:
            self.publish(self.asked.popleft())

    def _malformed(self, side: Direction) -> None:
        if side.half is not None:
            side.half.trouble = "malformed, or cut where the connection ends"
        self._lose(side, "malformed HTTP/1 message")

    def _lose(self, side: Direction, why: str) -> None:
        rest = side.rest()
        side.lost = True
        if rest:
            self.report(why, rest)


def _raw(event: h11.Request | h11.Response | h11.InformationalResponse | h11.EndOfMessage) -> RawHeaders:
    """Return the headers as they were written, with their case."""
    return [(bytes(name), bytes(value)) for name, value in event.headers.raw_items()]


def _waiting_for(draft: Draft) -> h11.Connection:
    """Return a parser that believes it has asked what the draft says: only that tells where the answer ends."""
    parser = h11.Connection(h11.CLIENT, LONGEST_HEAD)
    headers = [(b"Host", b"h")]
    headers += [(name, value) for name, value in draft.request.headers if name.lower() == b"upgrade"]
    parser.send(h11.Request(method=draft.method, target="/", headers=headers))
    parser.send(h11.EndOfMessage())
    return parser
