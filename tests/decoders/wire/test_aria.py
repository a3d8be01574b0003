"""Aria v2. The bytes come from the SDK's generated writers of the old schema, compiled with g++."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError, Tag, Tagged
from portalscope.decoders.wire.aria import aria
from tests.decoders.wire import bounds

T4 = bytes.fromhex(
    "6d090b0103746f6b0a0149126163745f64656661756c745f736f75726365a92430303030303030302d303030302d343030302d38303030"
    "2d303030303030303030303032d10680a0abfef962cb080a01292430303030303030302d303030302d343030302d383030302d30303030"
    "30303030303030317180a0abfef962a906637573746f6dc9060b66697273745f6576656e74cd0d0909020d446576696365496e666f2e49"
    "6406613a316132620e4576656e74496e666f2e4e616d650b66697273745f6576656e74d01802cd1e090a01046d61696c30025012691475"
    "73657240636f6e746f736f2e6578616d706c6500cd1f090201016201cd2009110101748080e089ddda86dc11cd21091101016905cd2209"
    "08010164000000000000e03fcd23090b010167031001010101010101010101010101010101cd24090a0102636330024906736563726574"
    "00000000"
)
RECORD = {
    "package": 0,
    "Id": "00000000-0000-4000-8000-000000000001",
    "Timestamp": 1700000000000,
    "Type": "custom",
    "EventType": "first_event",
    "Extension": {"DeviceInfo.Id": "a:1a2b", "EventInfo.Name": "first_event"},
    "RecordType": 1,
    "PIIExtensions": {"mail": Tagged("user@contoso.example", (Tag("scrub", 1), Tag("pii", 9)))},
    "TypedExtensionBoolean": {"b": True},
    "TypedExtensionDateTime": {"t": 638400000000000000},
    "TypedExtensionInt64": {"i": -3},
    "TypedExtensionDouble": {"d": 0.5},
    "TypedExtensionGuid": {"g": "01010101-0101-0101-0101-010101010101"},
    "CustomerContentExtensions": {"cc": Tagged("secret", (Tag("customer-content", 1),))},
}
PACKAGE = {
    "token": "tok",
    "Source": "act_default_source",
    "DataPackageId": "00000000-0000-4000-8000-000000000002",
    "Timestamp": 1700000000000,
}


def test_the_whole_request():
    assert aria(T4) == {"packages": [PACKAGE], "records": [RECORD]}


def test_field_31_and_32_are_users_in_the_older_schema():
    # packages (1) of one struct {records (8) of one struct {31: struct {1: "kim"}, 32: list of two structs}}
    user = "ca1f29036b696d00"
    users = "cb200a02" + "29016100" + "690162" + "00"
    data = bytes.fromhex("2b0a01" + "cb080a01" + user + users + "00" + "00" + "00")
    record = {
        "package": 0,
        "InitiatingUserComposite": {"Username": "kim"},
        "TargetUsersComposite": [{"Username": "a"}, {"UiVersion": "b"}],
    }
    assert aria(data) == {"packages": [{}], "records": [record]}


def test_a_token_without_packages_and_a_retry_count():
    # 2: int32 3 (zigzag 6), 3: map<string, list<struct>> {"tok": []}
    assert aria(bytes.fromhex("50066d090b0103746f6b0a0000")) == {
        "packages": [{"token": "tok"}],
        "records": [],
        "RequestRetryCount": 3,
    }


@pytest.mark.parametrize("data", [b"", b"\x00", T4[:-1], bytes.fromhex("2903342e3000"), b"{}"])
def test_what_is_no_request(data):
    with pytest.raises(DecodeError):
        aria(data)


def test_bytes_behind_the_request_are_left():
    with pytest.raises(DecodeError) as caught:
        aria(T4 + b"\xff\xff")
    assert caught.value.rest == b"\xff\xff"
    assert caught.value.partial == aria(T4)


@given(st.binary(max_size=200))
def test_any_bytes(data):
    bounds.check(aria, data, factor=30)


@given(st.integers(0, len(T4)), st.integers(0, len(T4) - 1), st.integers(0, 255))
def test_any_truncation_and_any_change(size, place, byte):
    bounds.check(aria, T4[:size], factor=30)
    bounds.check(aria, T4[:place] + bytes([byte]) + T4[place + 1 :], factor=30)
