"""MessagePack (github.com/msgpack/msgpack spec.md): one object, or several back to back."""

from msgpack import Timestamp, exceptions, fallback

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.map_keys import mapping

MAX_DEPTH = 64


def messagepack(data: bytes) -> Tree:
    """One object, or the list of those that follow each other. Maps are objects, extensions {ext, data}.

    The library's Python reader is used: its C reader makes room for all elements that a header claims, at every level.
    """
    reader = fallback.Unpacker(
        max_buffer_size=max(len(data), 1),
        object_pairs_hook=mapping,
        list_hook=lambda values: [plain(value) for value in values],
        ext_hook=lambda code, content: {"ext": code, "data": content},
        strict_map_key=False,
        unicode_errors="backslashreplace",
    )
    reader.feed(data)
    found: list[Tree] = []
    start, why = 0, ""
    while start < len(data) and not why:
        try:
            found.append(plain(reader.unpack()))
            start = reader.tell()
        except exceptions.OutOfData:
            why = "ends early"
        except (exceptions.UnpackException, ValueError, OverflowError, RecursionError) as error:
            why = f"no object at byte {start}: {type(error).__name__}"
    tree: Tree = found[0] if len(found) == 1 else found
    if too_deep(tree):
        raise DecodeError(f"MessagePack: nested deeper than {MAX_DEPTH}", data)
    if why or not found:
        fault = f"MessagePack: {why or 'nothing there'}"
        raise DecodeError(fault, data[start:], tree) if found else DecodeError(fault, data)
    return tree


def plain(value: Tree | Timestamp) -> Tree:
    """A value as a tree: a time as its seconds, with the fraction as it was sent."""
    if isinstance(value, Timestamp):
        seconds, nanoseconds = value.seconds, value.nanoseconds
        return f"{seconds}.{nanoseconds:09d}" if nanoseconds else int(seconds)
    return value


def too_deep(tree: Tree) -> bool:
    """Whether there are more levels than anyone would send: the reader itself stops only where Python does."""
    level = [tree]
    for _ in range(MAX_DEPTH):
        inner = (node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list))
        level = [child for children in inner for child in children]
        if not level:
            return False
    return True
