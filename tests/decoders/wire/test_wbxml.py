"""WBXML: Debian's xml2wbxml wrote the vector, its XML source is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.wbxml import wbxml
from portalscope.decoders.wire.xml_text import xml_text
from tests.decoders.wire.vectors import T5, T5_XML

HEAD = bytes.fromhex("03a4016a00")  # version 1.3, SyncML 1.2, UTF-8, no string table


def test_the_vector_is_its_source():
    assert wbxml(T5) == xml_text(T5_XML)


@pytest.mark.parametrize("size", range(len(T5)))
def test_every_truncation_keeps_what_was_read(size):
    with pytest.raises(DecodeError) as caught:
        wbxml(T5[:size])
    assert T5[:size].endswith(caught.value.rest)
    if size > 100:
        assert caught.value.partial["SyncML"]["SyncHdr"]["SessionID"] == "1"


def test_what_follows_the_document_is_the_rest():
    with pytest.raises(DecodeError) as caught:
        wbxml(T5 + b"\x00\x01")
    assert caught.value.partial == wbxml(T5)
    assert caught.value.rest == b"\x00\x01"


def test_the_public_id_may_stand_in_the_string_table():
    table = b"-//SYNCML//DTD SyncML 1.1//EN\0"
    assert wbxml(b"\x02\x00\x00\x6a" + bytes([len(table)]) + table + b"\x6d\x12\x01") == {"SyncML": {"Final": ""}}


def test_device_information_inside_has_its_own_names():
    inner = bytes.fromhex("02a4036a00" + "4a49") + b"\x03imei:1\0" + bytes.fromhex("0101")
    data = HEAD + bytes.fromhex("6d6b624f") + b"\xc3" + bytes([len(inner)]) + inner + bytes.fromhex("01010101")
    assert wbxml(data) == {"SyncML": {"SyncBody": {"Results": {"Data": {"DevInf": {"DevID": "imei:1"}}}}}}


def test_unknown_tokens_are_named_and_reading_goes_on():
    data = HEAD + bytes.fromhex("6d0005" + "5f0361" + "0001" + "0000" + "12" + "01")
    assert wbxml(data) == {"SyncML": {"token_05_1f": "a", "Final": ""}}


def test_numbers_are_big_endian():
    text = b"x" * 200
    assert wbxml(HEAD + b"\x6d\xc3\x81\x48" + text + b"\x01") == {"SyncML": text.decode()}


def test_opaque_bytes_that_are_no_text_stay_bytes():
    assert wbxml(HEAD + b"\x6d\xc3\x02\xff\xfe\x01") == {"SyncML": b"\xff\xfe"}


def test_a_long_string_named_often_is_refused():
    table = b"A" * 1_000_000
    count = len(table)
    size = bytes([0x80 | count >> 14, 0x80 | count >> 7 & 0x7F, count & 0x7F])
    with pytest.raises(DecodeError, match="too much text"):
        wbxml(b"\x03\xa4\x01\x6a" + size + table + b"\x6d" + b"\x83\x00" * 1_000_000)


def test_nesting_is_bounded():
    with pytest.raises(DecodeError, match="nested deeper"):
        wbxml(HEAD + b"\x6d" * 100_000)
    with pytest.raises(DecodeError, match="elements"):
        wbxml(HEAD + b"\x6d" + b"\x12" * 1_000_000)
    inner = HEAD + b"\x12"
    for _ in range(200):
        inner = HEAD + b"\x4f\xc3" + bytes([0x80 | len(inner) >> 7, len(inner) & 0x7F]) + inner + b"\x01"
    assert wbxml(inner)


@pytest.mark.parametrize(
    "data", [b"", b"\x03", b"\x04\xa4\x01\x6a\x00\x6d", b"\x03\xff\xff\xff\xff\xff\x6a\x00", b"<a/>"]
)
def test_what_is_no_wbxml(data):
    with pytest.raises(DecodeError) as caught:
        wbxml(data)
    assert caught.value.rest == data


@given(st.binary(max_size=200).map(lambda tail: HEAD + tail) | st.binary(max_size=60))
def test_any_bytes(data):
    try:
        assert isinstance(wbxml(data), dict)
    except DecodeError as error:
        assert data.endswith(error.rest)
