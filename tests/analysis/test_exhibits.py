"""The report's tables, against what was put into the sample runs."""

from pathlib import Path

import pytest

from portalscope.analysis import exhibits, frames
from portalscope.analysis.frames import Frames


@pytest.fixture(scope="module")
def found(dataset: Path) -> Frames:
    return frames.load(dataset)


def test_runs(found: Frames) -> None:
    first, second = exhibits.runs(found)
    assert (first["run"], first["app"], first["requests"], first["planted"]) == ("a", "Company Portal", 2, ["upn"])
    assert first["steps"] == ["signed in as {upn}"]
    assert second["requests"] == 1


def test_endpoints_join_the_addresses_of_a_host(found: Frames) -> None:
    rows = {row["host"]: row for row in exhibits.endpoints(found)}
    assert list(rows) == sorted(rows)
    mobile = rows["mobile.events.data.microsoft.com"]
    assert [place["name"] for place in mobile["places"]] == ["Not located", "United States"]
    assert [place["us"] for place in mobile["places"]] == [False, True]
    assert (mobile["requests"], mobile["opened"], mobile["company"]) == (2, "yes", "Microsoft Corporation")
    closed = rows["settings-win.data.microsoft.com"]
    assert (closed["requests"], closed["closed"], closed["opened"]) == (0, 2, "no")
    assert {rung["kind"] for rung in mobile["rungs"]} == {"G1", "G3"}


def test_transfers_begin_with_the_united_states(found: Frames) -> None:
    rows = exhibits.transfers(found)
    assert [row["place"]["name"] for row in rows] == ["United States", "Not located", "Netherlands"]
    first = rows[0]
    assert (first["company"], first["seat"], first["purposes"]) == (
        "Microsoft Corporation",
        "United States",
        ["telemetry"],
    )
    assert "adequacy" in first["law"].text
    assert [data["property"] for data in first["data"]] == [
        *("upn", "deviceId", "eventName", "deviceName", "sdkVersion", "accessToken", "unknown")
    ]
    upn = first["data"][0]
    assert (upn["level"], upn["because"], upn["attributed"], upn["exchange"]) == ("E1", "planted", 1, "flows.mitm#1")
    assert first["data"][3]["candidate"]


def test_identifiers_that_can_be_joined(found: Frames) -> None:
    rows = {row["property"]: row for row in exhibits.identifiers(found)}
    assert list(rows) == ["upn", "deviceId"]
    device = rows["deviceId"]
    assert (device["distinct"], device["across_runs"], device["across_hosts"]) == (1, 1, 1)
    assert (device["scope"], device["requests"], len(device["hosts"])) == ("device", 3, 2)


def test_limits_are_grouped(found: Frames) -> None:
    assert [group["kind"] for group in exhibits.limits(found)] == [
        *("not opened", "not delivered", "not decoded", "not classified", "by name or look only")
    ]


def test_an_anchor_holds_nothing_of_the_sender() -> None:
    assert exhibits.anchor("h", '"><script>') == exhibits.anchor("h", '"><script>')
    assert exhibits.anchor("h", '"><script>').removeprefix("h-").isalnum()
    assert exhibits.anchor("h", "a") != exhibits.anchor("h", "b")
