"""Cookies of both headers."""

from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.cookies import cookies, set_cookie


def test_request_cookies():
    assert cookies('MUID=0A1B; b="x=y"; flag') == [("MUID", "0A1B"), ("b", "x=y"), ("flag", "")]


def test_response_cookie_with_attributes():
    assert set_cookie("fpc=Aq1; expires=Sat, 01-Jan-2028 00:00:00 GMT; path=/; secure; odd=1") == [
        ("fpc", "Aq1"),
        ("fpc.expires", "Sat, 01-Jan-2028 00:00:00 GMT"),
        ("fpc.path", "/"),
        ("fpc.secure", ""),
        ("odd", "1"),
    ]


@given(st.text(max_size=50))
def test_any_text(header):
    assert set_cookie(header)
    assert len(cookies(header)) <= header.count(";") + 1
