"""Records in columns: what all records with the same keys share is worked out once, and each brings its values only.

The way of `decode` that makes a `Field` of every leaf is the obvious one, and the measure: a record goes this way only
when nothing about it is out of the ordinary, and then means the same, leaf by leaf.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from portalscope.decoders.adapters import Adapter
from portalscope.decoders.distinct import PLAIN, Distinct, Inside
from portalscope.decoders.events import when
from portalscope.decoders.message import Build, Columns, Tag, Tagged, Tree
from portalscope.decoders.tree import at, leaves

LONGEST_NAME = 500  # characters of a leaf's path; longer ones are cut where they are written
MOST = 20_000  # builds and nodes that are remembered; senders with keys of their own making have no end of them

type Key = tuple[object, ...]
type Picker = Callable[[Sequence[Any]], tuple[Any, ...]]
type Openings = Sequence[tuple[int, Inside]]


class Purse(Protocol):
    """The adapter of an exchange, and how many bytes of its values may still be opened."""

    adapter: Adapter
    budget: int


class Node(NamedTuple):
    """An object or list with certain keys and types: where other ones stand in it, and where values with tags do."""

    number: int
    inner: tuple[int, ...]
    tagged: tuple[int, ...]


class Frame(NamedTuple):
    """What records with the same keys, types and tags share, before anything in them is opened.

    `leaves` are path, shape, place and tags in document order; a place is a position among the values of all nodes.
    `kinds` picks the values of one type after the other out of these, `order` are the places in the order of `kinds`.
    `declared` says which places the adapter opens, with which steps; the rest where name, time and so on stand.
    """

    leaves: tuple[tuple[str, str, int, tuple[Tag, ...]], ...]
    kinds: tuple[tuple[type, Picker], ...]
    order: tuple[int, ...]
    declared: tuple[tuple[int, tuple[str, ...]], ...]
    name: tuple[int, ...]
    time: tuple[int, ...]
    schema: tuple[int, ...]
    level: tuple[int, ...]


class Builds:
    """Reads records into columns. A frame is made when its keys come for the second time."""

    def __init__(self, distinct: Distinct) -> None:
        self.distinct = distinct
        self.nodes: dict[Key, Node] = {}
        self.frames: dict[Key, Frame | None] = {}
        self.refused: set[Key] = set()
        self.builds: dict[Key, tuple[Build, Picker]] = {}

    def columns(self, index: int, path: str, record: Tree, purse: Purse) -> Columns | None:
        """Return a record in columns, None when it has to go the other way."""
        if record.__class__ is not dict or not record:
            return None
        keys, values = self.walk(record)
        key = (purse.adapter.id, not path, *keys)
        frame = self.frames.get(key)
        if frame is None:
            self.meet(key, path, record, values, purse.adapter)
            return None
        numbers: list[int] = []
        plain = self.distinct.plain
        for kind, pick in frame.kinds:
            numbers += map(plain[kind].__getitem__, pick(values))
        openings = self.openings(frame, values, numbers)
        if openings is None or (cost := sum(inside.cost for _, inside in openings)) > purse.budget:
            return None
        purse.budget -= cost
        build, order = self.build(key, frame, openings)
        for _, inside in openings:
            numbers += inside.numbers
        raw, level = first(values, frame.time), first(values, frame.level)
        return Columns(
            index,
            first(values, frame.name) or "(no name)",
            when(raw),
            raw,
            first(values, frame.schema),
            int(level) if level.isdigit() and len(level) < 6 else None,
            path,
            build,
            order(numbers),
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
            for i in known.inner:
                if values[i]:
                    nodes.append(values[i])
                else:
                    values[i] = ""  # an empty object or list is a leaf
                    keys.append(-i)
            if known.tagged:
                tagged = [values[i] for i in known.tagged]
                keys.append(tuple([(one.tags, one.value.__class__) for one in tagged]))
                for i, one in zip(known.tagged, tagged, strict=True):
                    values[i] = one.value
            every += values
        return keys, every

    def node(self, key: Key, values: list[Any]) -> Node:
        """Remember a node with these keys and types."""
        inner = tuple(i for i, value in enumerate(values) if value.__class__ in (dict, list))
        tagged = tuple(i for i, value in enumerate(values) if value.__class__ is Tagged)
        found = self.nodes[key] = Node(len(self.nodes), inner, tagged)
        return found

    def meet(self, key: Key, path: str, record: Tree, values: list[Any], adapter: Adapter) -> None:
        """Remember keys that are new, and make their frame at the second time."""
        if max(len(self.frames), len(self.nodes), len(self.builds)) >= MOST:
            for memory in (self.frames, self.nodes, self.refused, self.builds):
                memory.clear()
        elif key not in self.frames:
            self.frames[key] = None
        elif key not in self.refused:
            made = self.frames[key] = frame_of(path, record, values, adapter)
            if made is None:
                self.refused.add(key)

    def openings(self, frame: Frame, values: list[Any], numbers: list[int]) -> Openings | None:
        """Return the places that are opened with what is inside, None when one of them is out of the ordinary."""
        distinct = self.distinct
        if not frame.declared and distinct.opening.keys().isdisjoint(numbers):
            return ()
        found: dict[int, Inside | None] = {
            place: distinct.opening[number]
            for place, number in zip(frame.order, numbers, strict=True)
            if number in distinct.opening
        }
        found.update((place, distinct.inside(values[place], steps)) for place, steps in frame.declared)
        return None if None in found.values() else sorted(found.items())  # type: ignore[arg-type]  # none is None

    def build(self, key: Key, frame: Frame, openings: Openings) -> tuple[Build, Picker]:
        """Return how a record is built, and what brings the numbers of its values into document order."""
        whole = (key, *((place, inside.key) for place, inside in openings)) if openings else key
        if whole not in self.builds:
            self.builds[whole] = build_of(frame, openings)
        return self.builds[whole]


def first(values: list[Any], places: tuple[int, ...]) -> str:
    """The first of these values that says something, as text, as `events.text` does."""
    for place in places:
        value = values[place]
        if isinstance(value, str | int | float) and value != "":
            return str(value)
    return ""


def frame_of(path: str, record: Tree, values: list[Any], adapter: Adapter) -> Frame | None:
    """Work out what records with these keys share, None when there is more to them than plain values."""
    types = [value.__class__ for value in values]
    skeleton = numbered(record)
    found = [
        (one[len(path) :], shape, place, tags)
        for one, shape, place, tags in leaves(skeleton, path, adapter.body.events)
        if isinstance(place, int)
    ]
    places = {place for _, _, place, _ in found}
    if any(types[place] not in PLAIN for place in places) or any(len(one[0]) > LONGEST_NAME for one in found):
        return None
    order = tuple(i for kind in PLAIN for i, one in enumerate(types) if one is kind and i in places)
    opens = {place: adapter.opens[f"body:{shape}"] for _, shape, place, _ in found if f"body:{shape}" in adapter.opens}
    return Frame(
        leaves=tuple(found),
        kinds=tuple((kind, picker([i for i in order if types[i] is kind])) for kind in PLAIN if kind in types),
        order=order,
        declared=tuple(opens.items()),
        **{
            about: tuple(place for name in getattr(adapter.body, about) if isinstance(place := at(skeleton, name), int))
            for about in ("name", "time", "schema", "level")
        },
    )


def build_of(frame: Frame, openings: Openings) -> tuple[Build, Picker]:
    """Put the leaves of a frame, and of what is opened in it, into document order."""
    position = {place: n for n, place in enumerate(frame.order)}
    inner = dict(openings)
    behind = len(frame.order)
    start = {}
    for place, inside in openings:
        start[place], behind = behind, behind + len(inside.numbers)
    rows: list[tuple[str, str, tuple[Tag, ...], int, bool, int]] = []
    for name, shape, place, tags in frame.leaves:
        rows.append((name, shape, tags, 0, place in inner, position[place]))
        if place in inner:
            found = inner[place].fields
            rows += [
                (name + f.path, shape + f.shape, f.tags, f.depth, f.opened, start[place] + n)
                for n, f in enumerate(found)
            ]
    names, shapes, tags_, depths, opened, order = zip(*rows, strict=True)
    return Build(names, shapes, tags_, bytes(depths), bytes(opened)), picker(order)


def picker(places: Sequence[int]) -> Picker:
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
            if isinstance(value, dict | list) and value:
                inner = {} if isinstance(value, dict) else []
                pairs.append((value, inner))
            if isinstance(made, dict):
                made[key] = inner
            else:
                made.append(inner)
    return copy
