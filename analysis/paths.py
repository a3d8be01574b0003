"""Shortest ways from direct identifiers to other values, over the records that hold both: all values at once.

Values and records are numbers. A way goes value – record – value; its length is the number of records. Records come in
layers (events before whole requests before other things in common), so that of two equally short ways the closer one is
found. The search goes in rounds over whole arrays; there is no loop over values.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from portalscope.analysis.occurrences import Flags, Numbers

NOWHERE = -1

type Columns = tuple[Numbers, Numbers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Which values are in which records: (value, record) sorted by value, and (record, value) sorted by record."""

    by_value: Columns
    by_record: Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Ways of all values, one entry each.

    `hops` to the nearest direct identifier (0: is one; -1: no way), the value `before` it on the way, and the `layer`
    and `record` that hold both.
    """

    hops: Numbers
    before: Numbers
    layer: Numbers
    record: Numbers

    def way(self, value: int) -> list[tuple[int, int, int, int]]:
        """Return (value, next value, layer, record) for each step from a value to the direct identifier."""
        steps = []
        while self.hops[value] > 0:
            after = int(self.before[value])
            steps.append((value, after, int(self.layer[value]), int(self.record[value])))
            value = after
        return steps

    def copy(self) -> "Ways":
        """Return the same, to be gone on with."""
        return Ways(
            hops=self.hops.copy(), before=self.before.copy(), layer=self.layer.copy(), record=self.record.copy()
        )


def nothing(size: int) -> Ways:
    """Return the ways of `size` values that lead nowhere."""
    none = np.full(size, NOWHERE, np.int64)
    return Ways(hops=none, before=none, layer=none, record=none)


def layer(value: Numbers, record: Numbers) -> Layer:
    """Return a layer of these pairs."""
    by_value, by_record = np.lexsort((record, value)), np.lexsort((value, record))
    return Layer(by_value=(value[by_value], record[by_value]), by_record=(record[by_record], value[by_record]))


def ways(known: Ways, direct: Numbers, layers: Sequence[Layer], joins: Flags) -> Ways:
    """Return the shortest ways to the `direct` values; those that are `known` stay as they are and are gone on with.

    Values that do not join (`joins`) are reached but lead no further.
    """
    found = known.copy()
    found.hops[direct[found.hops[direct] < 0]] = 0
    visited = [np.zeros(int(one.by_record[0].max(initial=-1)) + 1, bool) for one in layers]
    hops = 0
    while hops <= found.hops.max(initial=NOWHERE):
        frontier = np.flatnonzero((found.hops == hops) & joins)
        for number, one in enumerate(layers):
            spread(found, frontier, number, one, visited[number])
        hops += 1
    return found


def spread(found: Ways, frontier: Numbers, number: int, one: Layer, visited: Flags) -> None:
    """Reach all values that share a record of one layer with the frontier, which is `hops` away."""
    records, place = expanded(one.by_value, frontier)
    first = first_of(records, visited)
    source, records = frontier[place[first]], records[first]
    visited[records] = True
    values, place = expanded(one.by_record, records)
    fresh = np.flatnonzero(found.hops[values] < 0)
    values, chosen = np.unique(values[fresh], return_index=True)
    place = place[fresh[chosen]]
    found.hops[values] = found.hops[source[place]] + 1
    found.before[values] = source[place]
    found.layer[values] = number
    found.record[values] = records[place]


def first_of(records: Numbers, visited: Flags) -> Numbers:
    """Return where each record that is not visited yet stands first."""
    fresh = np.flatnonzero(~visited[records])
    return np.asarray(fresh[np.unique(records[fresh], return_index=True)[1]], np.int64)


def expanded(columns: Columns, keys: Numbers) -> Columns:
    """Return all partners of some keys, and for each the position of its key."""
    left = np.searchsorted(columns[0], keys, "left")
    count = np.searchsorted(columns[0], keys, "right") - left
    place = np.repeat(np.arange(len(keys)), count)
    offset = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    return columns[1][np.repeat(left, count) + offset], place
