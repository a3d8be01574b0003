"""T5, T7 and T11: every field of every event, the identifiers among them, and the categories of personal data."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from portalscope.analysis import evidence, exhibits, labels, schema
from portalscope.analysis.documented import FIELD, documented, place
from portalscope.analysis.frames import Frames
from portalscope.analysis.parties import joined
from portalscope.analysis.recordings import completed
from portalscope.analysis.summary import numbered, summary, telling

SUBJECTS = Path(__file__).parent / "data" / "data-subjects.toml"
NONE = {"events": 0, "requests": 0, "attributed": 0}
NOT_A_RECORD = "no record"  # documentation speaks of records, not of the requests around them

FIELDS = schema.table(
    "T5 Fields: every field of every event, what it is and why, and whether the vendor documents it.",
    [
        schema.must("adapter", schema.WORD, "The adapter."),
        schema.must("event", schema.WORD, "Name of the event or request."),
        schema.must("verdict", schema.TEXT, "What the surest identifiers of the event make of it."),
        schema.must("field", schema.TEXT, "`part:shape`."),
        schema.must(
            "values", schema.TEXT, "Types and largest size of its values; values themselves are never printed."
        ),
        schema.must("distinct", schema.SIZE, "Number of different values."),
        schema.must("leaves", schema.SIZE, "How often it was sent."),
        schema.must("property", schema.WORD, "What it is."),
        schema.must("meaning", schema.TEXT, "Definition of that."),
        schema.must("class", schema.WORD, "Class code."),
        schema.must("category", schema.WORD, "Category of the class."),
        schema.must("candidate", schema.FLAG, "True: nothing but heuristics speaks for it."),
        schema.must(
            "documented", schema.WORD, "Status in the vendor's documentation, as in T9; `no record` for requests."
        ),
        schema.must("evidence_level", schema.WORD, "Level of the strongest ground."),
        schema.must("because", schema.WORD, "The strongest ground."),
        schema.must("run", schema.WORD, "Recording in which it was seen first."),
        schema.must("exchange", schema.WORD, "Exchange in which it was seen first."),
        schema.must("path", schema.TEXT, "Where it stood there."),
    ],
)
IDENTIFIERS = schema.table(
    "T7 Identifiers: type, expected scope, and what the values show: several hosts, several recordings.",
    [
        schema.must("property", schema.WORD, "What it is."),
        schema.must("label", schema.TEXT, "The same for people."),
        schema.must("class", schema.WORD, "Class code."),
        schema.must("category", schema.WORD, "Category of the class."),
        schema.must("scope", schema.WORD, "How long and for whom one value is expected to stay the same."),
        schema.must("distinct", schema.SIZE, "Number of different values."),
        schema.must("requests", schema.SIZE, "Requests that hold it."),
        schema.must("across_hosts", schema.SIZE, "Values that went to several hosts."),
        schema.must("across_runs", schema.SIZE, "Values that were in several recordings."),
        schema.must("hosts", schema.TEXT, "Hosts that got it."),
        schema.must("companies", schema.TEXT, "Companies that got it."),
    ],
)
CATEGORIES = schema.table(
    "T11 Categories: each class of data beside the persons whom it can concern; also those that were not seen.",
    [
        schema.must("category", schema.WORD, "Category."),
        schema.must("class", schema.WORD, "Class code."),
        schema.must("label", schema.TEXT, "Name of the class."),
        schema.must("data_subjects", schema.TEXT, "Whom such data can concern, by the scope of what was seen."),
        schema.must("properties", schema.TEXT, "What was recognised; `?` marks candidates; empty when nothing was."),
        schema.must("events", schema.SIZE, "Events that hold it."),
        schema.must("requests", schema.SIZE, "Requests that hold it."),
        schema.must(
            "attributed", schema.SIZE, "Requests that also hold an identifier of person, device or installation."
        ),
        schema.must("recipients", schema.TEXT, "Companies that got it."),
        schema.must("strongest", schema.WORD, "Strongest evidence level; empty when nothing was recognised."),
        schema.must("note", schema.TEXT, "What this cannot tell."),
        schema.must("run", schema.WORD, "Recording in which it was seen first; empty when it was not."),
        schema.must("exchange", schema.WORD, "Exchange in which it was seen first; empty when it was not."),
    ],
)


def fields(frames: Frames) -> pd.DataFrame:
    """Return the table that `FIELDS` describes: events that name a person first."""
    told = documented(frames)
    told = told[told["what"] == FIELD]
    keys = zip(told["adapter"], told["event"], told["field"], strict=True)
    status = {tuple(map(str, key)): str(says) for key, says in zip(keys, told["status"], strict=True)}
    rows = [
        line(event, one, status)
        for event in evidence.events(frames, evidence.fields(frames))
        for one in event["fields"]
    ]
    return completed(pd.DataFrame(rows, columns=FIELDS.names), frames)


def line(event: Mapping[str, Any], one: Mapping[str, Any], status: Mapping[tuple[str, ...], str]) -> dict[str, Any]:
    """Return one field of one event."""
    known = labels.vocabulary().properties.get(one["property"])
    of_record = event["kind"] == "record" and one["part"] == "body"
    key = (event["adapter"], event["name"], place(one["shape"]))
    return {
        **{name: one[name] for name in ("leaves", "distinct", "property", "category", "candidate", "because")},
        **{name: one[name] for name in ("run", "exchange", "path")},
        "adapter": event["adapter"],
        "event": event["name"],
        "verdict": event["says"],
        "field": f"{one['part']}:{one['shape']}",
        "values": one["kinds"],
        "meaning": known.definition if known else "",
        "class": one["code"],
        "documented": status.get(key, NOT_A_RECORD) if of_record else NOT_A_RECORD,
        "evidence_level": one["level"],
    }


def identifiers(frames: Frames) -> pd.DataFrame:
    """Return the table that `IDENTIFIERS` describes: what names a person first."""
    rows = [
        {**row, "class": row["code"], "hosts": joined(row["hosts"]), "companies": joined(row["companies"])}
        for row in exhibits.identifiers(frames)
    ]
    return completed(pd.DataFrame(rows, columns=IDENTIFIERS.names), frames)


@cache
def subjects() -> Mapping[str, Any]:
    """Return whom data can concern, by scope and by class."""
    return tomllib.loads(SUBJECTS.read_text("utf-8"))


def categories(frames: Frames) -> pd.DataFrame:
    """Return the table that `CATEGORIES` describes, in the order of the vocabulary.

    A class that was not recognised has a row as well: that nothing of it was recognised is a result, as far as the line
    on completeness goes, and no more than that.
    """
    data, counts = summary(frames), distinct(frames)
    known = labels.vocabulary()
    rows = [
        {**category(name, code, data[data["class"] == code]), **counts.get(code, NONE)}
        for name in subjects()["categories"]["personal"]
        for code in known.categories[name].classes
    ]
    return completed(pd.DataFrame(rows, columns=CATEGORIES.names), frames)


def distinct(frames: Frames) -> dict[str, dict[str, int]]:
    """Return for each class how many different events, requests and attributed requests hold it."""
    leaves = telling(frames, ["exchange", "event", "class", "evidence_level", "delivered"])
    if leaves.empty:
        return {}
    groups = numbered(leaves).groupby("class", observed=True)[list(NONE)].nunique()
    return {str(code): {name: int(row[name]) for name in NONE} for code, row in groups.iterrows()}


def category(name: str, code: str, rows: pd.DataFrame) -> dict[str, Any]:
    """Return one class of data with its data subjects."""
    best = min(exhibits.records(rows), key=lambda row: exhibits.strength(str(row["evidence_level"])), default={})
    weak = rows.groupby("property", observed=True, sort=False)["candidate"].all()
    return {
        "category": name,
        "class": code,
        "label": labels.class_label(code),
        "data_subjects": joined(concerned(code, weak.index)),
        "properties": joined((f"{one}{'?' if guessed else ''}" for one, guessed in weak.items()), ", "),
        "recipients": joined(sorted(set(rows["company"].astype("str")))),
        "strongest": str(best.get("evidence_level", "")),
        "note": subjects()["note"].get(code, ""),
        "run": str(best.get("run", "")),
        "exchange": str(best.get("exchange", "")),
    }


def concerned(code: str, properties: pd.Index) -> Iterator[str]:
    """Give whom a class can concern: by itself, and by the expected scope of what was seen of it."""
    table, known = subjects(), labels.vocabulary().properties
    yield table["class"].get(code, "")
    for name in properties:
        yield table["scope"][known[name].scope] if name in known else ""
