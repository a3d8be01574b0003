"""Every field that was sent, with its grounds and the place where it can be checked."""

from pathlib import Path

import pytest

from portalscope.analysis import evidence, frames
from portalscope.analysis.exhibits import Row, endpoints
from portalscope.analysis.frames import Frames


@pytest.fixture(scope="module")
def found(dataset: Path) -> Frames:
    return frames.load(dataset)


@pytest.fixture(scope="module")
def events(found: Frames) -> list[Row]:
    return evidence.events(found, evidence.fields(found))


def test_every_field_that_was_sent_is_there_once(events: list[Row]) -> None:
    fields = [field for event in events for field in event["fields"]]
    assert len(fields) == len({field["id"] for field in fields}) == 16
    assert not [field for field in fields if field["part"].startswith("response")]


def test_a_field_leads_to_its_first_exchange_and_path(events: list[Row]) -> None:
    (device,) = [
        f
        for e in events
        if e["name"] == "Start"
        for f in e["fields"]
        if f["property"] == "deviceId" and f["level"] == "E5"
    ]
    assert (device["run"], device["exchange"], device["path"]) == ("a", "flows.mitm#1", "[0].ext.device.localId")
    assert (device["leaves"], device["distinct"], device["kinds"]) == (3, 1, "string, up to 6 bytes")
    assert device["grounds"][0]["source"] == "cpp-sdk"


def test_events_say_what_their_identifiers_make_of_them(events: list[Row]) -> None:
    assert [(event["name"], event["verdict"], event["count"]) for event in events] == [
        ("Telemetry", "identified", 3),
        ("Start", "pseudonymous", 3),
        ("Stop {upn}", "pseudonymous", 3),
    ]


@pytest.mark.parametrize(
    ("classes", "beside", "expected"),
    [
        (["N1", "D1", "D3"], False, "identified"),
        (["D2"], False, "pseudonymous"),
        (["D4", "D5"], True, "session"),
        (["Q1"], True, "beside"),
        (["Q1", "L1"], False, "none"),
        ([], False, "none"),
    ],
)
def test_verdicts(classes: list[str], beside: bool, expected: str) -> None:
    assert evidence.verdict(classes, beside=beside) == expected


def test_properties_gather_all_their_fields(events: list[Row]) -> None:
    groups = {group["property"]: group for group in evidence.by_property(events)}
    assert len(groups["upn"]["fields"]) == 2
    assert groups["upn"]["definition"].startswith("The name with which a person signs in")
    assert list(groups)[:2] == ["upn", "deviceId"]
    assert sum(len(group["fields"]) for group in groups.values()) == 16


def test_sources_are_those_of_fields_and_places(found: Frames, events: list[Row]) -> None:
    cited = {source["key"]: source for source in evidence.sources(events, endpoints(found))}
    assert cited["cpp-sdk"]["url"].startswith("https://")
    assert cited["cs"]["title"] == "cs", "a key that no table has stands for itself"
    assert "" not in cited


def test_problems_are_listed(found: Frames) -> None:
    rows = list(evidence.problems(found))
    assert [(row["run"], row["size"], row["why"]) for row in rows] == [
        *[("a", 3, "stopped at {upn}")] * 2,
        ("b", 3, "stopped at {upn}"),
    ]
