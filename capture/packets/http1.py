"""HTTP/1.x heard from outside: which answer belongs to which request, also where packets are missing."""

from collections import deque
from collections.abc import Callable

import h11

from portalscope.capture.packets.draft import Draft
from portalscope.capture.packets.http1_direction import LOST, Direction, of_client, of_server, raw
from portalscope.capture.packets.talk import Talk, protocol

MOST_WAITING = 1 << 22  # bytes of answers to requests that were never seen
ORPHAN = "answer to a request that was not captured"
SWITCHED = "connection changes to another protocol, which is not read"
NO_MESSAGE = "bytes that belong to no whole HTTP message"
CUT = "packets are missing: it is not complete"
UNSURE = "packets are missing before it: it may answer another request"

type Publish = Callable[[Draft], None]
type Report = Callable[[str, bytes], None]


class Http1:
    """Pairs the requests of a connection with its responses, in order; `publish` gets each exchange that is whole."""

    def __init__(self, talk: Talk, publish: Publish, report: Report) -> None:
        self.talk = talk
        self.publish = publish
        self.report = report
        self.asked: deque[Draft] = deque()
        self.answering: Draft | None = None
        self.sides = {True: Direction(), False: Direction()}

    def data(self, at: int, chunk: bytes, *, client: bool) -> None:
        """Take the next bytes of a direction."""
        side = self.sides[client]
        side.feed(at, chunk)
        self._advance()
        if side.size > MOST_WAITING:
            self._report(ORPHAN, side.drop_all())

    def gap(self, size: int, *, client: bool) -> None:  # noqa: ARG002 - how much is missing changes nothing
        """Mark the message that is cut, and look for the start of the next one."""
        self.sides[client].lose()
        self._advance()

    def close(self) -> None:
        """Finish the response that ends with the connection; publish what is incomplete too."""
        self._advance()
        if (parser := self.sides[False].parser) is not None:
            parser.receive_data(b"")
            self._advance()
        for draft in self.asked:
            self.publish(draft)
        self.asked.clear()
        for side in self.sides.values():
            self._report(NO_MESSAGE, side.drop_all())

    def _advance(self) -> None:
        while not self.talk.done and (self._read(client=True) or self._read(client=False)):
            pass

    def _read(self, *, client: bool) -> bool:
        """Handle one event of a side; return whether there was one."""
        side = self.sides[client]
        if side.parser is None and not (self._begin_request(side) if client else self._begin_response(side)):
            return False
        try:
            event = side.event()
        except h11.RemoteProtocolError:
            self._cut(side, "malformed, or cut where the connection ends")
            return True
        if event is LOST:
            self._cut(side, CUT)
        elif isinstance(event, h11.Data) and side.half is not None:
            side.half.add(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            side.finish(raw(event))
            self._publish()
        elif isinstance(event, h11.Request):
            draft = Draft(http=f"HTTP/{event.http_version.decode()}", method=event.method.decode())
            self.asked.append(draft)
            side.head(draft.request, event.target, raw(event))
        elif isinstance(event, h11.Response | h11.InformationalResponse):
            self._answer(side, event)
        return event is not None

    def _begin_request(self, side: Direction) -> bool:
        if self._skips(side, lambda start: protocol(start) in ("http", "proxied")):
            return True
        if side.waiting:
            side.begin(of_server())
        return side.parser is not None

    def _begin_response(self, side: Direction) -> bool:
        at, start = side.peek()
        after_loss = side.seeking
        if self._skips(side, lambda start: start.startswith(b"HTTP/1.")):
            return True
        self.answering = self._asked(at) if start else None
        if self.answering is not None:
            if after_loss or all(one.ever_lost for one in self.sides.values()):
                self.answering.response.trouble = UNSURE
            side.begin(of_client(self.answering))
        return side.parser is not None

    def _skips(self, side: Direction, begins: Callable[[bytes], bool]) -> bool:
        """After a loss, pass over bytes until a message begins; return whether there were any to pass over."""
        _, start = side.peek()
        if not (side.seeking and start):
            return False
        if begins(start[:32]):
            side.seeking = False
            return False
        side.begin(of_server())
        self._report(NO_MESSAGE, side.drop())
        return True

    def _asked(self, at: int) -> Draft | None:
        """Return the request that a response belongs to which begins at this time, None when it is still to come.

        After a loss it is the last one before that time: a client that asks again has had its answer. A response
        before every request that we know answers one that was lost.
        """
        unanswered = [draft for draft in self.asked if not draft.response.done]
        if not any(side.ever_lost for side in self.sides.values()) or not unanswered:
            return unanswered[0] if unanswered else None
        before = [draft for draft in unanswered if draft.request.at <= at]
        if not before:
            return Draft(http="", method="GET")
        while self.asked[0] is not before[-1]:
            self.publish(self.asked.popleft())
        return before[-1]

    def _answer(self, side: Direction, event: h11.Response | h11.InformationalResponse) -> None:
        draft = self.answering
        if draft is None or (isinstance(event, h11.InformationalResponse) and event.status_code != 101):
            return  # 100 Continue and the like: the answer is still to come
        side.head(draft.response, b"%d" % event.status_code, raw(event))
        if isinstance(event, h11.InformationalResponse) or (draft.method == "CONNECT" and event.status_code < 300):
            side.finish()
            self._publish()
            self.report(SWITCHED, b"")
            self.talk.stop()

    def _publish(self) -> None:
        if self.answering is not None and self.answering.response.done and not self.answering.http:
            self._report(ORPHAN, bytes(self.answering.response.body))
        while self.asked and self.asked[0].request.done and self.asked[0].response.done:
            self.publish(self.asked.popleft())

    def _cut(self, side: Direction, why: str) -> None:
        if side.half is not None:
            side.half.trouble = why
        elif side is self.sides[False] and self.answering is not None:
            self.answering.response.trouble = why
        side.seeking = True
        self._report(NO_MESSAGE, side.drop())

    def _report(self, why: str, rest: bytes) -> None:
        if rest:
            self.report(why, rest)
