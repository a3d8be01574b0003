"""Forms with files. The bytes come from httpx' encoder and from the specifications."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError, Media
from portalscope.decoders.wire.multipart import multipart, parameters
from tests.decoders.wire import bounds

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63fccfc0500f000485018084a98c21"
    "0000000049454e44ae426082"
)
# RFC 2046, section 5.1.1
MIXED = (
    b"This is the preamble.  It is to be ignored, though it\r\n"
    b"is a handy place for composition agents to include an\r\n"
    b"explanatory note to non-MIME conformant readers.\r\n\r\n"
    b"--simple boundary\r\n\r\n"
    b"This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.\r\n"
    b"--simple boundary\r\n"
    b"Content-type: text/plain; charset=us-ascii\r\n\r\n"
    b"This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n\r\n"
    b"--simple boundary--\r\n"
)


def sent(**kwargs):
    return httpx.Request("POST", "https://example.org/", **kwargs).read()


FORM = sent(
    data={"user": "user@contoso.example", "tag": ["a", "b"]},
    files={
        "log": ("C:\\Users\\kim\\agent.log", b"line 1\nline 2\n", "text/plain"),
        "picture": ("p.png", PNG, "image/png"),
        "dump": ("d.bin", b"\x00\x01\xff", "application/octet-stream"),
        "info": ("", b'{"a": 1}', "application/json"),
    },
)


def test_fields_and_files_by_name():
    tree = multipart(FORM)
    assert tree["user"] == "user@contoso.example"
    assert tree["tag"] == ["a", "b"]
    assert tree["log"]["type"] == "text/plain"
    assert tree["log"]["filename"].endswith("agent.log")
    assert tree["log"]["content"] == "line 1\nline 2\n"
    assert tree["picture"] == {"filename": "p.png", "type": "image/png", "content": Media("image/png", 70)}
    assert tree["dump"]["content"] == b"\x00\x01\xff"
    assert tree["info"]["content"] == '{"a": 1}'


def test_parts_without_names_are_a_list_in_order():
    assert multipart(MIXED) == [
        "This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.",
        "This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n",
    ]


def test_line_feeds_alone_will_do():
    assert multipart(b'--x\nContent-Disposition: form-data; name="a"\n\n1\n--x--\n') == {"a": "1"}


def test_a_multipart_inside_and_base64():
    # RFC 7578, section 4.4, and RFC 2045, section 6.8
    data = (
        b'--A\r\ncontent-disposition: form-data; name="files"\r\ncontent-type: multipart/mixed; boundary=B\r\n\r\n'
        b'--B\r\ncontent-disposition: attachment; filename="f.txt"\r\ncontent-transfer-encoding: base64\r\n\r\n'
        b"aGVs\r\nbG8=\r\n--B--\r\n--A--\r\n"
    )
    inner = [{"filename": "f.txt", "content-transfer-encoding": "base64", "content": "hello"}]
    assert multipart(data) == {"files": {"type": "multipart/mixed; boundary=B", "content": inner}}


def test_other_headers_of_a_part_are_kept():
    data = b'--x\r\nContent-Disposition: form-data; name="a"\r\nX-Device-Id: 7\r\n\r\nv\r\n--x--'
    assert multipart(data) == {"a": {"x-device-id": "7", "content": "v"}}


def test_parameters():
    header = 'form-data; name="a\\"b"; filename=plain; filename*=UTF-8\'\'na%C3%AFve.txt'
    assert parameters(header) == {"name": 'a"b', "filename": "naïve.txt"}


def test_without_the_last_boundary_the_last_part_is_left():
    whole = sent(data={"a": "1"}, files={"f": ("f.bin", b"x" * 100, "application/octet-stream")})
    with pytest.raises(DecodeError, match="no closing boundary") as caught:
        multipart(whole[:-40])
    assert caught.value.partial == {"a": "1"}
    assert caught.value.rest == whole[whole.rindex(b"\r\n--" + whole[2:34], 0, -40) + 2 : -40]


def test_a_boundary_inside_a_line_is_content():
    data = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb --x-- c\r\n--x--\r\n'
    assert multipart(data) == {"a": "b --x-- c"}


def test_what_follows_the_end_is_not_lost():
    with pytest.raises(DecodeError) as caught:
        multipart(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\nmore')
    assert caught.value.rest == b"more"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"--",
        b"-- a comment\nselect 1",
        b"--x\r\n--x\r\n--x--",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nBBBB\n",
    ],
)
def test_what_is_no_multipart(data):
    with pytest.raises(DecodeError):
        multipart(data)


@given(st.binary(max_size=300))
def test_any_bytes(data):
    bounds.check(multipart, data)
    bounds.check(multipart, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + data)


@given(st.integers(0, len(FORM)), st.binary(max_size=8))
def test_any_truncation(size, tail):
    bounds.check(multipart, FORM[:size] + tail)
