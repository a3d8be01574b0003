"""TLS hello messages: what a client asks for and what a server chose, readable without keys (RFC 8446 section 4.1)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

CLIENT_HELLO, SERVER_HELLO = 1, 2
SERVER_NAME, ALPN, ENCRYPT_THEN_MAC, EARLY_DATA, SUPPORTED_VERSIONS = 0, 16, 22, 42, 43
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")  # RFC 8446 section 4.1.3
VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}

_extension = struct.Struct("!HH").unpack_from


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHello:
    """What the client offered. `versions` and `alpn` are in its order of preference, without GREASE (RFC 8701)."""

    random: bytes
    sni: str | None = None
    alpn: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()
    early_data: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHello:
    """What the server chose. TLS 1.3 hides the ALPN answer, so `alpn` is None there; `retry` asks for a new hello."""

    random: bytes
    version: int
    cipher: int
    alpn: str | None = None
    encrypt_then_mac: bool = False
    retry: bool = False


def client_hello(body: bytes) -> ClientHello:
    """Parse a ClientHello without its four-byte message header; ValueError when it is cut or malformed."""
    reader = Reader(body)
    legacy, random = reader.number(2), reader.take(32)
    reader.vector(1)  # session id
    reader.vector(2)  # cipher suites
    reader.vector(1)  # compression
    found = _extensions(reader)
    return ClientHello(
        random=random,
        sni=_server_name(found[SERVER_NAME]) if SERVER_NAME in found else None,
        alpn=tuple(_protocols(found[ALPN])) if ALPN in found else (),
        versions=_versions(found[SUPPORTED_VERSIONS]) if SUPPORTED_VERSIONS in found else (legacy,),
        early_data=EARLY_DATA in found,
    )


def server_hello(body: bytes) -> ServerHello:
    """Parse a ServerHello without its four-byte message header; ValueError when it is cut or malformed."""
    reader = Reader(body)
    version, random = reader.number(2), reader.take(32)
    reader.vector(1)
    cipher, _ = reader.number(2), reader.number(1)
    found = _extensions(reader)
    if SUPPORTED_VERSIONS in found:
        version = Reader(found[SUPPORTED_VERSIONS]).number(2)
    return ServerHello(
        random=random,
        version=version,
        cipher=cipher,
        alpn=next(_protocols(found[ALPN]), None) if ALPN in found else None,
        encrypt_then_mac=ENCRYPT_THEN_MAC in found,
        retry=random == RETRY,
    )


def encrypted_extensions_alpn(body: bytes) -> str | None:
    """Return the protocol that a TLS 1.3 server chose in its EncryptedExtensions; ValueError when malformed."""
    found = _extensions(Reader(body))
    return next(_protocols(found[ALPN]), None) if ALPN in found else None


class Reader:
    """Takes numbers and vectors off the front of TLS bytes; ValueError when they end too early."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        start, self.at = self.at, self.at + size
        if self.at > len(self.data):
            raise ValueError("TLS message ends too early")
        return self.data[start : self.at]

    def number(self, size: int) -> int:
        """Return the next big-endian number of `size` bytes."""
        at = self.at
        if at + size > len(self.data):
            raise ValueError("TLS message ends too early")
        self.at = at + size
        return int.from_bytes(self.data[at : self.at])

    def vector(self, prefix: int) -> bytes:
        """Return the bytes after a length of `prefix` bytes."""
        return self.take(self.number(prefix))

    @property
    def more(self) -> bool:
        """Whether there is anything left."""
        return self.at < len(self.data)


def _extensions(reader: Reader) -> dict[int, bytes]:
    """Return the extensions by number; what comes twice counts once, as a peer would refuse it anyway."""
    data = reader.vector(2) if reader.more else b""  # hellos in the style of SSLv3 may stop here
    found, at, end = {}, 0, len(data)
    while at < end:
        if at + 4 > end:
            raise ValueError("TLS extension ends too early")
        kind, size = _extension(data, at)
        at += 4 + size
        if at > end:
            raise ValueError("TLS extension ends too early")
        found[kind] = data[at - size : at]
    return found


def _server_name(data: bytes) -> str | None:
    names = Reader(Reader(data).vector(2)) if data else Reader(b"")
    while names.more:
        kind, name = names.number(1), names.vector(2)
        if kind == 0:
            return name.decode("ascii", "backslashreplace")
    return None


def _protocols(data: bytes) -> Iterator[str]:
    names = Reader(Reader(data).vector(2))
    while names.more:
        name = names.vector(1)
        if not _is_grease(name):
            yield name.decode("ascii", "backslashreplace")


def _versions(data: bytes) -> tuple[int, ...]:
    listed = Reader(data).vector(1)
    pairs = (listed[at : at + 2] for at in range(0, len(listed) - 1, 2))
    return tuple(int.from_bytes(pair) for pair in pairs if not _is_grease(pair))


def _is_grease(value: bytes) -> bool:
    return len(value) == 2 and value[0] == value[1] and value[0] & 15 == 10
