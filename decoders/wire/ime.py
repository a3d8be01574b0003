"""Payloads of the Intune Management Extension gateway: uint32 LE plain size + gzip (secureworks/pytune windows.py).

The same frame in base64 stands in `ResponsePayload`; other answers are JSON text without a frame.
"""

import base64
import binascii

from portalscope.decoders.message import DecodeError, Missing, Tree
from portalscope.decoders.wire.content import unpack
from portalscope.decoders.wire.json_text import json_text

MAGIC = b"\x1f\x8b\x08"


def ime_payload(data: bytes) -> Tree:
    """The JSON in a payload, framed or not, in base64 or not. A size that is wrong is a fault; the JSON is kept."""
    framed = data if data[4:7] == MAGIC else unarmoured(data)
    if framed[4:7] != MAGIC:
        return document(data)
    why, rest = "", b""
    try:
        plain = unpack(framed[4:])[0]
    except DecodeError as error:
        if isinstance(error.partial, Missing) or not isinstance(error.partial, bytes):
            raise DecodeError(f"IME: {error.why}", data) from None
        plain, why, rest = error.partial, error.why, error.rest
    tree = document(plain)
    if not why and len(plain) != int.from_bytes(framed[:4], "little"):
        why, rest = "the stated size is not the size of the payload", framed[:4]
    if why:
        raise DecodeError(f"IME: {why}", rest, tree)
    return tree


def document(data: bytes) -> Tree:
    """A JSON object or list; a number alone is no payload."""
    tree = json_text(data)
    if not isinstance(tree, dict | list):
        raise DecodeError("IME: no JSON object", data)
    return tree


def unarmoured(data: bytes) -> bytes:
    """The bytes in base64; nothing when it is none."""
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        return b""
