"""TLS with keys: opens the records of both directions and hands on what is in them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from portalscope.capture.key_log import (
    CLIENT_HANDSHAKE,
    CLIENT_TRAFFIC,
    MASTER,
    SERVER_HANDSHAKE,
    SERVER_TRAFFIC,
    KeyLog,
)
from portalscope.capture.talk import Talk
from portalscope.capture.tls_closed import ALERTS, ClosedTls, learn
from portalscope.capture.tls_hello import (
    CLIENT_HELLO,
    SERVER_HELLO,
    VERSIONS,
    ClientHello,
    ServerHello,
    client_hello,
    encrypted_extensions_alpn,
    server_hello,
)
from portalscope.capture.tls_keys import SUITES, RecordKey, Tls13Key, tls12_keys
from portalscope.capture.tls_records import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    Handshakes,
    Record,
    RecordStream,
)

ENCRYPTED_EXTENSIONS = 8
MOST_SKIPPED = 512  # record numbers that are tried after a loss
SMALLEST = 22  # bytes of a record with one byte in it: as many records a loss can have swallowed
MOST_EARLY = 1 << 16

type Report = Callable[[str, bytes], None]
"""Called with a reason and the bytes that could not be opened."""


@dataclass(slots=True)
class Half:
    """One direction: `key` opens its records from `sequence` on; `later` are the keys that come after it."""

    records: RecordStream = field(default_factory=RecordStream)
    handshakes: Handshakes = field(default_factory=Handshakes)
    key: RecordKey | None = None
    later: list[RecordKey] = field(default_factory=list)
    sequence: int = 0
    lost: int = 0
    unopened: int = 0


class OpenTls:
    """Follows the handshake, finds the keys in the key log by the client's random, and opens everything after it."""

    def __init__(self, talk: Talk, keys: KeyLog, report: Report) -> None:
        self.talk = talk
        self.keys = keys
        self.report = report
        self.halves = {True: Half(), False: Half()}
        self.hello: ClientHello | None = None
        self.answer: ServerHello | None = None
        self.inner: Talk | None = None
