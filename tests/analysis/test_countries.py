"""Countries: the EEA, areas, and what is said of a transfer."""

import re

import pytest

from portalscope.analysis.countries import covered, eea, is_place, one_sided, reads_as, rules, side, transfer_status
from portalscope.analysis.regions import table
from portalscope.capture.endpoints import sources


def test_the_eea_has_thirty_countries() -> None:
    assert len(eea()) == 30
    assert {"NL", "IE", "NO", "IS", "LI"} <= eea()
    assert not eea() & {"GB", "CH", "US"}


@pytest.mark.parametrize(
    ("place", "holds", "not_in", "reads", "whole"),
    [
        ("EU", "NL", "GB", "EU", True),
        ("Europe", "GB", "US", "EU", False),
        ("North America", "CA", "NL", "US", False),
        ("Asia Pacific", "JP", "US", "other", True),
        ("US", "US", "CA", "US", True),
        ("NL", "NL", "IE", "EU", True),
        ("GB", "GB", "NL", "other", True),
    ],
)
def test_places(place: str, holds: str, not_in: str, reads: str, whole: bool) -> None:
    assert holds in covered(place)
    assert not_in not in covered(place)
    assert (reads_as(place), one_sided(place)) == (reads, whole)


def test_sides() -> None:
    assert [side(country) for country in ("NO", "US", "CH")] == ["EU", "US", "other"]


@pytest.mark.parametrize(
    ("word", "place"), [("NL", True), ("EU", True), ("Europe", True), ("nl", False), ("westeurope", False), ("", False)]
)
def test_what_is_a_place(word: str, place: bool) -> None:
    assert is_place(word) is place


def test_a_server_in_the_eea_does_not_end_the_question() -> None:
    found = transfer_status("NL")
    assert "not ruled out" in found.text
    assert found.source == "eea-agreement"


def test_the_united_states_are_adequate_for_a_part_only() -> None:
    found = transfer_status("US")
    assert "(EU) 2023/1795 of 2023-07-10 covers a part: only organisations self-certified" in found.text
    assert "C-703/25 P" in found.text
    assert "Privacy Shield" not in found.text


def test_other_countries() -> None:
    assert "(EU) 2026/179 of 2026-01-26" in transfer_status("BR").text
    assert "covers a part: private sector" in transfer_status("JP").text
    assert transfer_status("CN").text == "third country; no adequacy decision known"
    assert "not known" in transfer_status("").text


def test_every_statement_has_a_date_and_a_citation() -> None:
    for row in table("countries.csv"):
        found = transfer_status(row["code"])
        assert re.fullmatch(r"\d{4}-\d\d", found.as_of)
        assert found.source in sources(), row["code"]
        assert "no transfer" not in found.text


def test_adequacy_decisions_are_dated_and_in_one_of_two_states() -> None:
    for row in table("adequacy.csv"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["adopted"]), row
        assert row["status"] in {"in force", "invalidated"}, row
        assert row["source"] in sources(), row


def test_areas_and_bounds_are_cited() -> None:
    assert all(area["source"] in sources() for area in rules()["area"].values())
    assert rules()["round_trip"]["source"] in sources()
