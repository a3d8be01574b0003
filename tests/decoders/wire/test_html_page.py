"""Web pages: title and size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError, Media
from portalscope.decoders.wire.html_page import html_page
from tests.decoders.wire import bounds

PAGE = b"<!doctype html><html><head><meta charset=utf-8><title>Company Portal &amp; more\n</title></head><body></body>"


def test_title_and_size():
    assert html_page(PAGE) == {"title": "Company Portal & more", "page": Media("text/html", len(PAGE))}


def test_a_page_without_a_title():
    assert html_page(b"\n <HTML><body>x</body></html>") == Media("text/html", 29)


@pytest.mark.parametrize("data", [b"", b"plain", b"<req ver='2'></req>", b"<htmlish>", b'{"a": "<html>"}'])
def test_what_is_no_page(data):
    with pytest.raises(DecodeError):
        html_page(data)


@given(st.binary(max_size=100), st.integers(0, len(PAGE)))
def test_any_bytes_and_any_truncation(data, size):
    bounds.check(html_page, data)
    bounds.check(html_page, PAGE[:size] + data)
