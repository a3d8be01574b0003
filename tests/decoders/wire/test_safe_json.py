"""Answers of update servers, as Chromium's own test data has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.safe_json import safe_json
from tests.decoders.wire import bounds

# components/test/data/update_client/updatecheck_reply_noupdate.json, shortened
REPLY = b""")]}'
{"response":{"protocol":"3.1","daystart":{"elapsed_days":3383},"app":[{"appid":"jebgalgnebhfojomionfpkfelancnnkf"}]}}
"""


def test_the_prefix_is_taken_off():
    app = {"appid": "jebgalgnebhfojomionfpkfelancnnkf"}
    assert safe_json(REPLY) == {"response": {"protocol": "3.1", "daystart": {"elapsed_days": 3383}, "app": [app]}}
    assert safe_json(b'{"a": 1}') == {"a": 1}


def test_the_prefix_alone_is_nothing():
    with pytest.raises(DecodeError):
        safe_json(b")]}'\n")


@given(st.binary(max_size=60))
def test_any_bytes(data):
    bounds.check(safe_json, data)
    bounds.check(safe_json, b")]}'" + data)
