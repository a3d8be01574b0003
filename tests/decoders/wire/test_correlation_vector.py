"""Correlation vectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.correlation_vector import correlation_vector


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (b"mGAzTHCdQkqIm4uQ.0.1", {"version": "1", "base": "mGAzTHCdQkqIm4uQ", "path": "0.1"}),
        (b"PmvzQKgYek6Sdk/T5sWaqw.1.23", {"version": "2", "base": "PmvzQKgYek6Sdk/T5sWaqw", "path": "1.23"}),
        (b"PmvzQKgYek6Sdk/T5sWaqw.0!", {"version": "2", "base": "PmvzQKgYek6Sdk/T5sWaqw", "path": "0"}),
        (b"A.PmvzQKgYek6Sdk/T5sWaqw.B", {"version": "3", "base": "PmvzQKgYek6Sdk/T5sWaqw", "path": "B"}),
        (b"PmvzQKgYek6Sdk/T5sWaqw", {"version": "2", "base": "PmvzQKgYek6Sdk/T5sWaqw"}),
    ],
)
def test_versions(text, tree):
    assert correlation_vector(text) == tree


@pytest.mark.parametrize("text", [b"", b"short.1", b"PmvzQKgYek6Sdk/T5sWaqw.x", b"PmvzQKgYek6Sdk/T5sWaqw" + b".1" * 60])
def test_what_is_none(text):
    with pytest.raises(DecodeError):
        correlation_vector(text)


@given(st.binary(max_size=150))
def test_any_bytes(data):
    try:
        assert correlation_vector(data)["base"]
    except DecodeError as error:
        assert error.rest == data
