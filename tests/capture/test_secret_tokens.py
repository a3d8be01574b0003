"""Replacements: their form, that they say nothing of the secret without the key, and that tokens keep their claims."""

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.secret_tokens import JWT, StandIns, done, nothing
from portalscope.decoders.wire.jwt import jwt

# RFC 7515 appendix A.1 (HMAC), RFC 7516 appendix A.1 (encrypted, shortened in the middle by nobody).
SIGNED = (
    b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    b"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
ENCRYPTED = (
    b"eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ."
    b"OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe."
    b"48V1_ALb6US04U3b."
    b"5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A."
    b"XFBoMYUZodetZdvTiFvSkQ"
)
MADE = StandIns(bytes(32))


def same(data, _fixed):
    return data


def test_a_replacement_says_type_length_and_a_keyed_hash():
    assert re.fullmatch(rb"SECRET\.password\.14\.[0-9a-f]{8}", MADE.plain("password", b"H0ney!Passw0rd"))
    assert MADE.plain("password", b"a") != StandIns(b"x" * 32).plain("password", b"a")
    assert MADE.plain("password", b"a") == StandIns(bytes(32)).plain("password", b"a")


def test_a_replacement_is_not_replaced_again():
    once = MADE.plain("password", b"H0ney!Passw0rd")
    assert done(once)
    assert MADE.plain("password", once) == once
    assert not done(b"SECRET.of.mine")


def test_a_signed_token_keeps_header_and_claims():
    clean = MADE.token("access_token", SIGNED, same)
    assert clean.rpartition(b".")[0] == SIGNED.rpartition(b".")[0]
    assert re.fullmatch(rb"SECRET_signature_43_[0-9a-f]{8}_?", clean.rpartition(b".")[2])
    tree = jwt(clean)
    assert (tree["iss"], tree["header"]["alg"]) == ("joe", "HS256")
    assert MADE.token("access_token", clean, same) == clean


def test_an_encrypted_token_keeps_its_header():
    clean = MADE.token("access_token", ENCRYPTED, same)
    header, key, vector, text, tag = clean.split(b".")
    assert (header, vector, tag) == (ENCRYPTED.split(b".")[0], ENCRYPTED.split(b".")[2], b"")
    assert key.startswith(b"SECRET_key_64_")
    assert text.startswith(b"SECRET_ciphertext_")
    assert jwt(clean)["header"]["enc"] == "A256GCM"


def test_a_secret_among_the_claims_is_cleaned_too():
    claims = base64.urlsafe_b64encode(b'{"refresh_token":"abcdefghij"}').rstrip(b"=")
    token = b".".join((SIGNED.split(b".")[0], claims, b"c2lnbmF0dXJl"))
    clean = MADE.token("refresh_token", token, lambda data, fixed: data.replace(b"abcdefghij", b"gone"))
    assert jwt(clean)["refresh_token"] == "gone"


@pytest.mark.parametrize("token", [SIGNED, ENCRYPTED, b"0.AXwA6Wg-opaque"])
def test_a_fixed_replacement_is_as_long_as_the_token(token):
    clean = MADE.token("access_token", token, same, fixed=True)
    assert len(clean) == len(token)
    assert clean != token


@pytest.mark.parametrize("value", [b"eyJhIjoxfQ.x.y", b"eybut.no.json", b"ey!!.a.b", b"header.claims"])
def test_what_is_no_token_is_replaced_as_a_whole(value):
    assert MADE.token("access_token", value, same).startswith(b"SECRET.access_token.")


def test_a_token_without_signature_has_nothing_to_replace():
    bare = SIGNED.rpartition(b".")[0] + b"."
    assert MADE.token("access_token", bare, same) == bare


@pytest.mark.parametrize("value", [b"", b"abc", b"true", b"None", b"https://login.example/reset", b"undefined"])
def test_some_values_are_no_secrets_whatever_they_are_called(value):
    assert nothing(value, 4)


@given(st.binary(max_size=40).map(base64.urlsafe_b64encode), st.dictionaries(st.text(max_size=8), st.text(max_size=8)))
def test_every_cleaned_token_can_be_decoded(signature, claims):
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    token = b".".join((SIGNED.split(b".")[0], part, signature.rstrip(b"=")))
    clean = MADE.jwt(JWT.fullmatch(token), same, fixed=False)
    tree = jwt(clean)
    assert {key.removeprefix("claim "): value for key, value in tree.items() if key in claims} == {
        key: value for key, value in claims.items() if key not in {"header", "signature"}
    }
