"""HTTP messages in files of their own (RFC 9112; the chunked body is that of its section 7.1.3 in bytes)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.raw_message import CUT, raw_message

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_the_three_parts():
    found = raw_message(
        b"POST https://a.example/x?y=1 HTTP/1.1\r\nHost: a.example\r\nX-A: one\r\nX-A:two\r\n\r\n\x00\xffa"
    )
    assert found.start == ("POST", "https://a.example/x?y=1", "HTTP/1.1")
    assert found.headers == (("Host", "a.example"), ("X-A", "one"), ("X-A", "two"))
    assert (found.body, found.why) == (b"\x00\xffa", "")


@pytest.mark.parametrize("data", [b"GET / HTTP/1.0\nHost: a\n\nrest", b"\r\nGET / HTTP/1.0\r\nHost:\r\n a\r\n\r\nrest"])
def test_bare_line_feeds_and_folded_lines(data):
    found = raw_message(data)
    assert (found.headers, found.body) == ((("Host", "a"),), b"rest")


@pytest.mark.parametrize(
    ("body", "wanted", "why"),
    [
        (b"4\r\nWiki\r\n7;a=b\r\npedia i\r\nB\r\nn \r\nchunks.\r\n0\r\n\r\n", b"Wikipedia in \r\nchunks.", ""),
        (b"4\r\nWiki\r\n7\r\nped", b"Wikiped", CUT),
        (b"4\r\nWiki\r\n", b"Wiki", CUT),
        (b"4\r\nWiki\r\nzz", b"Wiki", CUT),
        (b"FFFFFFFFFFFFFF\r\nWiki", b"Wiki", CUT),
        (b'{"joined":"already"}', b'{"joined":"already"}', ""),
        (b"", b"", ""),
    ],
)
def test_chunks_are_joined(body, wanted, why):
    found = raw_message(CHUNKED + body)
    assert (found.body, found.why) == (wanted, why)


def test_trailers_are_headers():
    found = raw_message(CHUNKED + b"1\r\nx\r\n0\r\nExpires: never\r\n\r\n")
    assert found.headers == (("Transfer-Encoding", "chunked"), ("Expires", "never"))


def test_what_is_packed_stays_packed():
    found = raw_message(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08")
    assert found.body == b"\x1f\x8b\x08"


@pytest.mark.parametrize("data", [b"", b"\r\n\r\nbody", b"GET", b"\x00\x01\x02"])
def test_without_a_start_line_it_is_none(data):
    with pytest.raises(ValueError, match="no start line"):
        raw_message(data)


@given(st.binary(max_size=200))
def test_any_body_ends(body):
    assert len(raw_message(CHUNKED + body).body) <= len(body)
