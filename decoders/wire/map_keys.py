"""Maps whose keys may be anything (MessagePack, CBOR) as objects: every key becomes a name, no value is lost."""

from collections.abc import Iterable

from portalscope.decoders.message import Tree
from portalscope.decoders.wire.json_text import unique

COMPOUND = "(compound key)"


def mapping(pairs: Iterable[tuple[Tree, Tree]]) -> dict[str, Tree]:
    """An object; a key that comes twice holds a list, one that is itself a list or a map stands beside its value."""
    return unique([(key, value) if isinstance(key, str) else entry(key, value) for key, value in pairs])


def entry(key: Tree, value: Tree) -> tuple[str, Tree]:
    """A name for a key that is no text."""
    if isinstance(key, bytes):
        return key.hex(), value
    if isinstance(key, bool) or key is None:
        return {None: "null", True: "true", False: "false"}[key], value
    if isinstance(key, int | float):
        return str(key), value
    return COMPOUND, [key, value]
