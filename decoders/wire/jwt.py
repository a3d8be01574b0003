"""JSON web tokens, read without checking them (RFC 7519; RFC 7515 and 7516 for the compact forms).

Claims at the top, the header under `header`; of a signature, a key or a ciphertext only how large it is.
"""

import base64
import binascii

from portalscope.decoders.message import DecodeError, Media, Tree
from portalscope.decoders.wire.json_text import json_text

MAX_SIZE = 1024 * 1024


def jwt(data: bytes) -> Tree:
    """A signed (three parts, also with an empty signature) or encrypted (five parts) token."""
    parts = data.strip().split(b".")
    if len(data) > MAX_SIZE or len(parts) not in (2, 3, 5):
        raise DecodeError("JWT: not two, three or five parts", data)
    header = json_part(parts[0], data)
    if "alg" not in header and "typ" not in header and "enc" not in header:
        raise DecodeError("JWT: the header has neither alg, typ nor enc", data)
    if len(parts) == 5:
        return {"header": header, "encrypted": Media("jwt ciphertext", len(base64url(parts[3], data)))}
    try:
        claims = json_part(parts[1], data)
    except DecodeError:
        claims = {"payload": base64url(parts[1], data)}
    found = {f"claim {name}" if name in ("header", "signature") else name: value for name, value in claims.items()}
    size = signature_size(parts[2], data) if len(parts) == 3 else 0
    return {**found, "header": header, **({"signature": Media("jwt signature", size)} if size else {})}


def signature_size(part: bytes, data: bytes) -> int:
    """Bytes of a signature; one that was replaced before it was stored counts as the characters that are there."""
    try:
        return len(base64url(part, data))
    except DecodeError:
        return len(part)


def json_part(part: bytes, data: bytes) -> dict[str, Tree]:
    """One part as a JSON object."""
    try:
        tree = json_text(base64url(part, data))
    except DecodeError as error:
        raise DecodeError("JWT: a part is not JSON", data) from error
    if not isinstance(tree, dict):
        raise DecodeError("JWT: a part is no object", data)
    return tree


def base64url(part: bytes, data: bytes) -> bytes:
    """Base64url without padding; some senders leave the padding on."""
    stripped = part.rstrip(b"=")
    try:
        return base64.b64decode(stripped + b"=" * (-len(stripped) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise DecodeError("JWT: a part is not base64url", data) from None
