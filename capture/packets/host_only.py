"""HTTP in clear, looked at just long enough to learn which host was asked for."""

import re

from portalscope.capture.as_sent import text
from portalscope.capture.packets.authority import authority
from portalscope.capture.packets.talk import Talk

LONGEST_HEAD = 1 << 16
END = b"\r\n\r\n"
_TARGET = re.compile(rb"[A-Z]+ (https?)://([^/?#\s]*)", re.IGNORECASE)
_HOST = re.compile(rb"\r\nhost:([^\r\n]*)", re.IGNORECASE)


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
        target, facts = _TARGET.match(self.head), self.talk.facts
        if target and not facts.proxied:
            facts.host, port = authority(text(target[2]))
            facts.port = port or (443 if target[1].lower() == b"https" else 80)
            facts.proxied = True
        elif not facts.proxied and (found := _HOST.search(self.head)):
            facts.host, _ = authority(text(found[1]))
        self.talk.done = True
