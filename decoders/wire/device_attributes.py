"""Windows Update's device and caller attributes: `E:FlightRing=Retail&OEMModel=…`, older clients with semicolons.

The values are not percent-encoded (public Windows Update clients such as UnifiedUpdatePlatform.Services).
"""

import re

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.json_text import unique

_PAIRS = re.compile(r"(?:E:)?\w[\w.]{0,99}=")


def device_attributes(data: bytes) -> Tree:
    """Names and values; a piece without `=` belongs to the value before it."""
    text = data.decode("utf-8", "replace").strip()
    if not _PAIRS.match(text):
        raise DecodeError("device attributes: no name=value", data)
    separator = "&" if text.startswith("E:") or "&" in text else ";"
    pairs: list[tuple[str, str]] = []
    for piece in text.removeprefix("E:").split(separator):
        name, equals, value = piece.partition("=")
        if equals:
            pairs.append((name, value))
        elif piece:
            last, before = pairs[-1]
            pairs[-1] = (last, f"{before}{separator}{piece}")
    return unique([(name, value) for name, value in pairs])
