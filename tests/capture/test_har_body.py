"""Bodies of HAR files."""

import base64
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.har_body import request_body, response_body

LOST = "the program that wrote the HAR file replaced bytes of this body by U+FFFD"


def request(text=None, kind="", size=-1, packed=False, **post):
    named = {"content-type": kind, "content-encoding": "gzip" if packed else ""}
    headers = [{"name": name.title(), "value": value} for name, value in named.items() if value]
    data = {"mimeType": kind, **({} if text is None else {"text": text}), **post}
    return {"headers": headers, "bodySize": size, "postData": data}


@pytest.mark.parametrize(
    ("kind", "charset"),
    [
        ("application/bond-compact-binary", "latin-1"),  # mitmproxy: what it takes for no text is ISO 8859-1
        ("application/octet-stream", "latin-1"),
        ("", "latin-1"),
        ("application/json", "utf-8"),
        ("application/x-json-stream", "utf-8"),
        ("text/plain;charset=UTF-8", "utf-8"),
        ("text/plain; charset='iso-8859-1'", "latin-1"),
        ("text/html; charset=utf-16-le", "utf-16-le"),
        ("text/plain", "utf-8"),  # browsers
        ("application/x-www-form-urlencoded", "utf-8"),
    ],
)
def test_without_a_size_the_type_decides(kind, charset):
    assert request_body(request("Ärger", kind)) == ("Ärger".encode(charset), None)


def test_text_that_was_utf8_read_as_iso_8859_1_was_utf8():
    assert request_body(request("Ã¤rger", "text/plain")) == ("ärger".encode(), None)


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        ("text/plain", "é", b"\xe9"),
        ("text/plain", "é", b"\xc3\xa9"),
        ("application/octet-stream", "é", b"\xc3\xa9"),
        ("application/json", "é", b"\xe9"),
        ("application/xml", "\ufeff<é/>", "\ufeff<é/>".encode("utf-16-le")),
        ("application/xml", "<é/>", "\ufeff<é/>".encode()),  # mitmproxy takes the mark of UTF-8 away
    ],
)
def test_the_recorded_size_decides(kind, text, wanted):
    assert request_body(request(text, kind, len(wanted))) == (wanted, None)


def test_the_size_of_a_packed_body_decides_nothing():
    assert request_body(request("é", "application/json", 1, packed=True)) == ("é".encode(), None)


@given(st.binary(min_size=1))
def test_bytes_that_mitmproxy_shows_as_iso_8859_1_come_back(data):
    kind = "application/bond-compact-binary"
    assert request_body(request(data.decode("latin-1"), kind, len(data))) == (data, None)
    assert request_body(request(data.decode("latin-1"), kind, 7, packed=True)) == (data, None)


@given(st.binary(min_size=1))
def test_bytes_that_mitmproxy_escapes_come_back(data):
    text = data.decode(errors="surrogateescape")
    assert request_body(request(text, "application/json", len(data))) == (data, None)


@given(st.text(st.characters(codec=None), min_size=1), st.sampled_from(["", "text/plain", "a/json", "a/b;charset=x"]))
def test_any_text_gives_bytes(text, kind):
    assert request_body(request(text, kind))[0]


@pytest.mark.parametrize("charset", ["base64", "rot13", "no-such", "undefined", "idna", "punycode"])
def test_what_is_no_character_set_is_passed_over(charset):
    assert request_body(request("é", f"application/json; charset={charset}", 2)) == (b"\xc3\xa9", None)


def test_replaced_characters_are_bytes_that_were_lost():
    assert request_body(request("a\ufffdb", "application/octet-stream")) == ("a\ufffdb".encode(), LOST)
    assert request_body(request("a\ufffdb", "text/plain", 5)) == ("a\ufffdb".encode(), None)  # it was one already


def test_base64():
    packed = base64.b64encode(b"\x00\xff").decode()
    assert request_body(request(packed, encoding="base64")) == (b"\x00\xff", None)
    with pytest.raises(ValueError):
        request_body(request("no base64!", encoding="base64"))


def test_a_body_that_was_left_out_is_said_to_be():
    assert request_body({"headers": [], "bodySize": 12}) == (b"", "the HAR file leaves out the body of 12 bytes")
    assert request_body({"headers": [], "bodySize": 0}) == (b"", None)
    assert request_body({"headers": []}) == (b"", None)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"size": 3, "text": "abc"}, (b"abc", None)),
        ({"size": 1, "text": "é", "mimeType": "text/plain"}, (b"\xe9", None)),
        ({"size": 2, "text": "/wA=", "encoding": "base64"}, (b"\xff\x00", None)),
        ({"size": 0}, (b"", None)),
        ({"size": 20, "text": ""}, (b"", None)),  # mitmproxy: 20 packed bytes of nothing
        ({"size": 12}, (b"", "the HAR file leaves out the answer of 12 bytes")),
        ({}, (b"", None)),
    ],
)
def test_answers(content, wanted):
    assert response_body({"headers": [], "content": content, "bodySize": -1}) == wanted


@pytest.mark.parametrize(
    ("pairs", "wanted"),
    [
        ([("a", "1"), ("b", "x y")], b"a=1&b=x+y"),  # decoded, as Charles has it
        ([("a", "x%20y"), ("b", "1+1")], b"a=x%20y&b=1+1"),  # as sent, as Chrome has it
        ([("a", "50%")], b"a=50%25"),
        ([("é", "=&")], b"%C3%A9=%3D%26"),
        ([("empty", "")], b"empty="),
    ],
)
def test_a_form_of_which_only_the_fields_are_there(pairs, wanted):
    params = [{"name": name, "value": value} for name, value in pairs]
    assert request_body(request(None, "application/x-www-form-urlencoded", params=params)) == (wanted, None)
    assert request_body(request("", "application/x-www-form-urlencoded", params=params)) == (wanted, None)


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), min_size=1))
def test_a_form_holds_what_its_fields_say(pairs):
    params = [{"name": name, "value": value} for name, value in [*pairs, ("not encoded", " ")]]
    body, _ = request_body(request(None, "application/x-www-form-urlencoded", params=params))
    assert parse_qsl(body.decode(), keep_blank_values=True) == [*pairs, ("not encoded", " ")]


def test_a_form_in_parts():
    params = [
        {"name": "a", "value": "1"},
        {"name": "f", "fileName": "x.log", "contentType": "text/plain", "value": "é"},
    ]
    body, _ = request_body(request(None, 'multipart/form-data; boundary="XyZ"', params=params))
    assert body == (
        b'--XyZ\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--XyZ\r\nContent-Disposition: form-data; name="f"; filename="x.log"\r\nContent-Type: text/plain\r\n\r\n'
        b"\xc3\xa9\r\n--XyZ--\r\n"
    )
