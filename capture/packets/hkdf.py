"""HKDF as TLS 1.3 and QUIC use it (RFC 5869, RFC 8446 section 7.1)."""

import hashlib
import hmac


def extract(salt: bytes, secret: bytes, digest: str = "sha256") -> bytes:
    """HKDF-Extract."""
    return hmac.digest(salt, secret, digest)


def expand_label(secret: bytes, label: str, size: int, digest: str = "sha256") -> bytes:
    """HKDF-Expand-Label with an empty context; at most 255 times the digest's size."""
    name = b"tls13 " + label.encode()
    info = size.to_bytes(2) + bytes([len(name)]) + name + b"\0"
    result, block = b"", b""
    for count in range(1, -(-size // hashlib.new(digest).digest_size) + 1):
        block = hmac.digest(secret, block + info + bytes([count]), digest)
        result += block
    return result[:size]
