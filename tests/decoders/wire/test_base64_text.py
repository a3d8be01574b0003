"""Base64: the vectors of RFC 4648, section 10."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.base64_text import base64_text
from tests.decoders.wire import bounds


@pytest.mark.parametrize(
    ("text", "plain"),
    [(b"", b""), (b"Zg==", b"f"), (b"Zm8", b"fo"), (b"Zm9v\r\nYmE=\n", b"fooba"), (b"-_8=", b"\xfb\xff")],
)
def test_the_alphabets_and_padding(text, plain):
    assert base64_text(text) == plain


@pytest.mark.parametrize("text", [b"Z", b"Zg==Zg==", b"a b*", b"\xff\xff"])
def test_what_is_no_base64(text):
    with pytest.raises(DecodeError):
        base64_text(text)


@given(st.binary(max_size=60))
def test_any_bytes(data):
    bounds.check(base64_text, data)
