"""MessagePack. The bytes come from the specification and from msgpack's C encoder."""

import datetime as dt
import tracemalloc

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.messagepack import messagepack
from tests.decoders.wire import bounds

EVENT = {"name": "Demo", "n": -3, "list": [1, 2.5, None, True], "bytes": b"\x00\xff", "deep": {"ü": {}}}
PACKED = msgpack.packb(EVENT)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


def test_the_specification_s_own_example():
    assert messagepack(bytes.fromhex("82a7636f6d70616374c3a6736368656d6100")) == {"compact": True, "schema": 0}


def test_an_object():
    assert messagepack(PACKED) == EVENT


def test_objects_back_to_back_are_a_list():
    assert messagepack(b"\x01\xa1a\xc0") == [1, "a", None]


@given(VALUES)
def test_what_the_library_writes(value):
    assert messagepack(msgpack.packb(value)) == value


def test_extensions_and_times():
    assert messagepack(msgpack.packb(msgpack.ExtType(5, b"xy"))) == {"ext": 5, "data": b"xy"}
    assert messagepack(msgpack.packb(msgpack.Timestamp(1_700_000_000, 5))) == "1700000000.000000005"
    at = dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC)
    assert messagepack(msgpack.packb([at], datetime=True)) == [1_700_000_000]


def test_keys_of_any_kind_become_names_and_none_is_lost():
    # fixmap 6: 1 -> "a", b"\x02" -> "b", nil -> "c", [] -> "d", "k" -> "e", "k" -> "f"
    data = bytes.fromhex("8601a161c40102a162c0a16390a164a16ba165a16ba166")
    tree = {"1": "a", "02": "b", "null": "c", "(compound key)": [[], "d"], "k": ["e", "f"]}
    assert messagepack(data) == tree


def test_text_that_is_no_utf8_stays_visible():
    assert messagepack(b"\xa3a\xffb") == "a\\xffb"


def test_cut_off_after_the_first_object():
    with pytest.raises(DecodeError, match="ends early") as caught:
        messagepack(PACKED + PACKED[:-1])
    assert (caught.value.partial, caught.value.rest) == (EVENT, PACKED[:-1])


def test_a_byte_that_is_never_used():
    with pytest.raises(DecodeError) as caught:
        messagepack(b"\x01\xc1\x02")
    assert (caught.value.partial, caught.value.rest) == (1, b"\xc1\x02")


@pytest.mark.parametrize("head", [b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff"])
def test_a_header_that_claims_four_billion_makes_no_room(head):
    tracemalloc.start()
    with pytest.raises(DecodeError):
        messagepack(head * 200 + b"\x01" * 1000)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_nesting_is_bounded():
    assert messagepack(b"\x91" * 60 + b"\x01")
    for levels in (70, 400, 100_000):
        with pytest.raises(DecodeError):
            messagepack(b"\x91" * levels + b"\x01")


@given(st.binary(max_size=200))
def test_any_bytes(data):
    bounds.check(messagepack, data)


@given(st.integers(0, len(PACKED)))
def test_any_truncation(size):
    bounds.check(messagepack, PACKED[:size])
