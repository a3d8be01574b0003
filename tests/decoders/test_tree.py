"""Leaves of a tree: nothing is left out."""

from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import Media, Tag, Tagged
from portalscope.decoders.tree import at, leaves

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda t: st.lists(t) | st.dictionaries(st.text(), t)
)


def count(tree):
    """Leaves, counted the plain way; an empty object or list is one."""
    if isinstance(tree, dict):
        return sum(map(count, tree.values())) or 1
    return sum(map(count, tree)) or 1 if isinstance(tree, list) else 1


def test_paths_and_shapes_in_document_order():
    tree = [{"a": {"b.c": 1, "d": [True, None]}}, {"x[0]": "v", "": "w"}]
    assert [leaf[:3] for leaf in leaves(tree)] == [
        ("[0].a.b.c", "[].a.b.c", 1),
        ("[0].a.d[0]", "[].a.d[]", True),
        ("[0].a.d[1]", "[].a.d[]", None),
        ('[1]["x[0]"]', '[]["x[0]"]', "v"),
        ('[1][""]', '[][""]', "w"),
    ]


def test_tags_media_and_empty_containers():
    tree = {"a": Tagged("v", (Tag("pii", 9),)), "b": Media("image/png", 70), "c": {}, "d": []}
    assert list(leaves(tree)) == [
        ("a", "a", "v", (Tag("pii", 9),)),
        ("b.media", "b.media", Media("image/png", 70), ()),
        ("c", "c", "", ()),
        ("d", "d", "", ()),
    ]


def test_at():
    tree = {"a": {"b": {"c": 1}, "b.d": Tagged(2, ())}, "x.y": 3}
    assert [at(tree, path) for path in ("a.b.c", "a.b.d", "x.y", "a.z", "a.b.c.d")] == [1, 2, 3, None, None]


def test_depth_is_no_danger():
    tree: object = 1
    for _ in range(100_000):
        tree = [tree]
    assert len(list(leaves(tree))) == 1


@given(TREES)
def test_no_leaf_is_lost(tree):
    assert len(list(leaves(tree))) == count(tree)
