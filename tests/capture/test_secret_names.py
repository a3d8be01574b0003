"""Names of authentication material, and that no secret that the decoders know by name is missing here."""

import re
import tomllib

import pytest

from portalscope.capture.secret_names import DATA, WHERE, Names, kind, table
from portalscope.decoders import knowledge
from portalscope.decoders.properties import properties

NAMES = Names(table())


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        (b"refresh_token", "refresh_token"),
        (b"refreshToken", "refresh_token"),
        (b"Refresh-Token", "refresh_token"),
        (b"msal.refresh_token", "refresh_token"),
        (b"userPassword", "password"),
        (b"NewPassword", "password"),
        (b"client_secret", "client_secret"),
        (b"FDE_PersonalRecoveryKeyCMS", "private_key"),
        (b"AAUTHSECRET", "password"),
        (b"MSA-DDID", "ticket"),
    ],
)
def test_names_are_compared_by_their_words(name, type_):
    assert NAMES.field("json", name).type == type_


@pytest.mark.parametrize(
    "name",
    [
        b"passwordLength",
        b"refresh_token_count",
        b"tokenExpiry",
        b"ikey",
        b"apikey",
        b"nextPageToken",
        b"",
        b"kill-tokens",
    ],
)
def test_longer_names_are_other_names(name):
    assert NAMES.field("json", name) is None


def test_a_soap_message_is_no_secret_because_its_name_ends_like_one():
    assert NAMES.field("xml", b"RequestSecurityToken") is NAMES.field("xml", b"RequestedSecurityToken") is None
    assert NAMES.field("xml", b"BinarySecurityToken").keeps


def test_some_names_count_in_some_places():
    assert NAMES.field("json", b"code") is None
    assert b"grant_type" in NAMES.field("form", b"code").beside
    assert NAMES.field("plist", b"Token") is None  # of a push, which is an identifier


@pytest.mark.parametrize(
    ("name", "known"),
    [
        (b"Authorization", True),
        (b"x-ms-RefreshTokenCredential1", True),
        (b"X-Tickets", True),
        (b"apikey", False),
        (b"x-client-sku", False),
    ],
)
def test_headers_are_known_by_name_and_star(name, known):
    assert bool(NAMES.headers.find(name)) == known


def test_browser_ids_are_no_session_cookies():
    stay = (b"MUID", b"MC1", b"MSFPC", b"fpc", b"buid", b"ai_session", b"ai_user", b"x-ms-gateway-slice")
    assert not [name for name in stay if NAMES.cookies.find(name)]
    assert all(NAMES.cookies.find(name) for name in (b"ESTSAUTHPERSISTENT", b"estsauth", b"esctx-a1", b"FedAuth1"))


def test_every_source_is_known():
    sources = knowledge.load().sources
    entries = [entry for every in tomllib.loads(DATA.read_text("utf-8")).values() for entry in every]
    assert {entry["source"] for entry in entries} <= set(sources)


@pytest.mark.parametrize("entry", [{"form": "other"}, {"type": "Access token"}])
def test_a_wrong_entry_is_refused(entry):
    with pytest.raises(ValueError, match=r"secrets\.toml"):
        kind({"type": "x", "source": "y", **entry})


def test_a_place_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="no such place: page"):
        Names({"name": [{"names": ["a"], "type": "x", "source": "y", "where": ["page"]}]})


# Rules of the decoders that call something a secret, and why its name alone does not make it one here.
ELSEWHERE = {
    "ContainerName": "names of a key container, no key",
    "KeySpec": "a number",
    "ProviderType": "a number",
    "DecryptInfo": "encrypted to the certificate of the device",
    "message": "text that quotes a code, which is found by the code",
    "1130": "a number in a protobuf message",
    "Data": "judged by its LocURI, or as credentials of SyncML",
    "Device": "inside TicketType, which holds it",
    "User": "inside TicketType, which holds it",
    "user": "inside TicketType, which holds it",
    "ticket": "inside the header Tickets",
    "EncryptedData": "inside a cookie of Windows Update",
    "PIN": "see pin",
}


def secret_rules():
    known = knowledge.load()
    vocabulary = properties(known.tables["properties"])
    rules = [rule for one in known.shared.values() for rule in one.values()]
    rules += [rule for one in known.adapters.all for rule in one.rules.values()]
    return sorted({rule.key for rule in rules if (rule.code or vocabulary.get(rule.is_).code) == "S1"})


@pytest.mark.parametrize("key", secret_rules())
def test_what_the_decoders_call_a_secret_is_one_here(key):
    part, _, shape = key.partition(":") if ":" in key and "|" not in key.partition(":")[0] else ("*", "", key)
    names = [name for name in re.split(r"[.|:/*]", shape.replace("[]", "").replace("#text", "")) if name]
    if "header" in part:
        assert NAMES.headers.find(names[0].encode())
    elif "cookie" in part:
        assert NAMES.cookies.find(shape.replace("*", "1").encode())
    else:
        name = next(n for n in reversed(names) if n not in {"base64", "percent", "form", "jwt", "url", "json", "xml"})
        found = [where for where in WHERE if NAMES.field(where, name.encode())]
        assert found or name in ELSEWHERE or NAMES.headers.find(name.encode()) or NAMES.located.find(name.encode())
