"""An Authorization header that is base64 of JSON, behind a scheme word or not (SmartScreen, published captures)."""

import base64
import binascii

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.json_text import json_text


def authorization(data: bytes) -> Tree:
    """The JSON object, with the scheme word as `scheme`."""
    scheme, _, credentials = data.strip().rpartition(b" ")
    try:
        tree = json_text(base64.b64decode(credentials + b"=" * (-len(credentials) % 4), validate=True))
    except (binascii.Error, ValueError, DecodeError):
        raise DecodeError("authorization: no base64 of JSON", data) from None
    if not isinstance(tree, dict):
        raise DecodeError("authorization: no JSON object", data)
    return {"scheme": scheme.decode("utf-8", "replace"), **tree} if scheme else tree
