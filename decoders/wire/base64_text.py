"""Base64 and base64url (RFC 4648) where a field is known to hold it; the next step opens the bytes."""

import base64
import binascii

from portalscope.decoders.message import DecodeError


def base64_text(data: bytes) -> bytes:
    """The bytes; padding may be missing, line ends are allowed."""
    text = b"".join(data.split()).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise DecodeError("base64: other characters, or cut off", data) from None
