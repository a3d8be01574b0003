"""Whole words and never parts of words; states before identities; curated fields before rules; faults are reported."""

import csv
import string
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.names import Names, apart, names, tokens
from portalscope.decoders.properties import Properties, properties

DATA = Path(__file__).parents[2] / "decoders" / "data"


def read(name: str) -> dict:
    return tomllib.loads((DATA / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def vocabulary() -> Properties:
    return properties(read("properties.toml"))


@pytest.fixture(scope="module")
def known(vocabulary: Properties) -> Names:
    with (DATA / "known-fields.csv").open(encoding="utf-8") as lines:
        return names(read("names.toml"), list(csv.DictReader(lines)), vocabulary)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("userPrincipalName", ("user", "principal", "name")),
        ("device_local_id", ("device", "local", "id")),
        ("IMEINumber2", ("imei", "number", "2")),
        ("MSAHomeTenantID", ("msa", "home", "tenant", "id")),
        ("ai.user.id", ("ai", "user", "id")),
        ("Wi-Fi MAC", ("wi", "fi", "mac")),
        ("x-ms-request-id", ("x", "ms", "request", "id")),
        ("", ()),
        ("#", ()),
    ],
)
def test_tokens(name: str, words: tuple[str, ...]) -> None:
    assert tokens(name) == words


def test_runs_are_glued_whole_words_with_singular() -> None:
    assert {"userid", "users", "user", "id"} <= apart("UsersUserId").runs
    assert "sid" not in apart("UsersIdentity").runs


@pytest.mark.parametrize(
    ("name", "prop", "code"),
    [
        ("userPrincipalName", "upn", "D1"),
        ("preferred_username", "upn", "D1"),
        ("EmailAddress", "emailAddress", "D1"),
        ("given_name", "displayName", "D1"),
        ("DeviceName", "deviceName", "D1"),
        ("phoneNumber", "phoneNumber", "D1"),
        ("hashedEmailAddress", "hashedEmail", "D2"),
        ("AADUserId", "aadObjectId", "D2"),
        ("userSid", "securityIdentifier", "D2"),
        ("azureADDeviceId", "aadDeviceId", "D3"),
        ("SerialNumber", "serialNumber", "D3"),
        ("DeviceImei", "imei", "D3"),
        ("iMEI", "imei", "D3"),
        ("WiFiMAC", "macAddress", "D3"),
        ("adId", "advertisingId", "D3"),
        ("installId", "installationId", "D3"),
        ("tenantId", "tenantId", "O1"),
        ("SessionId", "sessionId", "D4"),
        ("relatedCV", "correlationVector", "D4"),
        ("client-request-id", "clientRequestId", "D4"),
        ("clientIp", "publicIp", "L1"),
        ("SSID", "ssid", "L1"),
        ("latitude", "latitude", "L1"),
        ("timeZoneOffset", "timezone", "L1"),
        ("NetworkCountry", "country", "L1"),
        ("errorMessage", "errorInformation", "C1"),
        ("CommandLine", "commandLine", "C1"),
        ("searchQuery", "searchTerm", "C1"),
        ("refresh_token", "refreshToken", "S1"),
        ("UnlockToken", "privateKey", "S1"),
        ("clientSecret", "clientSecret", "S1"),
        ("EntryPoint", "userAction", "B1"),
        ("model", "model", "Q1"),
        ("osVersion", "osVersion", "Q1"),
        ("popSample", "protocolField", "N1"),
    ],
)
def test_names_propose(known: Names, name: str, prop: str, code: str) -> None:
    found = known.judge(name)
    assert found is not None
    assert (found.property, found.code) == (prop, code)
    assert found.reason
    assert not found.known


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("TimeInMs", "holds the letters of IMEI"),
        ("ProcessId", "holds the letters of SSID"),
        ("userIdCount", "is a count"),
        ("IsDeviceIdPresent", "is a flag"),
        ("passwordMinimumLength", "is a policy"),
        ("BootstrapTokenAllowed", "is a policy"),
        ("SessionIdStatus", "is a state"),
        ("policyId", "is the same for everyone"),
        ("appId", "is the same for everyone"),
        ("driverDeviceId", "names hardware everyone has"),
        ("mailboxSize", "is a measure"),
        ("emptyEmailAddressErrorCode", "is an outcome"),
    ],
)
def test_the_identity_word_is_only_the_subject(known: Names, name: str, why: str) -> None:
    found = known.judge(name)
    assert found is None or found.code in {"Q1", "N1", "B1"}, why


def test_general_words_take_the_part_above(known: Names) -> None:
    assert known.judge("body.session.id").property == "sessionId"
    assert known.judge("device.status_value.id").property == "deviceId"
    assert known.judge("feature.id").code == "N1"
    assert known.judge("[].ext.user.localId").property == "userId"
    assert known.judge("[].ext.device.localId").property == "deviceId"
    assert known.judge("id") is None


def test_the_container_decides_where_the_name_cannot(known: Names) -> None:
    assert known.judge("target_folder", "mail.action").code == "B1"
    assert known.judge("target_folder", "Office.System.SystemHealth") is None
    assert known.judge("FindMyDevice", "Census.PrivacySettings").property == "policyValue"


def test_curated_fields_come_first(known: Names) -> None:
    claim = known.judge("sub", "access-token", "entra-token-claims")
    assert (claim.property, claim.code, claim.known) == ("entraSubject", "D2", True)
    assert claim.source == "entra-docs"
    assert known.judge("DUID", "Census.Hardware", "win10-1703").known
    assert not known.judge("DUID", "Census.Hardware", "other").known


def test_scope_comes_from_rule_or_property(known: Names) -> None:
    assert known.judge("SessionId").scope == "session"
    assert known.judge("SerialNumber").scope == "device"


def test_tables_are_sound(known: Names) -> None:
    assert known.faults == ()
    assert len(known.known) > 700
    assert all(rule.named.reason for rule in known.rules)


def test_faults_are_reported_and_left_out(vocabulary: Properties) -> None:
    row = {"dataset": "d", "container": "*", "field": "f", "property": "upn", "class": "D1", "scope": "", "reason": ""}
    made = names(
        {
            "rule": [
                {"is": "nothing", "words": ["a"], "reason": "r"},
                {"is": "upn", "pattern": "(", "reason": "r"},
                {"is": "upn", "word": ["a"], "reason": "r"},
                {"is": "upn", "unless": ["a"], "reason": "r"},
            ]
        },
        [row, row, row | {"field": "g", "property": "nothing"}],
        vocabulary,
    )
    assert made.faults == (
        "name rule 1 (r): property or class is not known",
        "name rule 2 (r): missing ), unterminated subpattern at position 0",
        "name rule 3 (r): word is not known",
        "name rule 4 (r): speaks of every name",
        "known field d * f is there twice",
        "known field d * g: property or class is not known",
    )
    assert made.rules == ()


@given(st.text(alphabet=string.ascii_letters + string.digits + "._-/[]*# é", max_size=80))
def test_any_name_gets_an_answer(known: Names, name: str) -> None:
    found = known.judge(name, name, "")
    assert found is None or found.code


def test_long_names_take_bounded_time(known: Names) -> None:
    started = time.perf_counter()
    for name in ("aB" * 50_000, "a." * 50_000, "[]" * 50_000, "A" * 100_000):
        known.judge(name)
    assert time.perf_counter() - started < 2
