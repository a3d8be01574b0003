"""T1 and T12: what was recorded under which settings, and what was not, could not be, or is not known."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from portalscope.analysis import coverage, exhibits, labels, noise, schema
from portalscope.analysis.frames import Frames

RUNS = schema.table(
    "T1 Recordings: what was tested, on which device, under which settings, by which method.",
    [
        schema.must("run", schema.WORD, "Name of the recording."),
        schema.may("started", schema.TIME, "Start, in the researcher's words; else the first request."),
        schema.may("last", schema.TIME, "Time of the last request."),
        schema.must("device", schema.TEXT, "Device."),
        schema.must("platform", schema.TEXT, "Platform."),
        schema.must("os_build", schema.TEXT, "Operating system and build."),
        schema.must("app", schema.TEXT, "App under test."),
        schema.must("app_version", schema.TEXT, "Its version."),
        schema.must("account", schema.TEXT, "Kind of account."),
        schema.must("tenant", schema.TEXT, "Kind of tenant."),
        schema.must("settings", schema.TEXT, "JSON object: switch -> position; licence, levels, toggles."),
        schema.must("scenario", schema.TEXT, "What the researcher did."),
        schema.must("steps", schema.SIZE, "Marks set on the way."),
        schema.must(
            "method", schema.TEXT, "How it was seen: on the network, or on the device alone (upload not proven)."
        ),
        schema.must("tools", schema.TEXT, "JSON object: tool -> version."),
        schema.must("files", schema.TEXT, "JSON object: raw file -> SHA-256."),
        schema.must("planted", schema.TEXT, "JSON list: names of planted values."),
        schema.must("requests", schema.SIZE, "Requests in it."),
        schema.must("closed", schema.SIZE, "Connections that could not be read."),
        schema.must("repeats", schema.SIZE, "Other recordings with the same settings."),
    ],
)
LIMITS = schema.table(
    "T12 Limits: what could not be opened, decoded, classified or located, and what was not executed.",
    list(coverage.LIMITS),
)
METHODS = {"wire": "seen on the network", "local_transcript": "seen on the device alone: upload not proven"}
ABSENT = {  # arm of the run matrix -> setting that says the same, what is missing, why that matters
    "toggle_off": ({"usage_data": "off"}, "run with usage data switched off", "effect of the switch not tested"),
    "idle": ({}, "run without any action", "what the client sends unasked is not told from what the test caused"),
}


def runs(frames: Frames) -> pd.DataFrame:
    """Return the table that `RUNS` describes."""
    rows = [recording(frames, row) for row in exhibits.records(frames.runs)]
    return completed(pd.DataFrame(rows, columns=RUNS.names), frames)


def recording(frames: Frames, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of one recording."""
    run = str(row["run"])
    exchanges = frames.exchanges[frames.exchanges["run"] == run]
    shut = frames.connections[(frames.connections["run"] == run) & frames.connections["opaque_because"].notna()]
    times = exchanges["at"].dropna()
    return {
        **{name: row[name] for name in RUNS.names if name in row},
        "run": run,
        "started": times.min() if pd.isna(row["started"]) and len(times) else row["started"],
        "last": times.max() if len(times) else None,
        "method": METHODS.get(str(row["source_kind"]), str(row["source_kind"])),
        "steps": int((frames.steps["run"] == run).sum()),
        "requests": len(exchanges),
        "closed": len(shut),
        "repeats": len(noise.repeats(frames, run)) - 1,
    }


def limits(frames: Frames) -> pd.DataFrame:
    """Return the table that `LIMITS` describes; what was not executed comes last."""
    found = coverage.limits(frames)
    rows = pd.DataFrame(list(not_executed(frames)), columns=LIMITS.names)
    return completed(pd.concat([found, rows], ignore_index=True) if len(rows) else found, frames)


def not_executed(frames: Frames) -> Iterator[tuple[str, str, int, int, float, str]]:
    """Give what the run matrix lacks: repeats, a run with usage data off, an idle run."""
    alone = [run for run in frames.names if len(noise.repeats(frames, run)) == 1]
    if alone:
        share = len(alone) / len(frames.names)
        why = f"one recording is no proof of a difference: {labels.listed(alone)}"
        yield "not executed", "repeat", len(alone), 0, share, why
    settings = [json.loads(said) for said in frames.runs["settings"]]
    for arm, (same, what, why) in ABSENT.items():
        if not any(one.get("arm") == arm or (same and same.items() <= one.items()) for one in settings):
            yield "not executed", what, 1, 0, 1.0, why


def completed(table: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """Return a table that says how complete it is."""
    table.attrs["completeness"] = coverage.line(frames)
    return table
