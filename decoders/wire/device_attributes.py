"""Windows Update's device and caller attributes: `E:FlightRing=Retail&OEMModel=…`, older clients with semicolons.

The values are not percent-encoded (public Windows Update clients such as UnifiedUpdatePlatform.Services).
"""

import re

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.json_text import unique

_PAIR = re.compile(r"(?:E:)?[\w.]{1,100}=")
_SEPARATOR = {"&": re.compile(r"&(?=[\w.]{1,100}=)"), ";": re.compile(r";(?=[\w.]{1,100}=)")}


def device_attributes(data: bytes) -> Tree:
    """Names and values; a separator without a name behind it belongs to the value."""
    text = data.decode("utf-8", "replace").strip()
    if not _PAIR.match(text):
        raise DecodeError("device attributes: no name=value", data)
    separator = "&" if text.startswith("E:") or "&" in text else ";"
    pieces = _SEPARATOR[separator].split(text.removeprefix("E:").removesuffix(separator))
    pairs = (piece.partition("=") for piece in pieces)
    return unique([(name, value) for name, _, value in pairs])
