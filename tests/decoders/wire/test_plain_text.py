"""Plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.plain_text import plain_text


def test_text_in_two_encodings():
    assert plain_text("Grüße\r\n".encode()) == "Grüße\r\n"
    assert plain_text("Grüße".encode("utf-16")) == "Grüße"


@pytest.mark.parametrize("data", [b"\xff\xfe\x00\xd8", b"\x89PNG\r\n\x1a\n", b"a\x00b"])
def test_binary_is_not_text(data):
    with pytest.raises(DecodeError):
        plain_text(data)


@given(st.binary(max_size=100))
def test_any_bytes(data):
    try:
        assert isinstance(plain_text(data), str)
    except DecodeError as error:
        assert error.rest == data
