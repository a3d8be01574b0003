"""What every decoder owes: any bytes give a tree or DecodeError; neither is much larger or deeper than what went in."""

from collections.abc import Callable

from portalscope.decoders.message import DecodeError, Media, Missing, Tagged, Tree


def read(step: Callable[[bytes], Tree], data: bytes) -> Tree | Missing:
    """The tree, or what was read before the error; the error's rest must come from the data's size."""
    try:
        return step(data)
    except DecodeError as error:
        fault = error
    assert fault.why
    assert len(fault.rest) <= len(data) + 80
    return fault.partial


def check(step: Callable[[bytes], Tree], data: bytes, *, factor: int = 12, depth: int = 140) -> None:
    """Weight: one for every node, plus the length of every key, text and byte string."""
    tree = read(step, data)
    if isinstance(tree, Missing):
        return
    weight, deepest = 0, 0
    stack: list[tuple[Tree, int]] = [(tree, 0)]
    while stack:
        node, level = stack.pop()
        deepest = max(deepest, level)
        weight += 1
        if isinstance(node, dict):
            weight += sum(map(len, node))
            stack += [(value, level + 1) for value in node.values()]
        elif isinstance(node, list):
            stack += [(value, level + 1) for value in node]
        else:
            value = node.value if isinstance(node, Tagged) else node.kind if isinstance(node, Media) else node
            assert value is None or isinstance(value, bool | int | float | str | bytes)
            weight += len(value) if isinstance(value, str | bytes) else 0
    assert weight <= factor * len(data) + 64
    assert deepest <= depth
