"""The summary counts what was sent, by hand-counted numbers of the sample run."""

from pathlib import Path

import pandas as pd
import pytest

from portalscope.analysis import frames
from portalscope.analysis.summary import SUMMARY, summary


@pytest.fixture(scope="module")
def table(dataset: Path) -> pd.DataFrame:
    return summary(frames.load(dataset))


def line(table: pd.DataFrame, name: str, host: str, location: str) -> pd.Series:
    found = table[(table["property"] == name) & (table["host"] == host) & (table["location"] == location)]
    assert len(found) == 1
    return found.iloc[0]


def test_columns_and_types_are_the_documented_ones(table: pd.DataFrame) -> None:
    assert list(table.columns) == SUMMARY.names
    assert [str(table[name].dtype) for name in ("us", "events", "bytes", "candidate")] == [
        "bool",
        "int64",
        "int64",
        "bool",
    ]


def test_one_property_at_one_place(table: pd.DataFrame) -> None:
    found = line(table, "deviceId", "mobile.events.data.microsoft.com", "US likely")
    assert found[["category", "class", "company", "seat", "country"]].tolist() == [
        *("pseudonymous", "D3", "Microsoft Corporation", "US", "US")
    ]
    assert found[["events", "requests", "delivered", "attributed", "bytes", "values"]].tolist() == [2, 1, 1, 1, 12, 1]
    assert (found["evidence_level"], found["because"], found["us"]) == ("E5", "source code", True)
    assert (found["run"], found["exchange"]) == ("a", "flows.mitm#1")


def test_an_attempt_counts_as_a_request_and_not_as_delivered(table: pd.DataFrame) -> None:
    found = line(table, "upn", "mobile.events.data.microsoft.com", "unknown")
    assert found[["requests", "delivered"]].tolist() == [1, 0]


def test_answers_placeholders_and_wrappers_are_left_out(table: pd.DataFrame) -> None:
    upn = line(table, "upn", "mobile.events.data.microsoft.com", "US likely")
    assert upn["bytes"] == 2 * len("anna.honeypot@contoso-honey.example"), "in path and query, not in the answer"
    device = table[table["property"] == "deviceId"]
    assert set(device["class"]) == {"D3"}, "not the placeholder N1"


def test_a_guess_is_a_candidate(table: pd.DataFrame) -> None:
    assert line(table, "deviceName", "mobile.events.data.microsoft.com", "US likely")["candidate"]
    assert table.groupby("property")["candidate"].all().to_dict()["upn"] is False


def test_what_protects_most_comes_first_and_order_is_stable(dataset: Path, table: pd.DataFrame) -> None:
    assert list(dict.fromkeys(table["category"])) == [
        *("personal", "pseudonymous", "behaviour", "technical", "secret", "unknown")
    ]
    pd.testing.assert_frame_equal(table, summary(frames.load(dataset)))


def test_it_says_how_complete_it_is(table: pd.DataFrame) -> None:
    assert table.attrs["completeness"].startswith("2 of 3 hosts opened; ")


def test_a_run_without_requests(tmp_path: Path, write_run) -> None:
    write_run(tmp_path / "d", "a", [])
    found = summary(frames.load(tmp_path / "d"))
    assert (len(found), list(found.columns)) == (0, SUMMARY.names)
