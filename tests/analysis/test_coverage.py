"""Completeness: both accounts balance, and what is missing is listed with its size and reason."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from portalscope.analysis import coverage, frames
from portalscope.analysis.frames import Frames


@pytest.fixture
def found(dataset: Path) -> Frames:
    return frames.load(dataset)


def test_counts(found: Frames) -> None:
    counts = coverage.coverage(found)
    assert (counts.hosts, counts.closed, counts.unlocated) == (3, 1, 0)
    assert (counts.size, counts.unread) == (3 * 223, 9)
    assert (counts.leaves, counts.unknown, counts.candidates) == (48, 12, 3)
    assert counts.faults == ()


def test_the_line(found: Frames) -> None:
    assert coverage.line(found) == (
        "2 of 3 hosts opened; 98.7 % of 669 bytes in bodies decoded; 75.0 % of 48 values sent are classified "
        "(6.2 % by name or look alone); 3 of 3 hosts located."
    )


def test_every_limit_has_its_row(found: Frames) -> None:
    table = coverage.limits(found)
    assert list(table.columns) == coverage.LIMITS.names
    rows = {
        kind: part[["subject", "count", "bytes", "why"]].to_numpy().tolist() for kind, part in table.groupby("kind")
    }
    trust = "tls failed: the client does not trust the certificate"
    assert rows == {
        "not opened": [["settings-win.data.microsoft.com", 2, 1000, trust]],
        "not delivered": [["mobile.events.data.microsoft.com", 1, 100, "gone {upn}"]],
        "not decoded": [["body, json", 3, 9, "stopped at {upn}"]],
        "not classified": [["onecollector, sent", 12, 0, "4 different fields"]],
        "by name or look only": [["onecollector, sent", 3, 0, "1 different field"]],
    }


def test_unknown_places_are_limits(found: Frames) -> None:
    nowhere = found.endpoints.assign(location="unknown", country="", basis="nothing says where it is")
    lost = replace(found, endpoints=nowhere)
    assert coverage.coverage(lost).unlocated == 3
    rows = coverage.limits(lost).query("kind == 'not located'")
    assert rows["why"].unique().tolist() == ["nothing says where it is"]


def test_bytes_that_vanish_are_a_fault(found: Frames) -> None:
    lying = found.exchanges.assign(body_decoded=found.exchanges["body_decoded"] - 1)
    (fault,) = coverage.coverage(replace(found, exchanges=lying)).faults
    assert fault == "body: size is not decoded + unread in 3 exchanges"


def test_unread_bytes_without_a_problem_are_a_fault(found: Frames) -> None:
    silent = replace(found, problems=found.problems.iloc[:0])
    assert coverage.coverage(silent).faults == ("body: unread bytes are not those of the problems in 3 exchanges",)
    assert "FAULT" in coverage.line(silent)
    assert "fault" in set(coverage.limits(silent)["kind"])


def test_leaves_that_vanish_are_a_fault(found: Frames) -> None:
    more = found.events.assign(leaves=found.events["leaves"] + 1)
    (fault,) = coverage.coverage(replace(found, events=more)).faults
    assert fault == "events hold 66 leaves, 54 of them are classified or unknown"


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, "none"), (0, 9, "0 %"), (9, 9, "100 %"), (1, 10_000, "0.1 %"), (9999, 10_000, "99.9 %"), (1, 3, "33.3 %")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(part: int, whole: int, words: str) -> None:
    assert coverage.percent(part, whole) == words


def test_a_run_without_anything(tmp_path: Path, write_run) -> None:
    write_run(tmp_path / "d", "a", [])
    empty = frames.load(tmp_path / "d")
    assert coverage.coverage(empty).faults == ()
    assert isinstance(coverage.limits(empty), pd.DataFrame)
