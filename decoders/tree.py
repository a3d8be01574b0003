"""From a tree to its leaves: every scalar with its path, its shape and the sender's tags."""

from collections.abc import Iterator

from portalscope.decoders.message import Media, Scalar, Tag, Tagged, Tree

type Leaf = tuple[str, str, Scalar | Media, tuple[Tag, ...]]


def leaves(tree: Tree, path: str = "", shape: str = "") -> Iterator[Leaf]:
    """Yield (path, shape, value, tags) for every scalar, in document order, at any depth of nesting.

    An empty object or list is one leaf with the value "": that nothing was sent there is information too.
    """
    stack: list[tuple[Tree, str, str]] = [(tree, path, shape)]
    while stack:
        node, path, shape = stack.pop()
        if isinstance(node, dict) and node:
            stack.extend((v, join(path, k), join(shape, k)) for k, v in reversed(node.items()))
        elif isinstance(node, list) and node:
            stack.extend((node[i], f"{path}[{i}]", f"{shape}[]") for i in range(len(node) - 1, -1, -1))
        elif isinstance(node, Tagged):
            yield path, shape, node.value, node.tags
        elif isinstance(node, Media):
            yield join(path, "media"), join(shape, "media"), node, ()
        else:
            yield path, shape, "" if isinstance(node, dict | list) else node, ()


def join(path: str, key: str) -> str:
    """Return the path of a key: dotted, and quoted only where brackets, bars or nothing would mislead."""
    if not key.isidentifier() and (not key or "[" in key or "]" in key or "|" in key):
        return f"{path}[{quoted(key)}]"
    return f"{path}.{key}" if path else key


def quoted(key: str) -> str:
    """Return a key in double quotes."""
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def at(tree: Tree, path: str) -> Tree:
    """Return the node at a dotted path without list positions, None when there is none; tags are taken off."""
    node = tree
    for key in path.split("."):
        if not isinstance(node, dict):
            return None
        if path in node:
            node = node[path]
            break
        node = node.get(key)
        path = path[len(key) + 1 :]
    return node.value if isinstance(node, Tagged) else node
