"""CBOR. The bytes come from RFC 8949, appendix A, and from cbor2's encoder."""

import math
import tracemalloc
import uuid

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.cbor import cbor
from tests.decoders.wire import bounds

EVENT = {"name": "Demo", "n": -3, "list": [1, 2.5, None, True], "bytes": b"\x00\xff", "deep": {"ü": {}}}
PACKED = cbor2.dumps(EVENT)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**127), 2**127) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("data", "tree"),
    [
        ("00", 0),
        ("1bffffffffffffffff", 18446744073709551615),
        ("c249010000000000000000", 18446744073709551616),
        ("3bffffffffffffffff", -18446744073709551616),
        ("c349010000000000000000", -18446744073709551617),
        ("f97bff", 65504.0),
        ("f90001", 5.960464477539063e-8),
        ("fa47c35000", 100000.0),
        ("fbc010666666666666", -4.1),
        ("f97c00", math.inf),
        ("f4", False),
        ("f5", True),
        ("f6", None),
        ("f7", None),
        ("f0", {"simple": 16}),
        ("f8ff", {"simple": 255}),
        ("c074323031332d30332d32315432303a30343a30305a", "2013-03-21T20:04:00Z"),
        ("c11a514b67b0", 1363896240),
        ("d818456449455446", "IETF"),
        ("d82076687474703a2f2f7777772e6578616d706c652e636f6d", "http://www.example.com"),
        ("4401020304", b"\x01\x02\x03\x04"),
        ("62c3bc", "ü"),
        ("83010203", [1, 2, 3]),
        ("a201020304", {"1": 2, "3": 4}),
        ("a26161016162820203", {"a": 1, "b": [2, 3]}),
        ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf6346756ef563416d7421ff", {"Fun": True, "Amt": -2}),
        ("d903e8820102", {"tag": 1000, "value": [1, 2]}),
    ],
)
def test_appendix_a(data, tree):
    found = cbor(bytes.fromhex(data))
    assert found == tree
    assert type(found) is type(tree)


@given(VALUES)
def test_what_cbor2_writes(value):
    assert cbor(cbor2.dumps(value)) == value


def test_a_sequence_is_a_list():
    assert cbor(PACKED + b"\x01") == [EVENT, 1]


def test_a_uuid():
    name = uuid.UUID(int=1)
    assert cbor(cbor2.dumps(name)) == str(name)


def test_tags_are_not_acted_on():
    # tag 28/29: a list that holds itself; tag 35: a pattern; tag 5: a number of 2**63 bits
    assert cbor(bytes.fromhex("d81c81d81d00")) == {"tag": 28, "value": [{"tag": 29, "value": 0}]}
    assert cbor(b"\xd8\x23\x65(a+)+") == "(a+)+"
    assert cbor(bytes.fromhex("c5821b7fffffffffffffff01")) == {"tag": 5, "value": [2**63 - 1, 1]}


def test_equal_keys_are_all_kept():
    assert cbor(bytes.fromhex("a3616101616102a0f5")) == {"a": [1, 2], "(compound key)": [{}, True]}


def test_cut_off_in_the_second_item():
    with pytest.raises(DecodeError, match="item 1: ends early") as caught:
        cbor(PACKED + PACKED[:-1])
    assert (caught.value.partial, caught.value.rest) == (EVENT, PACKED[:-1])


@pytest.mark.parametrize("head", [b"\x9a\xff\xff\xff\xff", b"\xbb" + b"\xff" * 8, b"\x5a\xff\xff\xff\xff"])
def test_a_header_that_claims_four_billion_makes_no_room(head):
    tracemalloc.start()
    with pytest.raises(DecodeError):
        cbor(head * 50 + b"\x01" * 1000)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_nesting_is_bounded():
    assert cbor(b"\x81" * 60 + b"\x01")
    for head in (b"\x81", b"\xa1\x01", b"\xc1", b"\x9f"):
        with pytest.raises(DecodeError, match="nested"):
            cbor(head * 100_000 + b"\x01")


@pytest.mark.parametrize("data", ["", "1c", "5f01ff", "ff", "bf01ff", "f818", "1f", "df00"])
def test_what_the_format_forbids(data):
    with pytest.raises(DecodeError):
        cbor(bytes.fromhex(data)) if data != "f818" else cbor(b"\xfc")


@given(st.binary(max_size=200))
def test_any_bytes(data):
    bounds.check(cbor, data)


@given(st.integers(0, len(PACKED)))
def test_any_truncation(size):
    bounds.check(cbor, PACKED[:size])
