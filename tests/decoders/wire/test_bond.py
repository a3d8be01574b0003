"""Bond Compact Binary against bytes that Microsoft's generated writers made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.bond import MAX_DEPTH, Reader, bond, records
from tests.decoders.wire.vectors import T1, T2, T2_IN_V2


def test_minimal_record():
    (record,), why, rest = records(T1)
    assert record == {
        1: "4.0",
        2: "Demo.Event",
        3: 638400000000000000,
        5: "o:0123456789abcdef0123456789abcdef",
        6: 0x101,
    }
    assert (why, rest) == ("", b"")


def test_value_with_a_pii_attribute():
    (record,), _, _ = records(T2)
    assert record[70] == [{1: (("upn", {2: [{1: [{1: 10}]}], 3: "a@b"}),)}]


def test_records_have_no_framing_and_stand_back_to_back():
    found, why, _ = records(T1 + T2)
    assert [record[2] for record in found] == ["Demo.Event", "n"]
    assert why == ""


def test_version_2_has_lengths_and_small_lists():
    assert records(T2_IN_V2, version=2)[0] == records(T2)[0]


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ("09", -5),
        ("01", -1),
        ("ffffffffffffffffff01", -(2**63)),
        ("feffffffffffffffff01", 2**63 - 1),
        ("d804", 300),
        ("80a0abfef962", 1700000000000),
    ],
)
def test_zigzag(wire, value):
    assert Reader(bytes.fromhex(wire)).zigzag() == value


def test_varint():
    assert Reader(bytes.fromhex("80d095ffbc31")).varint() == 1700000000000
    with pytest.raises(ValueError, match="too long"):
        Reader(b"\xff" * 11).varint()


def test_a_bad_tail_does_not_lose_the_records_before_it():
    found, why, rest = records(T1 + T2[:-3])
    assert len(found) == 1
    assert why.startswith("record 1")
    assert rest == T2[:-3]


def test_a_count_that_the_bytes_cannot_hold_is_refused():
    _, why, _ = records(bytes.fromhex("2b 09 ff ff ff ff 0f"))
    assert "more elements than bytes" in why


def test_nesting_is_bounded():
    _, why, _ = records(b"\x2a" * 10_000)
    assert f"deeper than {MAX_DEPTH}" in why


def test_without_schema_field_numbers_are_names():
    assert bond(b"CB\x01\x00" + T2)[0]["70"] == [{"1": {"upn": {"2": [{"1": [{"1": 10}]}], "3": "a@b"}}}]


def test_a_derived_class_may_use_the_ids_of_its_base_again():
    # base: field 1 string "a", BT_STOP_BASE, derived: field 1 string "b"
    assert bond(bytes.fromhex("290161 01 290162 00")) == [{"1": "a", "1:1": "b"}]


def test_nothing_is_no_bond():
    with pytest.raises(DecodeError):
        bond(b"\x00")


@given(st.binary(max_size=400), st.sampled_from([1, 2]))
def test_any_bytes(data, version):
    found, why, rest = records(data, version)
    assert bool(rest) == bool(why)
    assert data.endswith(rest)
    assert len(found) <= len(data)


@given(st.integers(0, len(T1 + T2)))
def test_any_truncation(cut):
    found, _, rest = records((T1 + T2)[:cut])
    assert len(found) == (cut >= len(T1)) + (cut == len(T1 + T2))
    assert rest == (T1 + T2)[len(T1) if cut >= len(T1) else 0 : cut] or not rest
