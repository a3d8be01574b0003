"""Sign-in: MSAL for Python as it was recorded, and the tables of claims, parameters and cookies."""

from pathlib import Path

import pytest

from portalscope.capture.read import read
from portalscope.decoders.decode import decode

SAMPLE = Path(__file__).parents[2] / "samples" / "msal_py" / "msal_py.mitm"
SECRETS = (
    "H0ney!Passw0rd",
    "0.HONEYRT",
    "HONEYCLIENTSECRET",
    "HONEYDEVICECODE",
    "0.HONEYAUTHCODE",
    "z2A3zBgHq",
    "eyJ0eXAi",
)


@pytest.fixture(scope="module")
def fields(knowledge):
    found = []
    for exchange in read(SAMPLE, "r"):
        if hasattr(exchange, "method"):
            message = decode(exchange, knowledge.adapters)
            assert not message.problems
            found += [(message.adapter, f) for e in message.events for f in e.fields]
    return found


def code(knowledge, adapter, key):
    rule = knowledge.adapters[adapter].rule(key)
    assert rule is not None, key
    return rule.code or knowledge.tables["properties"]["property"][rule.is_]["class"]


def test_every_request_has_its_adapter(fields):
    assert {adapter for adapter, _ in fields} == {
        "entra-metadata",
        "entra-user-realm",
        "entra-token",
        "entra-device-code",
    }


def test_every_leaf_has_a_rule(knowledge, fields):
    """But `date_rig`, a header that the recording's own server made up."""
    missing = {
        f.key for adapter, f in fields if f.value and not f.opened and not knowledge.adapters[adapter].rule(f.key)
    }
    assert missing == {"response-header:date_rig"}


def test_secrets_are_secret_wherever_they_stand(knowledge, fields):
    seen = [(adapter, f.key) for adapter, f in fields if any(secret in str(f.value) for secret in SECRETS)]
    assert len({key for _, key in seen}) >= 9
    assert {code(knowledge, adapter, key) for adapter, key in seen} == {"S1"}


def test_the_user_is_found_in_address_header_form_token_and_answer(knowledge, fields):
    keys = {f.key for adapter, f in fields if f.value == "anna.honeypot@contoso-honey.example"}
    assert keys >= {
        "path:user",
        "header:x-anchormailbox|anchor-mailbox.upn",
        "body:username",
        "response:access_token|jwt.upn",
        "response:id_token|jwt.preferred_username",
    }
    assert {code(knowledge, "entra-token", key) for key in keys - {"path:user"}} == {"D1"}
    assert code(knowledge, "entra-user-realm", "path:user") == "D1"


def test_what_the_library_reports(fields):
    found = {f.key: f.value for _, f in fields if "|msal-telemetry" in f.key}
    assert found["header:x-client-current-telemetry|msal-telemetry.apiId"] == "730"
    assert found["header:x-client-last-telemetry|msal-telemetry.silentSuccesses"] == "0"


CLAIMS = {
    "D1": "upn unique_name preferred_username email name family_name given_name onprem_sam",
    "D2": "oid sub puid onprem_sid groups[] wids[]",
    "D3": "deviceid bind_id",
    "D4": "sid uti rh aio",
    "O1": "tid iss",
    "L1": "ipaddr ctry tenant_region_scope",
    "B1": "amr[] acr acct auth_time",
    "N1": "aud iat nbf exp azp appid azpacr appidacr ver scp idtyp header.alg header.kid header.x5t",
    "S1": "refresh_token password assertion",
}


@pytest.mark.parametrize(
    ("expected", "claim"), [(key, claim) for key, names in CLAIMS.items() for claim in names.split()]
)
def test_claims(knowledge, expected, claim):
    for where in ("header:authorization", "body:request", "response:id_token", "body:a.b|base64"):
        assert code(knowledge, "entra-token", f"{where}|jwt.{claim}") == expected


@pytest.mark.parametrize(
    "key",
    [
        "body:refresh_token", "response:refresh_token", "response:access_token", "response:id_token", "body:client_secret",
        "body:password", "body:code", "body:device_code", "response:device_code", "response:user_code", "body:assertion",
        "body:client_assertion", "body:request", "body:code_verifier", "response:session_key_jwe", "response:tgt_ad",
        "header:x-ms-refreshtokencredential", "cookie:x-ms-RefreshTokenCredential", "cookie:ESTSAUTH",
        "response-cookie:ESTSAUTHPERSISTENT", "cookie:SignInStateCookie", "query:code", "header:authorization",
        "response-header:location|url.query.code", "response-header:location|url.fragment.id_token",
        "body:password|form.a", "body:refresh_token|base64", "response:access_token|percent",
    ],
)  # fmt: skip
def test_secrets(knowledge, key):
    assert code(knowledge, "entra-token", key) == "S1"
    assert code(knowledge, "entra-authorize", key) == "S1"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("query:login_hint", "D1"),
        ("query:domain_hint", "O1"),
        ("query:client-request-id", "D5"),
        ("query:x-client-DM", "Q1"),
        ("body:microsoft_enrollment_id", "D3"),
        ("body:client_id", "N1"),
        ("cookie:fpc", "D3"),
        ("cookie:buid", "D3"),
        ("header:x-app-name", "N1"),
        ("response:client_info|base64|json.uid", "D2"),
        ("response:client_info|base64|json.utid", "O1"),
        ("header:x-client-last-telemetry|msal-telemetry.failed[].correlationId", "D4"),
    ],
)
def test_parameters(knowledge, key, expected):
    assert code(knowledge, "entra-authorize", key) == expected


def test_what_is_only_remembered_is_not_called_documented(knowledge):
    for cookie in ("ESTSAUTH", "buid", "fpc", "esctx"):
        rule = knowledge.adapters["entra-token"].rule(f"cookie:{cookie}")
        assert (rule.because, rule.source) == ("from memory", "memory")


REGISTRATION = {
    "body:DeviceDisplayName": "D1",
    "body:TargetDomain": "O1",
    "body:attributes.MSA-DDID": "S1",
    "response:Certificate.RawBody|der.subject.CN": "D3",
    "response:User.Upn": "D1",
    "response:MembershipChanges[].LocalSID": "D2",
    "path:deviceId": "D3",
}


@pytest.mark.parametrize("key", REGISTRATION)
def test_device_registration(knowledge, key):
    assert code(knowledge, "device-registration", key) == REGISTRATION[key]
