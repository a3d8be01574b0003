"""Correlation vectors: `base.1.2`, one base for all that belongs to an activity (microsoft/CorrelationVector)."""

import re

from portalscope.decoders.message import DecodeError, Tree

VERSIONS = (
    ("3", re.compile(r"A\.([A-Za-z0-9+/]{21}[AQgw]|[0-9a-f]{32}(?:-[0-9a-f]{16})?)((?:[._#Z-][0-9A-Fa-f]+)*)!?")),
    ("2", re.compile(r"([A-Za-z0-9+/]{21}[AQgw])((?:\.\d+)*)!?")),
    ("1", re.compile(r"([A-Za-z0-9+/]{16})((?:\.\d+)*)!?")),
)
LONGEST = 128


def correlation_vector(data: bytes) -> Tree:
    """{version, base, path}: version 1 has a base of 16 characters, version 2 of 22; `path` counts calls and hops."""
    text = data.decode("ascii", "replace").strip()
    for version, pattern in VERSIONS if len(text) <= LONGEST else ():
        if found := pattern.fullmatch(text):
            tree: dict[str, Tree] = {"version": version, "base": found[1]}
            return {**tree, "path": found[2].lstrip(".")} if found[2] else tree
    raise DecodeError("not a correlation vector", data)
