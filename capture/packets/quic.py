"""The ClientHello in QUIC Initial packets: encrypted, but with a key that anybody can derive (RFC 9001, 5.2)."""

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portalscope.capture.packets.hkdf import expand_label, extract
from portalscope.capture.packets.tls_hello import CLIENT_HELLO, ClientHello, Reader, client_hello

LONG_HEADER = 0xC0
LONGEST_HELLO = 1 << 16


@dataclass(frozen=True, slots=True)
class Version:
    """What a QUIC version derives its Initial keys from, and the packet type bits of an Initial."""

    salt: bytes
    prefix: str
    initial: int


VERSIONS = {
    1: Version(bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"), "quic ", 0x00),  # RFC 9001, 5.2
    0x6B3343CF: Version(bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"), "quicv2 ", 0x10),  # RFC 9369, 3.3
}


def is_initial(datagram: bytes) -> bool:
    """Say whether a datagram starts with a QUIC Initial packet of a known version."""
    if len(datagram) < 21 or datagram[0] & LONG_HEADER != LONG_HEADER:
        return False
    version = VERSIONS.get(int.from_bytes(datagram[1:5]))
    return version is not None and datagram[0] & 0x30 == version.initial


class InitialHello:
    """Collects the CRYPTO frames of a client's first datagrams until they make a ClientHello."""

    def __init__(self) -> None:
        self.pieces: dict[int, bytes] = {}
        self.destination = b""

    def feed(self, datagram: bytes) -> ClientHello | None:
        """Add a datagram; return the hello once it is whole. ValueError when it is not a client's Initial."""
        try:
            for payload in self._initials(datagram):
                self.pieces.update(_crypto_frames(payload))
        except InvalidTag as error:
            raise ValueError("QUIC Initial does not open with the client's key") from error
        hello = self._joined()
        if len(hello) < 4 or len(hello) < 4 + int.from_bytes(hello[1:4]):
            return None
        if hello[0] != CLIENT_HELLO:
            raise ValueError("QUIC Initial holds no ClientHello")
        return client_hello(hello[4 : 4 + int.from_bytes(hello[1:4])])

    def _initials(self, datagram: bytes) -> Iterator[bytes]:
        while is_initial(datagram):
            reader = Reader(datagram)
            first, version = reader.take(1)[0], VERSIONS[reader.number(4)]
            destination = reader.vector(1)
            reader.vector(1)  # source connection id
            reader.take(_variable(reader))  # token
            end = _variable(reader) + reader.at
            self.destination = self.destination or destination
            try:
                yield _open(datagram[:end], first, reader.at, self.destination, version)
            except InvalidTag:  # after a Retry the keys come from the new destination (RFC 9001, 5.2)
                self.destination = destination
                yield _open(datagram[:end], first, reader.at, destination, version)
            datagram = datagram[end:]

    def _joined(self) -> bytes:
        hello = b""
        for offset, data in sorted(self.pieces.items()):
            if offset > len(hello) or len(hello) > LONGEST_HELLO:
                break
            hello += data[len(hello) - offset :]
        return hello


def _open(packet: bytes, first: int, number_at: int, destination: bytes, version: Version) -> bytes:
    """Take off header protection and decrypt (RFC 9001, 5.3 and 5.4)."""
    secret = expand_label(extract(version.salt, destination), "client in", 32)
    key, iv, mask_key = (
        expand_label(secret, version.prefix + name, size) for name, size in (("key", 16), ("iv", 12), ("hp", 16))
    )
    sample = packet[number_at + 4 : number_at + 20]
    if len(sample) < 16:
        raise ValueError("QUIC Initial is cut short")
    mask = Cipher(algorithms.AES(mask_key), modes.ECB()).encryptor().update(sample)  # noqa: S305 - as RFC 9001, 5.4.3 wants it
    first ^= mask[0] & 0x0F
    size = (first & 3) + 1
    number = bytes(a ^ b for a, b in zip(packet[number_at : number_at + size], mask[1:], strict=False))
    header = bytes([first]) + packet[1:number_at] + number
    nonce = (int.from_bytes(iv) ^ int.from_bytes(number)).to_bytes(12)
    return AESGCM(key).decrypt(nonce, packet[number_at + size :], header)


def _crypto_frames(payload: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield offset and data of CRYPTO frames; a client's Initial has PADDING, PING and ACK besides (RFC 9000, 12.4)."""
    reader = Reader(payload)
    while reader.more:
        kind = reader.number(1)
        if kind == 6:
            yield _variable(reader), reader.take(_variable(reader))
        elif kind in (2, 3):
            _acknowledgement(reader, kind)
        elif kind > 1:
            return


def _acknowledgement(reader: Reader, kind: int) -> None:
    _variable(reader), _variable(reader)
    ranges = _variable(reader)
    for _ in range(min(2 * ranges + 1, len(reader.data)) + (3 if kind == 3 else 0)):
        _variable(reader)


def _variable(reader: Reader) -> int:
    """Read a variable-length integer (RFC 9000, 16)."""
    first = reader.number(1)
    size = 1 << (first >> 6)
    return int.from_bytes(bytes([first & 0x3F]) + reader.take(size - 1))
