"""The Tickets header in its three spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.tickets import tickets


def test_the_sdk_spelling():
    assert tickets(b'"10001"="p:AAA";"10003"="x:XBL3.0 x=BBB"') == [
        {"key": "10001", "prefix": "p", "ticket": "AAA", "kind": "MSA user"},
        {"key": "10003", "prefix": "x", "ticket": "XBL3.0 x=BBB", "kind": "Xbox user"},
    ]


def test_the_app_center_spelling():
    assert tickets(b'{"a1b2": "d:TOKEN"}') == [{"key": "a1b2", "prefix": "d", "ticket": "TOKEN"}]


@given(st.binary(max_size=100))
def test_any_bytes(data):
    try:
        assert tickets(data)
    except DecodeError as error:
        assert error.why


def test_nothing_is_no_ticket():
    with pytest.raises(DecodeError):
        tickets(b"")
