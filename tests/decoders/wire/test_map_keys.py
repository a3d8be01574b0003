"""Keys of any kind as names."""

from portalscope.decoders.wire.map_keys import mapping


def test_every_kind_of_key_has_a_name():
    pairs = [("a", 1), (b"\x0f", 2), (3, 3), (1.5, 4), (True, 5), (None, 6), ([1], 7)]
    names = {"a": 1, "0f": 2, "3": 3, "1.5": 4, "true": 5, "null": 6, "(compound key)": [[1], 7]}
    assert mapping(pairs) == names


def test_equal_names_hold_all_values():
    assert mapping([("1", "a"), (1, "b")]) == {"1": ["a", "b"]}
