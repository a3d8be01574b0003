"""Shortest ways, against graphs small enough to see, and against a slow search that is plainly right."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from portalscope.analysis.paths import layer, nothing, ways

LINES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 7)), max_size=30)


def found(size, direct, *pairs, joins=None):
    layers = [layer(*np.array(some, np.int64).reshape(-1, 2).T) for some in pairs]
    join = np.ones(size, bool) if joins is None else np.array(joins)
    return ways(nothing(size), np.array(direct, np.int64), layers, join)


def test_a_chain_over_three_records():
    one = found(4, [0], [(0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (3, 2)])
    assert one.hops.tolist() == [0, 1, 2, 3]
    assert one.way(3) == [(3, 2, 0, 2), (2, 1, 0, 1), (1, 0, 0, 0)]


def test_what_shares_no_record_is_not_reached():
    assert found(3, [0], [(0, 0), (1, 0), (2, 1)]).hops.tolist() == [0, 1, -1]


def test_the_closer_layer_explains():
    one = found(2, [0], [(0, 5), (1, 5)], [(0, 1), (1, 1)])
    assert one.way(1) == [(1, 0, 0, 5)]


def test_a_value_that_does_not_join_is_reached_but_leads_nowhere():
    pairs = [(0, 0), (1, 0), (1, 1), (2, 1)]
    assert found(3, [0], pairs, joins=[True, False, True]).hops.tolist() == [0, 1, -1]


def test_known_ways_stay_and_are_gone_on_with():
    first = found(3, [0], [(0, 0), (1, 0)])
    more = layer(np.array([1, 2]), np.array([1, 1]))
    second = ways(first, np.array([0, 2]), [more], np.ones(3, bool))
    assert first.hops.tolist() == [0, 1, -1]
    assert second.hops.tolist() == [0, 1, 0]


def test_nothing_at_all():
    assert found(0, [], []).hops.tolist() == []
    assert found(2, [], [(0, 0), (1, 0)]).hops.tolist() == [-1, -1]


def slow(size, direct, pairs):
    """Distance by distance, value by value."""
    hops = [0 if value in direct else -1 for value in range(size)]
    for distance in range(size):
        records = {record for value, record in pairs if hops[value] == distance}
        for value, record in pairs:
            if record in records and hops[value] < 0:
                hops[value] = distance + 1
    return hops


@given(LINES, LINES, st.sets(st.integers(0, 9), max_size=3))
def test_ways_are_shortest(near, far, direct):
    one = found(10, sorted(direct), near, far)
    assert one.hops.tolist() == slow(10, direct, [*near, *((value, record + 100) for value, record in far)])
    for value in np.flatnonzero(one.hops > 0):
        steps = one.way(int(value))
        assert len(steps) == one.hops[value]
        assert steps[-1][1] in direct
        for start, after, number, record in steps:
            assert {(start, record), (after, record)} <= {*((near, far)[number])}
