"""From TLS secrets to keys that open records: TLS 1.2 (RFC 5246, 5288, 7905, 7366) and 1.3 (RFC 8446, 5.2 and 7)."""

import hmac
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

from portalscope.capture.packets.hkdf import expand_label
from portalscope.capture.packets.tls_records import Record

TAG = 16
BLOCK = 16
MAC_SIZES = {"sha1": 20, "sha256": 32, "sha384": 48}


@dataclass(frozen=True, slots=True)
class Suite:
    """What a cipher suite means for records: algorithm, key size, hash of PRF or HKDF, hash of the MAC for CBC."""

    algorithm: str
    key_size: int
    digest: str = "sha256"
    mac: str = ""


SUITES = {  # https://www.iana.org/assignments/tls-parameters
    0x1301: Suite("gcm", 16), 0x1302: Suite("gcm", 32, "sha384"), 0x1303: Suite("chacha", 32),
    0x1304: Suite("ccm", 16), 0x1305: Suite("ccm8", 16),
    0x009C: Suite("gcm", 16), 0x009E: Suite("gcm", 16), 0xC02B: Suite("gcm", 16), 0xC02F: Suite("gcm", 16),
    0x009D: Suite("gcm", 32, "sha384"), 0x009F: Suite("gcm", 32, "sha384"),
    0xC02C: Suite("gcm", 32, "sha384"), 0xC030: Suite("gcm", 32, "sha384"),
    0xCCA8: Suite("chacha", 32), 0xCCA9: Suite("chacha", 32), 0xCCAA: Suite("chacha", 32),
    0x002F: Suite("cbc", 16, mac="sha1"), 0x0033: Suite("cbc", 16, mac="sha1"),
    0xC009: Suite("cbc", 16, mac="sha1"), 0xC013: Suite("cbc", 16, mac="sha1"),
    0x0035: Suite("cbc", 32, mac="sha1"), 0x0039: Suite("cbc", 32, mac="sha1"),
    0xC00A: Suite("cbc", 32, mac="sha1"), 0xC014: Suite("cbc", 32, mac="sha1"),
    0x003C: Suite("cbc", 16, mac="sha256"), 0x0067: Suite("cbc", 16, mac="sha256"),
    0xC023: Suite("cbc", 16, mac="sha256"), 0xC027: Suite("cbc", 16, mac="sha256"),
    0x003D: Suite("cbc", 32, mac="sha256"), 0x006B: Suite("cbc", 32, mac="sha256"),
    0xC024: Suite("cbc", 32, "sha384", "sha384"), 0xC028: Suite("cbc", 32, "sha384", "sha384"),
}  # fmt: skip


class RecordKey(Protocol):
    """Opens the records of one direction."""

    def open(self, record: Record, sequence: int) -> tuple[int, bytes]:
        """Return content type and plaintext of the record with this number; ValueError when the key does not fit."""

    def next(self) -> "RecordKey | None":
        """Return the key after a KeyUpdate, None where there is no such thing."""


class Tls13Key:
    """A traffic secret of TLS 1.3."""

    def __init__(self, secret: bytes, suite: Suite) -> None:
        self.secret = secret
        self.suite = suite
        self.aead = _aead(suite, expand_label(secret, "key", suite.key_size, suite.digest))
        self.iv = int.from_bytes(expand_label(secret, "iv", 12, suite.digest))

    def open(self, record: Record, sequence: int) -> tuple[int, bytes]:
        """Open a record (RFC 8446, 5.2 and 5.3): the last byte that is not zero is the real type."""
        nonce = (self.iv ^ sequence).to_bytes(12)
        inner = _opened(self.aead, nonce, record.payload, record.header).rstrip(b"\0")
        if not inner:
            raise ValueError("record without content type")
        return inner[-1], inner[:-1]

    def next(self) -> "Tls13Key":
        """Return the key after a KeyUpdate (RFC 8446, 7.2)."""
        size = len(self.secret)
        return Tls13Key(expand_label(self.secret, "traffic upd", size, self.suite.digest), self.suite)


class Tls12AeadKey:
    """One direction's key block of TLS 1.2 with GCM or ChaCha20-Poly1305."""

    def __init__(self, suite: Suite, key: bytes, iv: bytes) -> None:
        self.suite = suite
        self.aead = _aead(suite, key)
        self.iv = iv

    def open(self, record: Record, sequence: int) -> tuple[int, bytes]:
        """Open a record (RFC 5288, 3; RFC 7905, 2)."""
        if self.suite.algorithm == "gcm":
            nonce, sealed = self.iv + record.payload[:8], record.payload[8:]
        else:
            nonce, sealed = (int.from_bytes(self.iv) ^ sequence).to_bytes(12), record.payload
        size = max(len(sealed) - TAG, 0)
        aad = sequence.to_bytes(8) + record.header[:3] + size.to_bytes(2)
        return record.type, _opened(self.aead, nonce, sealed, aad)

    def next(self) -> None:
        """TLS 1.2 has no KeyUpdate."""
        return


class Tls12CbcKey:
    """One direction's key block of TLS 1.2 with AES-CBC and HMAC, in either order."""

    def __init__(self, suite: Suite, key: bytes, mac_key: bytes, *, encrypt_then_mac: bool) -> None:
        self.key = algorithms.AES(key)
        self.mac_key = mac_key
        self.mac = suite.mac
        self.mac_size = MAC_SIZES[suite.mac]
        self.encrypt_then_mac = encrypt_then_mac

    def open(self, record: Record, sequence: int) -> tuple[int, bytes]:
        """Open a record (RFC 5246, 6.2.3.2; RFC 7366, 3)."""
        sealed, place = record.payload, sequence.to_bytes(8) + record.header[:3]
        if self.encrypt_then_mac:
            sealed, tag = sealed[: -self.mac_size], sealed[-self.mac_size :]
            self._check(place, sealed, tag)
        if len(sealed) < 2 * BLOCK or len(sealed) % BLOCK:
            raise ValueError("record is not whole blocks")
        opener = Cipher(self.key, modes.CBC(sealed[:BLOCK])).decryptor()
        plain = opener.update(sealed[BLOCK:]) + opener.finalize()
        plain = plain[: -plain[-1] - 1]
        if not self.encrypt_then_mac:
            plain, tag = plain[: -self.mac_size], plain[-self.mac_size :]
            self._check(place, plain, tag)
        return record.type, plain

    def next(self) -> None:
        """TLS 1.2 has no KeyUpdate."""
        return

    def _check(self, place: bytes, data: bytes, tag: bytes) -> None:
        wanted = hmac.digest(self.mac_key, place + len(data).to_bytes(2) + data, self.mac)
        if not hmac.compare_digest(wanted, tag):
            raise ValueError("key does not open the record")


def tls12_keys(
    master: bytes, client_random: bytes, server_random: bytes, suite: Suite, *, encrypt_then_mac: bool
) -> tuple[RecordKey, RecordKey]:
    """Return the keys of client and server (RFC 5246, 6.3)."""
    mac_size = MAC_SIZES[suite.mac] if suite.mac else 0
    iv_size = {"gcm": 4, "chacha": 12}.get(suite.algorithm, 0)
    sizes = [mac_size, mac_size, suite.key_size, suite.key_size, iv_size, iv_size]
    block = prf(master, b"key expansion" + server_random + client_random, sum(sizes), suite.digest)
    parts = [block[sum(sizes[:at]) : sum(sizes[: at + 1])] for at in range(6)]
    client, server = (_tls12_key(suite, parts, side, encrypt_then_mac) for side in (0, 1))
    return client, server


def _tls12_key(suite: Suite, parts: list[bytes], side: int, encrypt_then_mac: bool) -> RecordKey:
    if suite.mac:
        return Tls12CbcKey(suite, parts[2 + side], parts[side], encrypt_then_mac=encrypt_then_mac)
    return Tls12AeadKey(suite, parts[2 + side], parts[4 + side])


def prf(secret: bytes, seed: bytes, size: int, digest: str) -> bytes:
    """The pseudorandom function of TLS 1.2; `seed` with the label in front (RFC 5246, 5)."""
    result, link = b"", seed
    while len(result) < size:
        link = hmac.digest(secret, link, digest)
        result += hmac.digest(secret, link + seed, digest)
    return result[:size]


def _aead(suite: Suite, key: bytes) -> AESGCM | AESCCM | ChaCha20Poly1305:
    if suite.algorithm == "gcm":
        return AESGCM(key)
    if suite.algorithm == "chacha":
        return ChaCha20Poly1305(key)
    return AESCCM(key, tag_length=8 if suite.algorithm == "ccm8" else TAG)


def _opened(aead: AESGCM | AESCCM | ChaCha20Poly1305, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    try:
        return aead.decrypt(nonce, sealed, aad)
    except (InvalidTag, ValueError) as error:  # ValueError: shorter than a tag, or a nonce of the wrong size
        raise ValueError("key does not open the record") from error
