"""Authorization headers that hold JSON; the names are those of published SmartScreen captures."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.authorization import authorization
from tests.decoders.wire import bounds

CREDENTIALS = {"authId": "00000000-0000-0000-0000-000000000000", "hash": "AAAA", "key": "BBBB"}
ENCODED = base64.b64encode(json.dumps(CREDENTIALS).encode())


def test_with_a_scheme_word_and_without():
    assert authorization(b"SmartScreenHash " + ENCODED) == {"scheme": "SmartScreenHash", **CREDENTIALS}
    assert authorization(ENCODED.rstrip(b"=")) == CREDENTIALS


@pytest.mark.parametrize("data", [b"", b"Bearer ey.ey.x", b"Basic dXNlcjpwYXNz", b"X " + base64.b64encode(b"[1, 2]")])
def test_what_holds_no_object(data):
    with pytest.raises(DecodeError):
        authorization(data)


@given(st.binary(max_size=60), st.integers(0, len(ENCODED)))
def test_any_bytes_and_any_truncation(data, size):
    bounds.check(authorization, data)
    bounds.check(authorization, ENCODED[:size])
