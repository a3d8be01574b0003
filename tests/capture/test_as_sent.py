"""Text, addresses and times."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.as_sent import address, text, utc, valid


@pytest.mark.parametrize(("raw", "wanted"), [(b"caf\xc3\xa9", "café"), (b"caf\xe9", "café"), (b"", "")])
def test_text_is_utf8_or_else_iso_8859_1(raw, wanted):
    assert text(raw) == wanted


@given(st.binary())
def test_text_is_never_lost_and_always_valid(raw):
    assert raw in (text(raw).encode(), text(raw).encode("latin-1", "replace"))


@pytest.mark.parametrize(
    ("string", "wanted"),
    [("plain 😀", "plain 😀"), ("caf\udce9", "café"), ("a\udcc3\udca9", "aé"), ("x\ud83dy", "x\ufffdy")],
)
def test_valid_turns_escaped_bytes_into_text_and_nothing_else(string, wanted):
    assert valid(string) == wanted


@given(st.text(st.characters(codec=None)))
def test_valid_is_always_valid(string):
    valid(string).encode()


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:0DB8:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", None),
        ("example.com", None),
        ("", None),
        (None, None),
        ("192.0.2", None),
    ],
)
def test_only_addresses_are_addresses(host, wanted):
    assert address(host) == wanted


def test_utc():
    assert utc(1795410696.5) == datetime(2026, 11, 23, 5, 11, 36, 500000, UTC)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e300, -1e300, None, "5"])
def test_what_is_no_time_is_an_error(seconds):
    with pytest.raises(ValueError):
        utc(seconds)
