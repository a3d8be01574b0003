"""Header texts of the sign-in libraries: as MSAL Python 1.39 sent them, and in the documented forms of other libraries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.msal import anchor_mailbox, clitelem, msal_telemetry


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (b"4|301,0|", {"schema": "4", "apiId": "301", "cacheRefresh": "0", "platform": []}),
        (b"4|0|||", {"schema": "4", "silentSuccesses": "0", "failed": [], "errors": [], "platform": []}),
        (
            b"2|1006,1|2,1,0,1,0,0,0",
            {"schema": "2", "apiId": "1006", "cacheRefresh": "1", "platform": ["2", "1", "0", "1", "0", "0", "0"]},
        ),
        (
            b"2|3|112,aaa,113,bbb|user_cancel,timeout|2,1",
            {
                "schema": "2",
                "silentSuccesses": "3",
                "failed": [{"apiId": "112", "correlationId": "aaa"}, {"apiId": "113", "correlationId": "bbb"}],
                "errors": ["user_cancel", "timeout"],
                "platform": ["2", "1"],
            },
        ),
        (
            b"5|1007,2,,,|1,1,1",
            {"schema": "5", "apiId": "1007", "cacheRefresh": "2", "more": ["", "", ""], "platform": ["1", "1", "1"]},
        ),
    ],
)
def test_telemetry(text, tree):
    assert msal_telemetry(text) == tree


@pytest.mark.parametrize("text", [b"", b"4", b"|||", b"a|b|c", b"4" * 10 + b"|1|"])
def test_what_is_no_telemetry(text):
    with pytest.raises(DecodeError):
        msal_telemetry(text)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (b"upn:user@contoso.example", {"upn": "user@contoso.example"}),
        (b"UPN:user@contoso.example", {"upn": "user@contoso.example"}),
        (b"Oid:1-2@3-4", {"oid": "1-2", "tenant": "3-4"}),
        (b"PUID:10032000@3-4", {"puid": "10032000", "tenant": "3-4"}),
    ],
)
def test_anchor_mailbox(text, tree):
    assert anchor_mailbox(text) == tree


def test_what_is_no_anchor_mailbox():
    with pytest.raises(DecodeError):
        anchor_mailbox(b"user@contoso.example")


def test_clitelem():
    assert clitelem(b"1,50168,0,3600000,I") == {
        "version": "1",
        "error": "50168",
        "suberror": "0",
        "refreshTokenAge": "3600000",
        "ring": "I",
    }
    with pytest.raises(DecodeError):
        clitelem(b"1,0")


@given(st.binary(max_size=60) | st.text(alphabet="0123|,ab", max_size=40).map(str.encode))
def test_any_bytes(data):
    for step in (msal_telemetry, anchor_mailbox, clitelem):
        try:
            assert isinstance(step(data), dict)
        except DecodeError as error:
            assert error.rest == data
