"""Kinds of documents. The first bytes come from the formats' specifications, the picture from a web server."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError, Media
from portalscope.decoders.wire.media import media, media_kind, script, style
from tests.decoders.wire import bounds
from tests.decoders.wire.test_multipart import PNG


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"GIF89a\x01\x00\x01\x00", "image/gif"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", "video/mp4"),
        (b"wOF2\x00\x01\x00\x00", "font/woff2"),
        (b"\x00asm\x01\x00\x00\x00", "application/wasm"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"MDMP\x93\xa7\x00\x00", "application/x-dmp"),
        (b"MSCF\x00\x00\x00\x00\x2c\x00", "application/vnd.ms-cab-compressed"),
        (b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00", "image/bmp"),
        (b"MZ" + bytes(62) + b"PE\x00\x00", "application/vnd.microsoft.portable-executable"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg">', "image/svg+xml"),
    ],
)
def test_magic_numbers(data, kind):
    assert media_kind(data) == kind
    assert media(data) == Media(kind, len(data))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"BMW is a car maker in Munich",
        b"MZ is a text",
        b"{}",
        b"<html><svg></svg></html>",
        b"\x03\xa4\x01\x6a\x00",
        zlib.compress(b"x"),
    ],
)
def test_what_is_no_document(data):
    assert media_kind(data) is None
    with pytest.raises(DecodeError):
        media(data)


def test_the_content_type_decides_only_where_there_is_no_magic_number():
    assert media_kind(PNG, "application/json") == "image/png"
    assert media_kind(b"\x00\x01\x02", "image/vnd.strange; q=1") == "image/vnd.strange"
    assert media_kind(b'{"device": 1}', "image/png") is None
    assert media_kind(b"(()=>{var z=1})()", "text/javascript; charset=utf-8") == "text/javascript"
    assert media_kind(b"a{color:red}", "text/css") == "text/css"


def test_json_that_is_called_a_script_is_data():
    assert media_kind(b' {"upn": "user@contoso.example"}', "application/javascript") is None
    assert media_kind(b"[hidden]{display:none}", "text/css") == "text/css"
    with pytest.raises(DecodeError):
        script(b"[1, 2]")


def test_scripts_and_styles():
    assert script(b"var a = 1;") == Media("text/javascript", 10)
    assert style(b"a{}") == Media("text/css", 3)
    with pytest.raises(DecodeError):
        script(b"\x00\x01")


@given(st.binary(max_size=100))
def test_any_bytes(data):
    bounds.check(media, data)
    bounds.check(script, data)
