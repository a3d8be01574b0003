"""HTTP in clear, looked at just long enough to learn which host was asked for."""

import re

from portalscope.capture.talk import Talk

LONGEST_HEAD = 1 << 16
END = b"\r\n\r\n"
_TARGET = re.compile(rb"[A-Z]+ https?://(?:[^/@\s]*@)?\[?([^\s/\]]+?)\]?(?::(\d{1,5}))?[/?\s]", re.IGNORECASE)
_HOST = re.compile(rb"\r\nhost:[ \t]*\[?([^\r\n\]]+?)\]?(?::(\d{1,5}))?[ \t]*\r\n", re.IGNORECASE)


class HostOnly:
    """Reads the first request's head and stops. A full URL in the request line means that a proxy was asked."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.head = bytearray()

    def data(self, at: int, chunk: bytes, *, client: bool) -> None:  # noqa: ARG002 - the time does not matter here
        """Take the next bytes of a direction."""
        if not client:
            return
        self.head += chunk
        if END in self.head or len(self.head) > LONGEST_HEAD:
            self.close()

    def gap(self, size: int, *, client: bool) -> None:  # noqa: ARG002 - any loss ends the search
        """Use what there is: the rest of the head is lost."""
        self.close()

    def close(self) -> None:
        """Take the host from the request line or the Host header."""
        target, host = _TARGET.match(self.head), _HOST.search(self.head)
        facts = self.talk.facts
        if (target or host) and not facts.proxied:
            found = target or host
            assert found is not None
            facts.host = found[1].decode("ascii", "backslashreplace").lower()
            facts.port = int(found[2]) if found[2] else facts.port
            facts.proxied = target is not None
        self.talk.done = True
