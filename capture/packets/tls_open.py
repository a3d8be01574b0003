"""TLS with keys: follows the handshake, opens the records of both directions and hands on what is in them."""

from collections.abc import Callable

from portalscope.capture.packets.key_log import (
    CLIENT_HANDSHAKE,
    CLIENT_TRAFFIC,
    MASTER,
    SERVER_HANDSHAKE,
    SERVER_TRAFFIC,
    KeyLog,
)
from portalscope.capture.packets.talk import Talk
from portalscope.capture.packets.tls_closed import ClosedTls, alert, learn
from portalscope.capture.packets.tls_half import Half
from portalscope.capture.packets.tls_hello import (
    CLIENT_HELLO,
    SERVER_HELLO,
    VERSIONS,
    ClientHello,
    ServerHello,
    client_hello,
    encrypted_extensions_alpn,
    server_hello,
)
from portalscope.capture.packets.tls_keys import SUITES, RecordKey, Suite, Tls13Key, tls12_keys
from portalscope.capture.packets.tls_records import ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, Record

ENCRYPTED_EXTENSIONS = 8
TLS12, TLS13 = 0x0303, 0x0304
MOST_FAILURES = 16  # records in a row that no key opens
MOST_WAITING = 1 << 20  # bytes of one side while the other side's hello is missing
EARLY = "0-RTT data, not opened: the server may have refused it, and then it was sent again"
SOME_SECRETS = "key log has only some of the secrets of this connection"
SIDES = {True: "client", False: "server"}

type Report = Callable[[str, bytes], None]
"""Called with a reason and the bytes that could not be opened."""


class OpenTls:
    """Finds the keys in the key log by the client's random. Without them the connection is read as a closed one."""

    def __init__(self, talk: Talk, keys: KeyLog, report: Report) -> None:
        self.talk = talk
        self.keys = keys
        self.report = report
        self.halves = {True: Half(), False: Half()}
        self.hello: ClientHello | None = None
        self.answer: ServerHello | None = None
        self.inner: Talk | None = None

    def data(self, at: int, chunk: bytes, *, client: bool) -> None:
        """Take the next bytes of a direction."""
        self.halves[client].records.feed(chunk)
        try:
            while not self.talk.done and self.talk.reader is self and (self._step(at, True) or self._step(at, False)):
                pass
        except ValueError as error:
            self._stop(f"TLS cannot be followed: {error}")
        if len(self.halves[client].records.buffer) > MOST_WAITING:
            self._stop("one half of the TLS handshake was not captured")

    def gap(self, size: int, *, client: bool) -> None:
        """Go on with the next record that opens; without keys for that direction there is no way back."""
        self.report(f"{size} bytes from the {SIDES[client]} were not captured", b"")
        if not self.halves[client].lose(size):
            self._stop("the TLS handshake was not captured in full")
        elif self.inner is not None:
            self.inner.gap(size, client=client)
            self.talk.done = self.inner.done

    def close(self) -> None:
        """Account for what was never opened, and say how a connection without any data ended."""
        for client, half in self.halves.items():
            half.keep(bytes(half.records.buffer))
            self._unopened(half, f"TLS bytes from the {SIDES[client]} that no key opened")
        if self.inner is not None:
            self.inner.close()
        elif not self.talk.done:
            silent = "established, then silent" if self._established() else "tls failed: closed during the handshake"
            self.talk.stop(silent)

    def _established(self) -> bool:
        return all(half.sequence for half in self.halves.values())

    def _step(self, at: int, client: bool) -> bool:
        """Handle one record of a side; return whether there was one that could be handled."""
        half = self.halves[client]
        if half.seeking:
            opened = half.seek()
            if opened is not None:
                self._found(half, client=client)
                self._opened(at, opened, client=client)
            return opened is not None
        ready = (self.hello is None or self.answer is not None) if client else self.hello is not None
        record = half.next() if ready else None
        if record is None:
            return False
        if half.key is None:
            self._plain(at, record, client=client)
        elif record.type != CHANGE_CIPHER_SPEC:
            self._sealed(at, half, record, client=client)
        return True

    def _plain(self, at: int, record: Record, *, client: bool) -> None:
        half = self.halves[client]
        if record.type == HANDSHAKE:
            for kind, body in half.handshakes.feed(record.payload):
                learn(self.talk, kind, body, client=client)
                self._hello(at, kind, body, client=client)
        elif record.type == CHANGE_CIPHER_SPEC and half.later:
            half.key = half.later.pop(0)
        elif record.type == ALERT and len(record.payload) == 2:
            self._alert(record.payload, client=client)
        elif record.type == APPLICATION_DATA:
            half.keep(record.header + record.payload)

    def _hello(self, at: int, kind: int, body: bytes, *, client: bool) -> None:
        if kind == CLIENT_HELLO and client:
            self.hello = client_hello(body)
            if not self.keys.of(self.hello.random):
                self._give_up(at, None)
        elif kind == SERVER_HELLO and not client and self.hello is not None:
            answer = server_hello(body)
            if answer.retry:
                self.hello = None  # the client says hello again
            else:
                self.answer = answer
                self._keys(at, self.hello, answer)

    def _keys(self, at: int, hello: ClientHello, answer: ServerHello) -> None:
        secrets, suite = self.keys.of(hello.random), SUITES.get(answer.cipher)
        client, server = self.halves[True], self.halves[False]
        if suite is None or answer.version not in (TLS12, TLS13):
            version = VERSIONS.get(answer.version, hex(answer.version))
            self._give_up(at, f"{version} with cipher suite {answer.cipher:#06x}: not among those we open")
        elif answer.version == TLS13:
            client.later = _tls13(secrets, suite, CLIENT_HANDSHAKE, CLIENT_TRAFFIC)
            server.later = _tls13(secrets, suite, SERVER_HANDSHAKE, SERVER_TRAFFIC)
            if not (client.later and server.later):
                self._give_up(at, SOME_SECRETS)
                return
            client.key, server.key = client.later.pop(0), server.later.pop(0)
        elif MASTER in secrets:
            keys = tls12_keys(
                secrets[MASTER], hello.random, answer.random, suite, encrypt_then_mac=answer.encrypt_then_mac
            )
            client.later, server.later = [keys[0]], [keys[1]]
        else:
            self._give_up(at, SOME_SECRETS)

    def _sealed(self, at: int, half: Half, record: Record, *, client: bool) -> None:
        opened = half.open(record)
        if opened is not None:
            self._found(half, client=client)
            self._opened(at, opened, client=client)
            return
        half.keep(record.header + record.payload)
        half.slack += 1
        half.failures += 1
        if half.failures > MOST_FAILURES:
            self._stop("the keys of the key log do not open it")

    def _found(self, half: Half, *, client: bool) -> None:
        early = client and half.sequence == 1 and self.hello is not None and self.hello.early_data
        self._unopened(half, EARLY if early else f"TLS bytes from the {SIDES[client]} that no key opened")

    def _opened(self, at: int, opened: tuple[int, bytes], *, client: bool) -> None:
        kind, plain = opened
        if kind == APPLICATION_DATA:
            if self.inner is None:
                self.inner = self.talk.inside()
            self.inner.data(at, plain, client=client)
            self.talk.done = self.inner.done
        elif kind == ALERT and len(plain) == 2:
            self._alert(plain, client=client)
        elif kind == HANDSHAKE and not client and self.talk.facts.version == TLS13:
            self._encrypted_extensions(plain)

    def _encrypted_extensions(self, plain: bytes) -> None:
        half = self.halves[False]
        if half.sequence == 1:  # they are the first thing that a server seals
            for kind, body in half.handshakes.feed(plain):
                if kind == ENCRYPTED_EXTENSIONS:
                    self.talk.facts.alpn = encrypted_extensions_alpn(body)

    def _alert(self, payload: bytes, *, client: bool) -> None:
        if payload[1] and self.inner is None:
            self._stop(f"tls failed: {SIDES[client]} sent {alert(payload[1])}")

    def _unopened(self, half: Half, why: str) -> None:
        closed = half.take()
        if closed:
            self.report(why, closed)

    def _stop(self, because: str) -> None:
        """Listen no more, but let what was opened so far be finished."""
        self.talk.stop(because)

    def _give_up(self, at: int, because: str | None) -> None:
        """Read on as without keys."""
        closed = ClosedTls(self.talk)
        self.talk.facts.opaque = because or self.talk.facts.opaque
        self.talk.reader = closed
        for client, half in self.halves.items():
            closed.data(at, bytes(half.records.buffer), client=client)


def _tls13(secrets: dict[str, bytes], suite: Suite, *labels: str) -> list[RecordKey]:
    return [Tls13Key(secrets[label], suite) for label in labels if label in secrets]
