"""The vocabulary is complete, orders protection, and reports what is wrong with a table."""

import tomllib
from pathlib import Path

import pytest

from portalscope.decoders.properties import Properties, properties

DATA = Path(__file__).parents[2] / "decoders" / "data"
WANTED = """
upn emailAddress displayName userId aadObjectId puid msaCid anid hashedEmail primaryIdentityHash sdkUserId
tenantId tenantDomain deviceId aadDeviceId intuneDeviceId intuneManagementId easDeviceId windowsDeviceLocalId
sqmMachineId muid installationId clientId developerScopedId advertisingId hashedAdvertisingId
pushNotificationToken serialNumber imei iccid imsi phoneNumber macAddress bssid motherboardUuidHash sessionId
hostSessionId appSessionId userSessionId correlationVector correlationId clientRequestId operationId
otherIdentifiers deviceName manufacturer model osName osVersion osBuild architecture language timezone country
publicIp localIp ssid latitude longitude carrier networkConnectionType isRooted complianceState
enrollmentState ownershipType policyState consentState telemetryLevel experimentFlights eventName eventTime
userAction viewedPage interactedElement startTime timeSpent appInventory appId appName appVersion
errorInformation crashDump filePath fileName documentTitle url searchTerm mailSubject freeText container
sentinel policyValue protocolField unknown undecoded
"""


@pytest.fixture(scope="module")
def vocabulary() -> Properties:
    return properties(tomllib.loads((DATA / "properties.toml").read_text("utf-8")))


def test_no_faults(vocabulary: Properties) -> None:
    assert vocabulary.faults(tomllib.loads((DATA / "law.toml").read_text("utf-8"))) == ()


def test_every_law_is_used(vocabulary: Properties) -> None:
    used = {k for p in vocabulary.properties.values() for k in p.gdpr} | {
        k for c in vocabulary.classes.values() for k in c.gdpr
    }
    background = {"edps-srb", "iso-19944-2017"}
    assert set(tomllib.loads((DATA / "law.toml").read_text("utf-8"))) - used == background


@pytest.mark.parametrize("name", WANTED.split())
def test_words_that_adapters_and_reports_need(vocabulary: Properties, name: str) -> None:
    assert name in vocabulary


@pytest.mark.parametrize(
    ("name", "code", "category"),
    [
        ("upn", "D1", "personal"),
        ("aadObjectId", "D2", "pseudonymous"),
        ("serialNumber", "D3", "pseudonymous"),
        ("correlationVector", "D4", "pseudonymous"),
        ("clientRequestId", "D5", "technical"),
        ("publicIp", "L1", "personal"),
        ("userAction", "B1", "behaviour"),
        ("model", "Q1", "technical"),
        ("fileName", "C1", "personal"),
        ("tenantId", "O1", "technical"),
        ("accessToken", "S1", "secret"),
        ("protocolField", "N1", "technical"),
        ("unknown", "U1", "unknown"),
    ],
)
def test_classes_of_the_model(vocabulary: Properties, name: str, code: str, category: str) -> None:
    assert vocabulary.get(name).code == code
    assert vocabulary.category(code) == category


def test_order_of_protection(vocabulary: Properties) -> None:
    order = ["S1", "C1", "D1", "L1", "D2", "D3", "D4", "B1", "Q1", "O1", "D5", "N1", "U1"]
    assert sorted(vocabulary.classes, key=vocabulary.severity, reverse=True) == order
    assert vocabulary.strictest(["Q1", "D1", "N1"]) == "D1"
    assert vocabulary.strictest([]) == "U1"


def test_a_property_inherits_law_and_iso_unless_it_differs(vocabulary: Properties) -> None:
    assert vocabulary.get("serialNumber").gdpr == vocabulary.classes["D3"].gdpr
    assert vocabulary.get("serialNumber").iso_edition == "ISO/IEC 19944:2017"
    assert "gdpr-9" in vocabulary.get("accessibilitySettings").gdpr


def test_labels_are_there_in_both_languages_and_differ_between_properties(vocabulary: Properties) -> None:
    for language in ("label", "label_nl"):
        words = [getattr(p, language) for p in vocabulary.properties.values()]
        assert all(words)
        assert len(set(words)) == len(words)


def test_every_identifier_and_secret_is_redacted(vocabulary: Properties) -> None:
    kept = [
        p.name
        for p in vocabulary.properties.values()
        if p.redact == "keep" and p.code in {"S1", "C1", "D1", "D2", "D3", "D4"}
    ]
    assert kept == []


def test_unknown_name_is_an_error(vocabulary: Properties) -> None:
    with pytest.raises(KeyError):
        vocabulary.get("upnn")


def test_faults_are_collected_and_the_rest_is_kept() -> None:
    words = {"label": "a", "label_nl": "b", "definition": "c"}
    table = {
        "category": {"one": words | {"classes": ["D1", "D2"]}, "two": words | {"classes": ["D1"]}, "bare": {}},
        "class": {"D1": words | {"severity": 1, "gdpr": ["x"]}, "D9": words | {"severity": 1}},
        "property": {
            "good": words | {"class": "D1", "scope": "user", "redact": "hash"},
            "bad": words | {"class": "D7", "scope": "x", "redact": "y"},
        },
    }
    found = properties(table)
    assert list(found.properties) == ["good"]
    assert set(found.faults({"y": {}})) == {
        "class D1 is in one and two",
        *(f"category bare: {key} is missing" for key in ("label", "label_nl", "definition", "classes")),
        "class D9 has no category",
        "property bad: class D7 is not defined",
        "property bad: scope x is not known",
        "property bad: redact y is not known",
        "category one: class D2 is not defined",
        "property unknown is missing",
        "class D1: law x is not known",
        "law y: dated or as_of is missing",
    }
