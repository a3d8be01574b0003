"""Records in columns: what all records with the same keys share is worked out once, and each brings its values only.

The way of `decode` that makes a `Field` of every leaf is the obvious one, and the measure: a record goes this way only
when nothing in it is opened, tagged or otherwise out of the ordinary, and then means the same, leaf by leaf.
"""

from operator import itemgetter
from typing import Any, NamedTuple

from portalscope.decoders.adapters import Adapter
from portalscope.decoders.distinct import Distinct, OpensError
from portalscope.decoders.events import when
from portalscope.decoders.message import Build, Columns, Picker, Tagged, Tree
from portalscope.decoders.tree import at, leaves

PLAIN = (str, int, float, bool, type(None), bytes)
LONGEST_NAME = 500  # characters of a leaf's path; longer ones are cut where they are written
MOST = 20_000  # builds and nodes that are remembered; senders with keys of their own making have no end of them

class Node(NamedTuple):
    """An object or list with certain keys and types: where other ones stand in it, and where values with tags do."""

    number: int
    inner: tuple[int, ...]
    tagged: tuple[int, ...]


class Builds:
    """Reads records into columns. A build is made when its keys come for the second time."""

    def __init__(self, distinct: Distinct) -> None:
        self.distinct = distinct
        self.nodes: dict[tuple[object, ...], Node] = {}
        self.builds: dict[tuple[object, ...], Build | None] = {}
        self.refused: set[tuple[object, ...]] = set()

    def columns(self, index: int, path: str, record: Tree, adapter: Adapter) -> Columns | None:
        """Return a record in columns, None when it has to go the other way."""
        if record.__class__ is not dict or not record:
            return None
        keys, values = self.walk(record)
        key = (adapter.id, not path, *keys)
        build = self.builds.get(key)
        if build is None:
            self.meet(key, path, record, values, adapter)
            return None
        numbers: list[int] = []
        plain = self.distinct.plain
        try:
            for kind, pick in build.kinds:
                numbers += map(plain[kind].__getitem__, pick(values))
        except OpensError:
            return None
        raw, level = first(values, build.time), first(values, build.level)
        return Columns(
            index,
            first(values, build.name) or "(no name)",
            when(raw),
            raw,
            first(values, build.schema),
            int(level) if level.isdigit() and len(level) < 6 else None,
            path,
            build,
            build.order(numbers),
        )

    def walk(self, record: Tree) -> tuple[list[object], list[Any]]:
        """Return what a record's nodes are, breadth first, and the values of all nodes behind one another."""
        keys: list[object] = []
        every: list[Any] = []
        nodes: list[Any] = [record]
        for node in nodes:
            if node.__class__ is dict:
                values = [*node.values()]
                node_key = (*node, *map(type, values))
            else:
                values = [*node]
                node_key = (len(node), *map(type, node))
            known = self.nodes.get(node_key) or self.node(node_key, values)
            keys.append(known.number)
            if known.tagged:
                tagged = [values[i] for i in known.tagged]
                keys.append(tuple([(one.tags, one.value.__class__) for one in tagged]))
                for i, one in zip(known.tagged, tagged, strict=True):
                    values[i] = one.value
            every += values
            nodes += [values[i] for i in known.inner]
        return keys, every

    def node(self, key: tuple[object, ...], values: list[Any]) -> "Node":
        """Remember a node with these keys and types."""
        inner = tuple(i for i, value in enumerate(values) if value.__class__ in (dict, list))
        tagged = tuple(i for i, value in enumerate(values) if value.__class__ is Tagged)
        found = self.nodes[key] = Node(len(self.nodes), inner, tagged)
        return found

    def meet(self, key: tuple[object, ...], path: str, record: Tree, values: list[Any], adapter: Adapter) -> None:
        """Remember a build that is new, and make it at the second time."""
        if len(self.builds) >= MOST or len(self.nodes) >= MOST:
            for memory in (self.builds, self.nodes, self.refused):
                memory.clear()
        elif key not in self.builds:
            self.builds[key] = None
        elif key not in self.refused:
            made = self.builds[key] = build(path, record, values, adapter)
            if made is None:
                self.refused.add(key)


def first(values: list[Any], places: tuple[int, ...]) -> str:
    """The first of these values that says something, as text, as `events.text` does."""
    for place in places:
        value = values[place]
        if isinstance(value, str | int | float) and value != "":
            return str(value)
    return ""


def build(path: str, record: Tree, values: list[Any], adapter: Adapter) -> Build | None:
    """Work out how a record is built, None when there is more to it than plain leaves."""
    types = [value.__class__ for value in values]
    if any(not value if kind in (dict, list) else kind not in PLAIN for kind, value in zip(types, values, strict=True)):
        return None
    skeleton = numbered(record)
    found = list(leaves(skeleton, path, adapter.body.events))
    if any(f"body:{shape}" in adapter.opens or len(one) > LONGEST_NAME for one, shape, _, _ in found):
        return None
    grouped = [i for kind in PLAIN for i, one in enumerate(types) if one is kind]
    position = {place: number for number, place in enumerate(grouped)}
    layout = adapter.body
    return Build(
        names=tuple(one[len(path) :] for one, _, _, _ in found),
        shapes=tuple(shape for _, shape, _, _ in found),
        tags=tuple(tags for _, _, _, tags in found),
        kinds=tuple((kind, picker([i for i in grouped if types[i] is kind])) for kind in PLAIN if kind in types),
        order=picker([position[place] for _, _, place, _ in found]),  # type: ignore[index]  # the leaves are places
        **{
            about: tuple(place for name in getattr(layout, about) if isinstance(place := at(skeleton, name), int))
            for about in ("name", "time", "schema", "level")
        },
    )


def picker(places: list[int]) -> Picker:
    """Return what picks these places out of a list, always as a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[place] for place in places)


def numbered(record: Tree) -> Tree:
    """Return a record with the places of its values, among those of all nodes, in their stead; tags stay."""
    copy: Tree = {} if isinstance(record, dict) else []
    pairs: list[tuple[Any, Any]] = [(record, copy)]
    count = 0
    for node, made in pairs:
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            inner: Tree = Tagged(count, value.tags) if isinstance(value, Tagged) else count
            count += 1
            if isinstance(value, dict | list):
                inner = {} if isinstance(value, dict) else []
                pairs.append((value, inner))
            if isinstance(made, dict):
                made[key] = inner
            else:
                made.append(inner)
    return copy
