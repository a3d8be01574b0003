"""TLS key logs (SSLKEYLOGFILE): which secrets belong to which connection (draft-ietf-tls-keylogfile)."""

import re
from collections.abc import Iterable

_LINE = re.compile(rb"([A-Z][A-Z0-9_]{2,63}) ([0-9a-fA-F]{64}) ([0-9a-fA-F]{64,128})\Z")
LONGEST_LINE = 512
KNOWN = (b"#", b"RSA ")  # comments, and a form by premaster secret: who writes it writes CLIENT_RANDOM too

CLIENT_HANDSHAKE, SERVER_HANDSHAKE = "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"
CLIENT_TRAFFIC, SERVER_TRAFFIC = "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"
MASTER = "CLIENT_RANDOM"  # of TLS 1.2 and older: the line is named after its first value


class KeyLog:
    """Secrets by the client's random. `skipped` counts lines that are no key log lines; they may hold secrets too."""

    def __init__(self, texts: Iterable[bytes] = ()) -> None:
        self.secrets: dict[bytes, dict[str, bytes]] = {}
        self.skipped = 0
        for text in texts:
            self.add(text)

    def add(self, text: bytes) -> None:
        """Take the lines of a key log; comments and empty lines are fine, line ends may be those of Windows."""
        for line in text.splitlines():
            line = line.strip()
            found = _LINE.match(line) if len(line) <= LONGEST_LINE else None
            if found:
                of_client = self.secrets.setdefault(bytes.fromhex(found[2].decode()), {})
                of_client[found[1].decode()] = bytes.fromhex(found[3].decode())
            elif line and not line.startswith(KNOWN):
                self.skipped += 1

    def of(self, client_random: bytes) -> dict[str, bytes]:
        """Return the secrets of a connection by label, empty when there are none."""
        return self.secrets.get(client_random, {})
