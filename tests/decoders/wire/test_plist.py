"""Property lists against Python's plistlib, and the hostile ones that it walks into."""

import plistlib
import struct
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.plist import plist

# the check-in message of apple/device-management mdm/checkin/tokenupdate.yaml, values invented
TOKEN_UPDATE = b"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><!-- sent by a device --><dict>
 <key>AwaitingConfiguration</key><false/>
 <key>MessageType</key><string>TokenUpdate</string>
 <key>Token</key><data>
  AAEC
 </data>
 <key>UDID</key><string>00008030-000000000000002E</string>
</dict></plist>
"""
TREE = {
    "AwaitingConfiguration": False,
    "MessageType": "TokenUpdate",
    "Token": b"\x00\x01\x02",
    "UDID": "00008030-000000000000002E",
}
BINARY = plistlib.dumps(TREE, fmt=plistlib.FMT_BINARY)
VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))
    | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdé ", max_size=4), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("data", [TOKEN_UPDATE, BINARY])
def test_a_check_in(data):
    assert plist(data) == TREE


@given(VALUES)
def test_what_plistlib_writes_in_binary(value):
    assert plist(plistlib.dumps(value, fmt=plistlib.FMT_BINARY)) == value


@given(VALUES)
def test_what_plistlib_writes_in_xml(value):
    assert plist(plistlib.dumps(value)) == value


def test_dates_are_text():
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    data = plistlib.dumps({"d": when}, fmt=plistlib.FMT_BINARY, aware_datetime=True)
    assert plist(data) == {"d": "2026-01-02T03:04:05Z"}
    assert plist(
        data.replace(
            struct.pack(">d", (when - datetime(2001, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)),
            struct.pack(">d", 1e300),
        )
    ) == {"d": "1e+300"}
    assert plist(plistlib.dumps({"d": when}, aware_datetime=True)) == {"d": "2026-01-02T03:04:05Z"}


def test_entities_are_refused():
    text = TOKEN_UPDATE.replace(b'1.0.dtd">', b'1.0.dtd" [<!ENTITY a "b">]>')
    with pytest.raises(DecodeError, match="refused"):
        plist(text)


def test_odd_lists_lose_nothing():
    odd = b"<plist><dict>1<string>2</string><key>a</key><key>b</key><integer>3x</integer><key>c</key><data>4!</data><key>d</key><odd>5</odd></dict></plist>"
    assert plist(odd) == {"#text": "1", "#string": "2", "a": "", "b": "3x", "c": "4!", "d": "5"}


def test_a_key_that_comes_twice_holds_both():
    assert plist(b"<plist><dict><key>a</key><true/><key>a</key><false/></dict></plist>") == {"a": [True, False]}


@pytest.mark.parametrize("size", range(len(TOKEN_UPDATE) - 2))
def test_xml_that_breaks_off_keeps_what_was_read(size):
    with pytest.raises(DecodeError) as caught:
        plist(TOKEN_UPDATE[:size])
    if size > 400:
        assert caught.value.partial["MessageType"] == "TokenUpdate"


@pytest.mark.parametrize("size", range(len(BINARY)))
def test_binary_that_breaks_off(size):
    with pytest.raises(DecodeError) as caught:
        plist(BINARY[:size])
    assert caught.value.rest == BINARY[:size]


def binary(objects, ref_size=1):
    """A binary list from encoded objects, the first on top."""
    table, body = [], b"bplist00"
    for item in objects:
        table.append(len(body))
        body += item
    trailer = struct.pack(">6xBBQQQ", 4, ref_size, len(table), 0, len(body))
    return body + struct.pack(f">{len(table)}I", *table) + trailer


def test_a_list_whose_arrays_name_each_other_is_refused_quickly():
    """Billion laughs: ten levels of ten references each."""
    levels = [b"\xaa" + bytes([n + 1]) * 10 for n in range(10)]
    start = time.perf_counter()
    with pytest.raises(DecodeError, match="too many values"):
        plist(binary([*levels, b"\x51a"]))
    assert time.perf_counter() - start < 1


def test_a_long_text_named_often_is_refused():
    with pytest.raises(DecodeError, match="too many values"):
        plist(binary([b"\xaf\x11\x01\x00" + b"\x01" * 256, b"\x5f\x11\x10\x00" + b"x" * 4096]))


def test_the_number_of_values_is_bounded():
    count = 1_000_000
    with pytest.raises(DecodeError, match="too many values"):
        plist(binary([b"\xaf\x12" + count.to_bytes(4, "big") + b"\x01" * count, b"\x09"]))


def test_an_array_that_holds_itself_is_refused():
    with pytest.raises(DecodeError, match=r"nested deeper|too many"):
        plist(binary([b"\xa1\x00"]))


@pytest.mark.parametrize(
    "item",
    [b"\xa1\x05", b"\x5f\x13" + b"\xff" * 8, b"\x13", b"\x5f\x51", b"\x33", b"\x24", b"\xb0", b"\xf0", b"\xd1\x00"],
)
def test_hostile_objects(item):
    with pytest.raises(DecodeError):
        plist(binary([item]))


@given(st.binary(max_size=120).map(lambda tail: b"bplist00" + tail) | st.binary(max_size=80))
def test_any_bytes(data):
    try:
        plist(data)
    except DecodeError as error:
        assert error.why


@given(st.data())
def test_any_changed_byte(data):
    broken = bytearray(BINARY)
    broken[data.draw(st.integers(8, len(BINARY) - 1))] = data.draw(st.integers(0, 255))
    try:
        plist(bytes(broken))
    except DecodeError as error:
        assert error.rest == bytes(broken)
