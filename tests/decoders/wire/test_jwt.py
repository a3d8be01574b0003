"""Tokens: a vector, tokens of real form, and everything that is none."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError, Media
from portalscope.decoders.wire.jwt import jwt
from tests.decoders.wire.vectors import T9

# RFC 7515 appendix A.1, the example of the standard
RFC = (
    b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS"
    b"9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def test_the_vector():
    assert jwt(T9) == {
        "aud": "0000000a-0000-0000-c000-000000000000",
        "oid": "00000000-0000-0000-0000-000000000001",
        "upn": "user@contoso.example",
        "header": {"typ": "JWT", "alg": "none"},
    }


def test_the_signature_is_only_its_size():
    assert jwt(RFC) == {
        "iss": "joe",
        "exp": 1300819380,
        "http://example.com/is_root": True,
        "header": {"typ": "JWT", "alg": "HS256"},
        "signature": Media("jwt signature", 32),
    }


def test_an_encrypted_token_shows_its_header():
    token = b".".join((part({"alg": "dir", "enc": "A256GCM"}), b"", b"AAAA", b"QUFBQUFB", b"BBBB"))
    assert jwt(token) == {"header": {"alg": "dir", "enc": "A256GCM"}, "encrypted": Media("jwt ciphertext", 6)}


def test_claims_do_not_hide_behind_our_names():
    token = b".".join((part({"alg": "none"}), part({"header": 1, "signature": 2}), b""))
    assert jwt(token) == {"claim header": 1, "claim signature": 2, "header": {"alg": "none"}}


def test_a_payload_that_is_no_json_stays_bytes():
    token = b".".join((part({"alg": "none"}), b"AAEC", b""))
    assert jwt(token) == {"payload": b"\x00\x01\x02", "header": {"alg": "none"}}


@pytest.mark.parametrize(
    "data",
    [b"", b"a.b.c", b"e30.e30.", b"1.2.3.4", part([1]) + b".e30.", part({"alg": 1}) + b".!.", b"x" * 2_000_000],
)
def test_what_is_no_token(data):
    with pytest.raises(DecodeError) as caught:
        jwt(data)
    assert caught.value.rest == data


@pytest.mark.parametrize("size", range(len(RFC)))
def test_any_truncation(size):
    try:
        assert "header" in jwt(RFC[:size])
    except DecodeError as error:
        assert error.rest == RFC[:size]


def test_deep_nesting_is_refused():
    deep = base64.urlsafe_b64encode(b"[" * 200_000).rstrip(b"=")
    with pytest.raises(DecodeError):
        jwt(deep + b".e30.")


@given(st.binary(max_size=80) | st.text(alphabet="eyJ0.-_=", max_size=60).map(str.encode))
def test_any_bytes(data):
    try:
        assert "header" in jwt(data)
    except DecodeError as error:
        assert error.rest == data
