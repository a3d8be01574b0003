"""JSON and JSON lines: nothing is lost, nothing is made up."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.json_text import json_lines, json_text

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda tree: st.lists(tree, max_size=4) | st.dictionaries(st.text(max_size=5), tree, max_size=4),
)


def test_numbers_keep_their_digits():
    assert json_text(b'{"n": 123456789012345678901234567890}') == {"n": 123456789012345678901234567890}
    assert math.isnan(json_text(b"[NaN]")[0])


def test_a_key_that_comes_twice_keeps_both_values():
    assert json_text(b'{"a": 1, "b": 2, "a": "anna"}') == {"a": [1, "anna"], "b": 2}


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
def test_encodings(codec):
    assert json_text('{"ü": "日"}'.encode(codec)) == {"ü": "日"}


def test_what_follows_the_document_is_kept():
    with pytest.raises(DecodeError) as caught:
        json_text(b'{"a": 1} tail')
    assert (caught.value.partial, caught.value.rest) == ({"a": 1}, b"tail")


def test_nesting_ends_in_an_error():
    for data in (b"[" * 100_000, b'{"a":' * 100_000):
        with pytest.raises(DecodeError):
            json_text(data)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1}\n{"a":2}\n',
        b'{"a":1}\r\n\r\n{"a":2}',
        b'[{"a":1},{"a":2}]',
        b'{"a":1}{"a":2}',
        b'{\n "a": 1\n}\n{"a":2}',
        b'{"a":1},\n{"a":2}',
    ],
)
def test_lines_in_all_their_forms(body):
    assert json_lines(body) == [{"a": 1}, {"a": 2}]


def test_a_bad_line_does_not_lose_the_others():
    with pytest.raises(DecodeError, match="1 of 3") as caught:
        json_lines(b'{"a":1}\n{"a": nonsense\n{"a":2}')
    assert caught.value.partial == [{"a": 1}, {"a": 2}]
    assert caught.value.rest == b'{"a": nonsense'


def test_no_value_in_an_error():
    with pytest.raises(DecodeError) as caught:
        json_text(b'{"upn": "anna@contoso.example" x')
    assert "anna" not in caught.value.why


@given(ANY_JSON)
def test_every_document(tree):
    assert json_text(json.dumps(tree).encode()) == tree


@given(st.binary(max_size=200))
def test_any_bytes(data):
    for step in (json_text, json_lines):
        try:
            step(data)
        except DecodeError:
            continue


@given(st.lists(ANY_JSON.filter(lambda tree: isinstance(tree, dict)), min_size=2, max_size=4), st.data())
def test_any_truncation_keeps_whole_lines(trees, data):
    lines = [json.dumps(tree) for tree in trees]
    body = "\n".join(lines).encode()
    cut = data.draw(st.integers(len(lines[0]) + 1, len(body)))
    try:
        found = json_lines(body[:cut])
    except DecodeError as error:
        found = error.partial
    assert found[0] == trees[0]


def test_lines_that_nest_too_deep_end_the_reading():
    deep = b"[\n" * 32_000
    with pytest.raises(DecodeError) as caught:
        json_lines(b'{"a": 1}\n' + deep)
    assert caught.value.partial == [{"a": 1}]
    assert len(caught.value.rest) == len(deep)
