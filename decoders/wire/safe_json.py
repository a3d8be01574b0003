"""JSON behind `)]}'`, a line that keeps an answer from being run as a script (Chromium docs/updater/protocol_4.md)."""

from portalscope.decoders.message import Tree
from portalscope.decoders.wire.json_text import json_text

PREFIX = b")]}'"


def safe_json(data: bytes) -> Tree:
    """The JSON behind the prefix, which may be missing."""
    return json_text(data.lstrip().removeprefix(PREFIX))
