"""The sender's numbers, named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.privacy_flags import event_flags, event_level, privacy_tags


@pytest.mark.parametrize(
    ("number", "names"),
    [
        (0x101, ["latency normal", "persistence normal"]),
        (514, ["latency real time", "persistence critical"]),
        (524546, ["latency normal", "persistence critical", "MARK_PII: keep Part A, route to a private stream"]),
        (4194817, ["latency real time", "persistence normal", "SCRUB_IP: obscure the client's address"]),
        (0x300, ["latency cost deferred"]),
        (0, []),
        (0x800000000000, ["0x800000000000"]),
    ],
)
def test_flags(number, names):
    assert event_flags(str(number).encode()) == names


def test_drop_pii_says_what_it_does_not_do():
    assert "Part C is untouched" in event_flags(str(0x200000).encode())[0]


def test_privacy_tags():
    assert privacy_tags(b"33554432") == ["product and service usage"]
    assert privacy_tags(str(0x2 | 0x800).encode()) == ["browsing history", "device connectivity and configuration"]


def test_levels():
    assert event_level(b"110") == "required service data"
    with pytest.raises(DecodeError):
        event_level(b"7")


@given(st.binary(max_size=30) | st.integers(-(2**63), 2**64).map(lambda n: str(n).encode()))
def test_any_bytes(data):
    for step in (event_flags, privacy_tags, event_level):
        try:
            step(data)
        except DecodeError as error:
            assert error.rest == data
