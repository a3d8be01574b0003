"""Common Schema records in Bond and the tags in JSON, against the SDKs' own bytes."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError, Tag, Tagged
from portalscope.decoders.tree import leaves
from portalscope.decoders.wire.common_schema import common_schema_bond, common_schema_tags, unpacked
from tests.decoders.wire.vectors import T1, T2

DATA = Path(__file__).parents[2] / "data"
ALL_KINDS = (DATA / "record-cs4-all-kinds.bin").read_bytes()


def values(tree):
    return {path: value for path, _, value, _ in leaves(tree)}


def test_minimal_record_and_tagged_value():
    first, second = common_schema_bond(T1 + T2)
    assert first == {
        "ver": "4.0",
        "name": "Demo.Event",
        "time": 638400000000000000,
        "iKey": "o:0123456789abcdef0123456789abcdef",
        "flags": 257,
    }
    assert second["data"]["upn"] == Tagged("a@b", (Tag("pii", 10),))


def test_every_kind_of_value():
    found = values(common_schema_bond(ALL_KINDS))
    assert found["[0].data.g"] == "00112233-4455-6677-8899-aabbccddeeff"  # mixed-endian on the wire
    assert found["[0].data.u64"] == 2**64 - 1  # stored as int64 -1
    assert found["[0].data.i64min"] == -(2**63)
    assert found["[0].data.bf"] is False  # false has no value field
    assert found["[0].data.empty"] == ""
    assert found["[0].data.dt"] == 638400000000000000
    assert [found[f"[0].data.al[{i}]"] for i in range(3)] == [1, -2, 300]
    assert found["[0].data.ag[0]"] == "abababab-abab-abab-abab-abababababab"
    assert found["[0].time"] == 638400000001234567  # the last digit is not lost
    assert found["[0].ext.loc.tz"] == "+01:00"
    assert found["[0].ext.javascript.dnt"] == "1"  # a three-byte field header


def test_tags_of_every_kind():
    tags = {path: tags for path, _, _, tags in leaves(common_schema_bond(ALL_KINDS)) if tags}
    assert tags == {
        "[0].data.cc": (Tag("customer-content", 1),),
        "[0].data.ip": (Tag("pii", 3),),
        "[0].data.upn": (Tag("pii", 10),),
    }


def test_version_3_has_the_same_shapes():
    older = common_schema_bond((DATA / "record-cs3-all-kinds.bin").read_bytes())
    assert older[0]["ver"] == "3.0"
    assert set(values(older)) <= set(values(common_schema_bond(ALL_KINDS)))


def test_two_structs_of_one_extension_are_merged():
    # field 21 (extProtocol): list of two structs: {3: "m"} and {2: [["10001"]]}
    record = bytes.fromhex("2903342e30 cb150a02 69016d00 4b0b010901053130303031 00 00".replace(" ", ""))
    (event,) = common_schema_bond(record)
    assert event["ext"]["protocol"] == {"devMake": "m", "ticketKeys": [["10001"]]}


def test_an_empty_extension_is_there():
    (event,) = common_schema_bond(bytes.fromhex("2903342e30cb160a010000"))
    assert event["ext"] == {"user": {}}


def test_a_tag_on_a_number_leaves_text():
    # {"n": {attributes[0].pii[0].Kind 10, stringValue "7"}}: the C++ SDK writes tagged numbers as text
    (event,) = common_schema_bond(T2.replace(b"\x69\x03a@b", b"\x69\x017"))
    assert event["data"]["upn"] == Tagged("7", (Tag("pii", 10),))


def test_records_before_a_bad_one_are_kept():
    with pytest.raises(DecodeError) as caught:
        common_schema_bond(T1 + T2[:10])
    assert [event["name"] for event in caught.value.partial] == ["Demo.Event"]
    assert caught.value.rest == T2[:10]


@pytest.mark.parametrize(
    ("code", "tags"),
    [(2, ()), (6, ()), (8, ()), (33, (1,)), (193, (6,)), (289, (9,)), (321, (10,)), (417, (13,))],
)
def test_metadata_codes(code, tags):
    assert unpacked(code) == tuple(Tag("pii", n) for n in tags)
    assert unpacked(8193) == (Tag("customer-content", 1),)


def test_tags_from_json_metadata():
    event = json.loads(
        '{"name":"Test.Event","ext":{"metadata":{"f":{"baseData":{"f":{"upn":{"t":321}}},"mail":{"t":289},"arr":{"a":{"t":6}},'
        '"nested":{"f":{"a":{"t":193}}},"dot":{"f":{"ted":{"t":33}}},"n":6,"cc":{"t":8193}}}},"data":{"baseData":{"name":"home",'
        '"upn":"user@contoso.example"},"plain":"x","mail":"a@b.example","arr":[1,2.5],"nested":{"a":"+31600000000"},'
        '"dot":{"ted":"CN=x"},"n":3,"cc":"doc"}}'
    )
    found = {shape: tags for _, shape, _, tags in leaves(common_schema_tags([event])) if tags}
    assert found == {
        "[].data.baseData.upn": (Tag("pii", 10),),
        "[].data.mail": (Tag("pii", 9),),
        "[].data.nested.a": (Tag("pii", 6),),
        "[].data.dot.ted": (Tag("pii", 1),),
        "[].data.cc": (Tag("customer-content", 1),),
    }
    assert sum(1 for _ in leaves(common_schema_tags([event]))) == sum(1 for _ in leaves([event]))


@given(st.binary(max_size=300))
def test_any_bytes(data):
    try:
        assert len(common_schema_bond(data)) <= len(data)
    except DecodeError as error:
        assert data.endswith(error.rest)


@given(st.integers(0, len(ALL_KINDS)), st.integers(0, 255))
def test_any_truncation_and_any_changed_byte(cut, byte):
    for data in (ALL_KINDS[:cut], ALL_KINDS[:cut] + bytes([byte]) + ALL_KINDS[cut + 1 :]):
        try:
            list(leaves(common_schema_bond(data)))
        except DecodeError as error:
            assert data.endswith(error.rest)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda t: st.lists(t) | st.dictionaries(st.sampled_from("ftabx"), t)
    )
)
def test_any_metadata(spec):
    event = {"ext": {"metadata": {"f": spec}}, "data": {"a": {"b": [1, "x"]}, "t": None}}
    assert sum(1 for _ in leaves(common_schema_tags(event))) == sum(1 for _ in leaves(event))
