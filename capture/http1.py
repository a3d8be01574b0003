"""HTTP/1.x heard from outside: h11 reads requests as a server would and responses as a client would."""

from collections import deque
from collections.abc import Callable

import h11

from portalscope.capture.draft import Draft, Half
from portalscope.capture.talk import Talk, protocol

LONGEST_HEAD = 1 << 18
MOST_WAITING = 1 << 22  # bytes of answers to requests that were never seen
ORPHANS = "answer to a request that was not captured"
SWITCHED = "connection changes to another protocol, which is not read"

type Publish = Callable[[Draft], None]
type Report = Callable[[str, bytes], None]


class Http1:
    """Pairs the requests of a connection with its responses, in order; `publish` gets each exchange when it is whole."""

    def __init__(self, talk: Talk, publish: Publish, report: Report) -> None:
        self.talk = talk
        self.publish = publish
        self.report = report
        self.asked: deque[Draft] = deque()
        self.requests = Direction()
        self.responses = Direction()

    def data(self, at: int, chunk: bytes, *, client: bool) -> None:
        """Take the next bytes of a direction."""
        direction = self.requests if client else self.responses
        if not client and not self.asked and self.requests.lost:
            self.report(ORPHANS, chunk)
            self.responses.lost = True
            return
        direction.feed(chunk, at)
        if direction.parser is None and len(direction.waiting) > MOST_WAITING:
            self.report(ORPHANS, direction.drop())
        self._advance()

    def gap(self, size: int, *, client: bool) -> None:
        """Mark the message that is cut, and look for the start of the next one."""
        direction = self.requests if client else self.responses
        trouble = f"{size} bytes or more of it were not captured"
        if direction.half is not None:
            direction.half.trouble = trouble
        elif not client and self.asked:
            self.asked[0].response.trouble = trouble
        self._lose(direction, "bytes around a loss that belong to no whole HTTP message")

    def close(self) -> None:
        """Finish the response that ends with the connection; publish what is incomplete too."""
        self.responses.end()
        self._advance()
        for draft in self.asked:
            self.publish(draft)
        self.asked.clear()
        for direction in (self.requests, self.responses):
            self._lose(direction, "bytes that belong to no whole HTTP message")
        self.talk.done = True

    def _advance(self) -> None:
        """Read on in both directions until both need more bytes."""
        while not self.talk.done and (self._read_request() or self._read_response()):
            pass

    def _read_request(self) -> bool:
        """Handle one event of the client's direction; return whether there was one."""
        direction = self.requests
        if direction.parser is None:
            if direction.lost and not self._found(direction, protocol(bytes(direction.waiting[:32])) == "http"):
                return False
            if not direction.begin(h11.Connection(h11.SERVER, LONGEST_HEAD)):
                return False
        event = direction.event()
        if isinstance(event, h11.Request):
            draft = Draft(http=f"HTTP/{event.http_version.decode()}", method=event.method.decode())
            draft.request = direction.start(event.target, event.headers)
            self.asked.append(draft)
        elif isinstance(event, h11.EndOfMessage):
            self._finish()
        return self._follow(direction, event, "request")

    def _read_response(self) -> bool:
        """Handle one event of the server's direction; return whether there was one."""
        direction = self.responses
        if direction.parser is None:
            if direction.lost and not self._found(direction, direction.waiting.startswith(b"HTTP/1.")):
                return False
            if direction.lost:  # who asks again has had an answer: those before the last one were lost
                while len(self.asked) > 1:
                    self.publish(self.asked.popleft())
            draft = next((draft for draft in self.asked if not draft.response.done), None)
            if draft is None or not direction.begin(_as_client(draft)):
                return False
        event = direction.event()
        if isinstance(event, h11.InformationalResponse):
            return event.status_code != 101 or self._switch(event)
        if isinstance(event, h11.Response):
            draft = next(draft for draft in self.asked if not draft.response.done)
            draft.response = direction.start(b"%d" % event.status_code, event.headers)
        elif isinstance(event, h11.EndOfMessage):
            self._finish()
        return self._follow(direction, event, "response")
