"""Values inside values."""

import base64
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.inside import open_value

INNER = {"upn": "user@contoso.example"}
TEXT = json.dumps(INNER)
JWT = (
    "eyJ0eXAiOiAiSldUIiwgImFsZyI6ICJub25lIn0.eyJhdWQiOiAiMDAwMDAwMGEtMDAwMC0wMDAwLWMwMDAtMDAwMDAwMDAwMDAwIiwgIm9pZCI6ICIw"
    "MDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDEiLCAidXBuIjogInVzZXJAY29udG9zby5leGFtcGxlIn0."
)


@pytest.mark.parametrize(
    ("value", "label", "tree"),
    [
        (TEXT, "json", INNER),
        ('["a", 1]', "json", ["a", 1]),
        (base64.b64encode(TEXT.encode()).decode(), "base64|json", INNER),
        (base64.urlsafe_b64encode(TEXT.encode()).decode().rstrip("="), "base64|json", INNER),
        (base64.b64encode(gzip.compress(TEXT.encode(), mtime=0)).decode(), "base64|gzip|json", INNER),
        (gzip.compress(TEXT.encode(), mtime=0), "gzip|json", INNER),
        (base64.b64encode(b"user@contoso.example").decode(), "base64", "user@contoso.example"),
        (base64.b64encode("user@contoso".encode("utf-16-le")).decode(), "base64", "user@contoso"),
        (b"user@contoso.example".hex(), "hex", "user@contoso.example"),
        ("https://a.example/p?upn=u%40x&n=1#f", "url", {"query": {"upn": "u@x", "n": "1"}}),
        ("upn=user%40x&tok=abc", "form", {"upn": "user@x", "tok": "abc"}),
        ("Bearer 0.AAAopaque-token", "token", "0.AAAopaque-token"),
        ("user%40contoso.example", "percent", "user@contoso.example"),
    ],
)
def test_what_opens(value, label, tree):
    assert open_value(value) == (label, tree)


def test_a_token_opens_with_or_without_its_scheme():
    for value in (JWT, f"Bearer {JWT}"):
        label, tree = open_value(value)
        assert label == "jwt"
        assert tree["upn"] == "user@contoso.example"


@pytest.mark.parametrize(
    "value",
    [
        "CompanyPortal.AppLaunch",
        "7825772346793468",
        "20%ab",
        "100%ff%fe",
        "0123456789abcdef0123456789abcdef",
        "https://a.example/path",
        "100%",
        "{}",
        "a=b",
        "10.0.19045.2006",
        7,
        None,
        True,
        "d3adbeef-0000-4000-8000-00000000c0de",
        "ABCDEFGHIJKLMNOP",
        "SessionCreationStart",
        "",
        "{broken",
        "[1, 2",
    ],
)
def test_what_is_a_plain_value(value):
    assert open_value(value) is None


@given(st.text(max_size=60) | st.binary(max_size=60) | st.text(alphabet="%{}[]&=ey./+AZaz09-_", max_size=40))
def test_any_value(value):
    found = open_value(value)
    assert found is None or (found[0] and len(found) == 2)
