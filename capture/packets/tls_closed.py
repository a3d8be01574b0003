"""TLS without keys: who was asked for, what was chosen, and whether the client broke it off."""

from portalscope.capture.packets.talk import Talk
from portalscope.capture.packets.tls_hello import CLIENT_HELLO, SERVER_HELLO, VERSIONS, client_hello, server_hello
from portalscope.capture.packets.tls_records import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    Handshakes,
    Record,
    RecordStream,
)

NOT_INTERCEPTED = "not intercepted: seen in pcap only"
ALERT_SIZE = 19  # two bytes, the hidden content type and a tag of 16: nothing else is that short (RFC 8446, 5.2)
ALERTS = {  # RFC 8446, 6; the ones that speak of certificates and trust, and the usual others
    0: "close_notify", 40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate",
    44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown", 48: "unknown_ca",
    49: "access_denied", 51: "decrypt_error", 70: "protocol_version", 80: "internal_error", 90: "user_canceled",
    112: "unrecognized_name", 120: "no_application_protocol",
}  # fmt: skip


class ClosedTls:
    """Follows the handshake until the client sends something protected, or somebody gives up."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.streams = {True: RecordStream(), False: RecordStream()}
        self.handshakes = {True: Handshakes(), False: Handshakes()}
        self.sealed = {True: False, False: False}
        talk.facts.opaque = NOT_INTERCEPTED

    def data(self, at: int, chunk: bytes, *, client: bool) -> None:  # noqa: ARG002 - the time does not matter here
        """Take the next bytes of a direction."""
        if self._sealed(client=client):
            return
        stream = self.streams[client]
        stream.feed(chunk)
        try:
            while not (self.talk.done or self._sealed(client=client)) and (record := stream.next()) is not None:
                self._record(record, client=client)
        except ValueError as error:
            self.talk.stop(f"{NOT_INTERCEPTED} ({error})")

    def gap(self, size: int, *, client: bool) -> None:  # noqa: ARG002 - one lost byte is enough
        """Stop: without the handshake there is nothing more to learn."""
        self.talk.stop()

    def close(self) -> None:
        """Note that the client went away in the middle of the handshake."""
        if not self.talk.done and self.talk.facts.version is not None:
            self.talk.stop("tls failed: closed during the handshake")

    def _sealed(self, *, client: bool) -> bool:
        """Whether all that follows is encrypted: what a TLS 1.3 server says after its hello."""
        return not client and self.talk.facts.version == 0x0304

    def _record(self, record: Record, *, client: bool) -> None:
        if record.type == HANDSHAKE and not self.sealed[client]:
            for kind, body in self.handshakes[client].feed(record.payload):
                learn(self.talk, kind, body, client=client)
        elif record.type == ALERT and len(record.payload) == 2:
            code = record.payload[1]
            self.talk.stop(f"tls failed: {'client' if client else 'server'} sent {alert(code)}")
        elif record.type == APPLICATION_DATA and client:
            gave_up = len(record.payload) == ALERT_SIZE
            self.talk.stop("tls failed: client sent an encrypted alert instead of Finished" if gave_up else None)
        elif record.type == CHANGE_CIPHER_SPEC and self.talk.facts.version != 0x0304:
            self.sealed[client] = True  # what comes now looks like a handshake, but is encrypted
            self.talk.done = client


def alert(code: int) -> str:
    """Return the name of a TLS alert."""
    return ALERTS.get(code, f"alert {code}")


def learn(talk: Talk, kind: int, body: bytes, *, client: bool) -> None:
    """Note what a hello message says; ValueError when it is malformed."""
    facts = talk.facts
    if kind == CLIENT_HELLO and client:
        hello = client_hello(body)
        facts.sni, facts.alpn = hello.sni or facts.sni, ",".join(hello.alpn) or None
    elif kind == SERVER_HELLO and not client:
        answer = server_hello(body)
        facts.version = answer.version
        if answer.version in VERSIONS and answer.version < 0x0304:
            facts.alpn = answer.alpn
