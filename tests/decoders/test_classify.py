"""Which ground decides."""

import tomllib
from pathlib import Path

import pytest

from portalscope.decoders.adapters import Adapter
from portalscope.decoders.classify import OPENED, PART, Classifier, text
from portalscope.decoders.finding import Evidence
from portalscope.decoders.message import Event, Field
from portalscope.decoders.properties import properties

VOCABULARY = properties(
    tomllib.loads((Path(__file__).parents[2] / "decoders" / "data" / "properties.toml").read_text())
)
EVENT = Event(index=0, kind="request", name="e", fields=())


def ground(level, name, because="documented", detail="", code=""):
    raises = because == "value shape" or detail.startswith(PART)
    return Evidence(
        level=level,
        because=because,
        property=name,
        code=code or VOCABULARY.get(name).code,
        detail=detail,
        raises=raises,
    )


def judged(of_field=(), of_value=(), *, value="v", opened=False):
    classifier = Classifier(VOCABULARY, lambda *_: tuple(of_field), lambda *_: tuple(of_value))
    field = Field(part="body", path="a", shape="a", value=value, opened=opened)
    return classifier.finding(Adapter(id="x"), EVENT, field)


def test_nothing_is_known():
    finding = judged()
    assert (finding.property, finding.code, finding.category, finding.because) == (
        "unknown",
        "U1",
        "unknown",
        "not yet understood",
    )


@pytest.mark.parametrize(
    ("of_field", "of_value", "decides", "candidate"),
    [
        ([ground("H1", "upn", "name")], [], "upn", True),
        ([ground("E3", "osVersion"), ground("H1", "upn", "name")], [], "osVersion", False),
        ([ground("E3", "osVersion")], [ground("E1", "upn", "planted")], "upn", False),
        ([ground("E2", "emailAddress", "sender's tag"), ground("E3", "osVersion")], [], "emailAddress", False),
        ([ground("E5", "browserId")], [ground("H2", "upn", "value shape")], "upn", True),  # shapes raise
        (
            [ground("E5", "emailAddress")],
            [ground("H2", "sessionId", "value shape")],
            "emailAddress",
            False,
        ),  # and never lower
        ([ground("E5", "clientRequestId")], [ground("H2", "otherIdentifiers", "look")], "clientRequestId", False),
        ([ground("E3", "accessToken")], [ground("E1", "upn", "planted")], "accessToken", False),  # a secret stays one
        ([ground("E5", "freeText")], [ground("E1", "tenantId", "planted", PART + "x")], "freeText", False),
        ([ground("E5", "userAgent")], [ground("E1", "upn", "planted", PART + "x")], "upn", False),
    ],
)
def test_the_strongest_decides(of_field, of_value, decides, candidate):
    finding = judged(of_field, of_value)
    assert (finding.property, finding.candidate) == (decides, candidate)
    assert len(finding.evidence) == len(of_field) + len(of_value)  # every ground is kept


def test_a_sentinel_says_nothing_about_anyone():
    finding = judged([ground("E3", "upn")], [ground("E5", "sentinel", "sentinel")])
    assert (finding.property, finding.code, finding.candidate) == ("sentinel", "N1", False)


def test_an_opened_value_is_judged_by_its_inside():
    assert judged([ground("H1", "upn", "name")], opened=True).evidence[0] is OPENED
    assert judged([ground("E3", "accessToken")], opened=True).property == "accessToken"


def test_distinct_fields_and_values_are_judged_once():
    asked = []
    classifier = Classifier(VOCABULARY, lambda *_: asked.append("field") or (), lambda *_: asked.append("value") or ())
    for value in ("a", "b", "a", "a"):
        classifier.finding(Adapter(id="x"), EVENT, Field(part="body", path="p", shape="p", value=value))
    assert asked == ["field", "value", "value"]


def test_booleans_have_no_value_to_judge():
    assert judged(of_value=[ground("H2", "upn", "value shape")], value=True).code == "U1"


def test_what_stands_inside_a_secret_is_one_unless_a_firm_ground_says_what():
    grounds = {
        "token": [ground("E3", "accessToken")],
        "token|jwt.upn": [ground("E3", "upn")],
        "token|jwt.x": [],
        "other": [],
    }
    classifier = Classifier(VOCABULARY, lambda _a, _e, field: tuple(grounds[field.shape]), lambda *_: ())
    fields = tuple(
        Field(part="header", path=path, shape=path, value="v", depth="|" in path, opened=path == "token")
        for path in grounds
    )
    event = Event(index=0, kind="request", name="e", fields=fields)
    found = list(classifier.of_event(Adapter(id="x"), event))
    assert [finding.code for finding in found] == ["S1", "D1", "S1", "U1"]
    assert found[2].evidence[0].detail == "stands inside a secret"


def test_values_as_text():
    assert [text(v) for v in (None, b"\x01\xff", 12, 1.5, "x")] == ["", "01ff", "12", "1.5", "x"]
    assert text(10**5000).startswith("0x")
