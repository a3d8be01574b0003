"""The tunnel through a proxy: CONNECT host:port, the proxy's answer, then somebody else's bytes (RFC 9110, 9.3.6)."""

import re

from portalscope.capture.as_sent import text
from portalscope.capture.packets.authority import authority
from portalscope.capture.packets.talk import Talk

LONGEST_HEAD = 1 << 16
END = b"\r\n\r\n"
_TARGET = re.compile(rb"CONNECT (\S+) HTTP/")
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,6})[ \t]*\r\n", re.IGNORECASE)


class Tunnel:
    """Reads the two heads, then passes everything on to a talk of its own; a refusal may be followed by another try."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.inner: Talk | None = None
        self.waiting = {True: bytearray(), False: bytearray()}
        self.asked = False

    def data(self, at: int, chunk: bytes, *, client: bool) -> None:
        """Take the next bytes of a direction."""
        if self.inner is not None:
            self._pass(at, chunk, client=client)
            return
        self.waiting[client] += chunk
        if len(self.waiting[client]) > LONGEST_HEAD:
            self.talk.stop("proxy was asked, and no answer can be read")
            return
        self._asked()
        while self.inner is None and not self.talk.done and self._answered(at):
            pass

    def gap(self, size: int, *, client: bool) -> None:
        """Learn of lost bytes: inside the tunnel that is the inner talk's trouble, before it the end."""
        if self.inner is not None:
            self.inner.gap(size, client=client)
            self.talk.done = self.inner.done
        else:
            self.talk.stop("start of the tunnel was not captured")

    def close(self) -> None:
        """Learn that both directions ended."""
        if self.inner is not None:
            self.inner.close()
        elif self.talk.facts.opaque is None:
            self.talk.stop("proxy was asked and did not answer")

    def _asked(self) -> None:
        head, end, rest = self.waiting[True].partition(END)
        if self.asked or not end:
            return
        target = _TARGET.match(head)
        if target is None:
            self.talk.stop("malformed CONNECT")
            return
        self.asked, self.waiting[True] = True, rest
        facts = self.talk.facts
        facts.proxied = True
        facts.host, facts.port = authority(text(target[1]))

    def _answered(self, at: int) -> bool:
        """Handle one head of the proxy; return whether there was one."""
        head, end, rest = self.waiting[False].partition(END)
        if not (self.asked and end):
            return False
        status = _STATUS.match(head)
        if status is None or status[1][0] not in b"12":
            self._refused(head + END, rest, status[1].decode() if status else "nonsense")
        elif status[1].startswith(b"1"):
            self.waiting[False] = rest
        else:
            self.talk.facts.opaque = None
            self._open(at, rest)
        return True

    def _open(self, at: int, rest: bytearray) -> None:
        self.inner = self.talk.inside()
        for client, early in ((True, self.waiting[True]), (False, rest)):
            if early:
                self._pass(at, bytes(early), client=client)

    def _refused(self, head: bytearray, rest: bytearray, status: str) -> None:
        self.talk.facts.opaque = f"proxy refused the tunnel: {status}"
        length = _LENGTH.search(head)
        self.waiting[False] = rest[int(length[1]) if length else len(rest) :]
        self.asked = False
        self._asked()

    def _pass(self, at: int, chunk: bytes, *, client: bool) -> None:
        assert self.inner is not None
        self.inner.data(at, chunk, client=client)
        self.talk.done = self.inner.done
