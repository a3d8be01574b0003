"""Differences between two recordings: hand-made ones, and real clients of which the truth is known."""

import json
from pathlib import Path

import pandas as pd
import pytest

from portalscope.analysis import frames
from portalscope.analysis.compare import DIFFERENCES, changes, differences
from portalscope.analysis.compare import Thing as T
from portalscope.analysis.dataset import Writer, write_run
from portalscope.analysis.pipeline import Pipeline
from portalscope.capture.read import read
from portalscope.capture.run import Run

SAMPLES = Path(__file__).parents[2] / "samples"
RUNS = ("ort130", "ort132", "sample_reg_v1", "sample_reg_v2")


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> frames.Frames:
    """Real clients in two versions each, decoded and judged."""
    path = tmp_path_factory.mktemp("real") / "dataset"
    pipeline = Pipeline()
    for name in RUNS:
        run = Run(id=name)
        items = read(SAMPLES / name / f"{name}.mitm", name)
        write_run(Writer(path, run, key=b"key"), items, pipeline.judge(run), pipeline.locate)
    return frames.load(path)


@pytest.mark.parametrize(("before", "after"), [("ort130", "ort132"), ("sample_reg_v1", "sample_reg_v2")])
def test_real_clients_differ_as_the_truth_says(clients: frames.Frames, before: str, after: str) -> None:
    truth = json.loads((SAMPLES / f"DIFF__{before}__{after}.json").read_text())
    table = differences(clients, before, after)
    collectors = table[table["adapter"] != "application-insights"]  # of which the truth does not tell

    def subjects(kind: str, change: str, rows: pd.DataFrame = collectors) -> set[str]:
        return set(rows[(rows["kind"] == kind) & (rows["change"] == change)]["subject"])

    hosts = {
        "eu-mobile.events.data.microsoft.com",
        "mobile.events.data.microsoft.com",
        "browser.events.data.microsoft.com",
    }
    assert subjects("endpoint", "new", table) & hosts == set(truth["hosts_added"])
    assert subjects("endpoint", "gone", table) & hosts == set(truth["hosts_removed"])
    assert subjects("event", "new") == set(truth["event_names_added"])
    assert subjects("event", "gone") == set(truth["event_names_removed"])
    for change, key in (("new", "fields_added"), ("gone", "fields_removed")):
        found = {subject.replace("body:[].", "") for subject in subjects("field", change)}
        assert {subject for subject in found if ":: data." in subject} == {
            subject for subject in truth[key] if ":: data." in subject
        }
    retyped = collectors[collectors["aspect"] == "type"]
    assert {subject.replace("body:[].", "") for subject in retyped["subject"]} == {
        subject.split(" : ")[0] for subject in truth["fields_retyped"]
    }


def test_a_recording_does_not_differ_from_itself(clients: frames.Frames) -> None:
    assert differences(clients, "ort130", "ort130").empty


def test_several_runs_are_one_side(clients: frames.Frames) -> None:
    table = differences(clients, ["ort130", "ort132"], ["ort132", "ort130"])
    assert table.empty
    assert list(table.columns) == DIFFERENCES.names


def test_the_order_is_stable_and_both_ways_mirror(clients: frames.Frames) -> None:
    there, back = differences(clients, "ort130", "ort132"), differences(clients, "ort132", "ort130")
    pd.testing.assert_frame_equal(there, differences(clients, "ort130", "ort132"))
    mirrored = {"new": "gone", "gone": "new", "changed": "changed"}
    pairs = {(row.kind, mirrored[row.change], row.subject, row.after, row.before) for row in back.itertuples()}
    assert pairs == {(row.kind, row.change, row.subject, row.before, row.after) for row in there.itertuples()}


def test_destinations_and_counts_of_hand_made_runs(dataset: Path) -> None:
    table = differences(frames.load(dataset), "a", "b").set_index(["kind", "change", "aspect", "subject"])
    assert table.loc[("event", "changed", "count", "Start"), ["before", "after"]].tolist() == ["2 events", "1 event"]
    moved = table.loc[("event", "changed", "destination", "Start")]
    assert (moved["before"], moved["after"]) == (
        "mobile.events.data.microsoft.com",
        "eu-mobile.events.data.microsoft.com",
    )
    upn = table.loc[("property", "changed", "destination", "upn")]
    assert upn["after"] == "Microsoft Corporation in the Netherlands"
    assert upn["category"] == "personal"
    assert table.loc[("category", "new", "presence", "secret in the Netherlands"), "after"] == "1 kind of data"
    assert ("category", "gone", "presence", "personal in the United States") in table.index


def test_a_run_that_is_not_there(dataset: Path) -> None:
    with pytest.raises(ValueError, match="no run c"):
        differences(frames.load(dataset), "a", "c")


def rows(before: dict[str, T], after: dict[str, T]) -> list[tuple[str, ...]]:
    keyed = ({(key,): thing for key, thing in side.items()} for side in (before, after))
    return [row[1:6] for row in changes("field", *keyed)]


def test_fields_of_a_new_event_are_not_listed_again() -> None:
    old = {"a": T(subject="E :: a", facts={"type": "int"}, event="E")}
    new = {**old, "b": T(subject="F :: b", facts={"type": "int"}, event="F")}
    assert rows(old, new) == []


def test_a_type_that_was_never_seen_is_no_change() -> None:
    old = {"a": T(subject="a", facts={"type": "", "class": "X (D1)"})}
    new = {"a": T(subject="a", facts={"type": "int", "class": "X (D2)"})}
    assert rows(old, new) == [("changed", "class", "a", "X (D1)", "X (D2)")]


def test_numbers_are_numbers() -> None:
    old = {"a": T(subject="a", facts={"type": "float"})}
    assert rows(old, {"a": T(subject="a", facts={"type": "float, int"})}) == []
    assert rows(old, {"a": T(subject="a", facts={"type": "int"})}) == [("changed", "type", "a", "float", "int")]
    assert rows(old, {"a": T(subject="a", facts={"type": "string"})}) == [("changed", "type", "a", "float", "string")]
