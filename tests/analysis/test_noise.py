"""The noise band, on real repeats: ONNX Runtime 1.30 and 1.32 twice each. Counts as in the samples' expected.json."""

from math import comb

import pytest

from portalscope.analysis import noise
from portalscope.analysis.compare import DIFFERENCES, differences
from portalscope.capture.run import Run
from tests.analysis.recorded import event, real, synthetic, upload

GONE = {  # in both recordings of 1.30 and in none of 1.32
    "EpDeviceUsage", "ModelLoadEnd", "ModelLoadStart", "RegisterEpLibraryStart", "RuntimePerf", "SessionCreation",
    "SessionCreationEnd", "SessionCreationStart", "SystemMetrics",
}  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return noise.judged(real(), "old-1", "new-1")


def of(table, kind, band):
    return set(table[(table["kind"] == kind) & (table["band"] == band)]["subject"])


def test_repeats_are_runs_with_the_same_settings_and_app():
    frames = real()
    assert noise.repeats(frames, "old-1") == ("old-1", "old-2")
    assert noise.repeats(frames, "new-2") == ("new-2", "new-1")
    assert noise.repeats(frames, "off") == ("off",)
    with pytest.raises(ValueError, match="no run nowhere"):
        noise.repeats(frames, "nowhere")


def test_an_arm_of_the_run_matrix_is_no_difference(tmp_path):
    runs = {name: Run(id=name, settings={"arm": name}) for name in ("base", "repeat")}
    frames = synthetic(tmp_path / "d", **{name: (run, [upload(0, name, [event("A")])]) for name, run in runs.items()})
    assert noise.repeats(frames, "base") == ("base",)  # nothing else is said of them: anything could be a repeat
    runs = {name: Run(id=name, app="A", settings={"arm": name}) for name in ("base", "repeat")}
    frames = synthetic(tmp_path / "e", **{name: (run, [upload(0, name, [event("A")])]) for name, run in runs.items()})
    assert noise.repeats(frames, "base") == ("base", "repeat")


def test_one_run_would_have_misled():
    """RegisterEpLibraryEnd is in one of two recordings of 1.32: compared alone, 1.32 seems to have lost it."""
    alone = differences(real(), "old-1", "new-1")
    assert "RegisterEpLibraryEnd" in set(alone[(alone["kind"] == "event") & (alone["change"] == "gone")]["subject"])


def test_events_outside_and_inside_the_band(table):
    assert of(table, "event", "outside") == GONE
    assert "RegisterEpLibraryEnd" in of(table, "event", "inside")
    row = table[table["subject"] == "RegisterEpLibraryEnd"].iloc[0]
    assert (row["change"], row["in_before"], row["in_after"], row["chance"]) == ("gone", "2 of 2", "1 of 2", 1.0)


def test_requests_are_batched(table):
    """1.30 sent two requests twice; 1.32 sent one and two: the ranges touch."""
    row = table[(table["kind"] == "endpoint") & (table["aspect"] == "count")].iloc[0]
    assert (row["band"], row["in_before"], row["in_after"]) == ("inside", "2", "1–2")


def test_new_fields_that_every_repeat_has(table):
    new = {"containerType", "deviceIdScope", "hostEnvironment", "isContainer", "isVirtualMachine", "virtualizationType"}
    assert {f"ProcessInfo :: body:[].data.{name}" for name in new} <= of(table, "field", "outside")


def test_a_field_of_an_event_that_was_sampled_once_is_no_proof(table):
    """Only one recording of 1.32 has RegisterEpLibraryEnd at all, so its new field stands on one recording."""
    row = table[table["subject"] == "RegisterEpLibraryEnd :: body:[].popSample"].iloc[0]
    assert (row["band"], row["in_before"], row["in_after"]) == ("one run", "0 of 2", "1 of 1")
    assert "one recording of the second side" in row["why"]


def test_how_likely_a_neat_split_is(table):
    assert set(table[table["band"] == "outside"]["chance"]) == {2 / comb(4, 2)}
    assert (table[table["band"] == "inside"]["chance"] == 1.0).all()


def test_one_run_a_side_is_never_outside():
    table = noise.judged(real(), ["new-1"], ["new-2"])
    assert set(table["band"]) == {"one run"}
    assert set(table["chance"]) == {1.0}


def test_repeats_do_not_differ_from_themselves():
    assert noise.judged(real(), ["old-1"], ["old-2"]).empty


def test_columns_begin_like_those_of_differences(table):
    assert list(table.columns) == noise.NOISE.names
    assert list(table.columns)[: len(DIFFERENCES.names)] == DIFFERENCES.names


def test_a_run_on_both_sides():
    with pytest.raises(ValueError, match="old-2: on both sides"):
        noise.judged(real(), ["old-1", "old-2"], ["old-2"])


def counted(tmp_path, before, after):
    """Judge events counted so many times in the runs of each side."""
    runs = {
        f"{side}{n}": (Run(id=f"{side}{n}", app=side), [upload(0, f"{side}{n}", [event("E")] * count)])
        for side, counts in (("a", before), ("b", after))
        for n, count in enumerate(counts)
    }
    table = noise.judged(synthetic(tmp_path / "d", **runs), "a0", "b0")
    found = table[(table["kind"] == "event") & (table["subject"] == "E") & (table["aspect"] == "count")]
    return [(row.band, row.in_before, row.in_after, round(row.chance, 4)) for row in found.itertuples()]


def test_counts_apart_and_touching(tmp_path):
    assert counted(tmp_path / "1", (1, 2, 3), (4, 5, 4)) == [("outside", "1–3", "4–5", 0.1)]
    assert counted(tmp_path / "2", (1, 2, 4), (4, 5, 4)) == [("inside", "1–4", "4–5", 1.0)]
    assert counted(tmp_path / "3", (2, 2), (2, 2)) == []
