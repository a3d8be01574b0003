"""Forms and query strings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.form import form, grouped, looks_like_form, pairs


def test_pairs_in_order_decoded_once():
    assert pairs("a=1&b=%2540&a=x+y&c&=v") == [("a", "1"), ("b", "%40"), ("a", "x y"), ("c", ""), ("", "v")]


def test_a_form_without_a_content_type():
    assert form(b"grant_type=srv_challenge") == {"grant_type": "srv_challenge"}


def test_repeated_names_hold_a_list():
    assert grouped("a=1&a=2&a=3&b=4") == {"a": ["1", "2", "3"], "b": "4"}


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00=\x01", b"<a b=c>"])
def test_what_is_no_form(data):
    assert not looks_like_form(data)
    with pytest.raises(DecodeError):
        form(data)


@given(st.binary(max_size=200))
def test_any_bytes(data):
    try:
        assert form(data)
    except DecodeError as error:
        assert error.rest == data
