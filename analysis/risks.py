"""The five risks of the Intune assessment, a page each: what was tested, seen, on which evidence, and what not.

A page is data. Its verdict says what these recordings show and no more: it is no legal assessment.
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from portalscope.analysis import coverage, labels
from portalscope.analysis.frames import Frames
from portalscope.analysis.risk_tests import TESTS, UNTESTED, Result, Subject

DATA = Path(__file__).parent / "data" / "risks.toml"
MOST = 10  # lines of evidence

type Page = dict[str, Any]


@cache
def table() -> Mapping[str, Any]:
    """Return all of `risks.toml`."""
    return tomllib.loads(DATA.read_text("utf-8"))


def pages(frames: Frames, key: bytes | None = None) -> list[Page]:
    """Return the pages R1 to R5. `key` is that of the dataset's hashes: it shows which app an event states."""
    subject = Subject(frames, key)
    return [page(name, test(subject), subject) for name, test in TESTS.items()]


def page(name: str, found: Result, subject: Subject) -> Page:
    """Return one page."""
    about = table()["risk"][name]
    needs = found.missing or ((about["needs"],) if found.verdict == UNTESTED else ())
    return {
        "id": name,
        **{part: about[part] for part in ("title", "circumstance", "question", "tested")},
        "recordings": list(subject.frames.names),
        "verdict": found.verdict.replace("_", " "),
        "says": table()["verdict"][found.verdict],
        "seen": [subject.said, *found.seen],
        "numbers": found.numbers,
        "evidence": evidence(found.evidence),
        "not_seen": [*unseen(subject.frames), *about["blind"]],
        "needs": list(needs),
        "tables": about["tables"],
        "claims": about["claims"],
        "completeness": coverage.line(subject.frames),
    }


def evidence(leaves: pd.DataFrame) -> list[dict[str, str]]:
    """Return the first different fields among some values, with an exchange for each."""
    columns = ["run", "exchange", "host", "event_name", "part", "shape", "property", "class"]
    found = leaves[columns].astype("str").drop_duplicates(columns[3:]).head(MOST)
    return [
        {
            "run": row["run"],
            "exchange": row["exchange"],
            "host": row["host"],
            "field": f"{row['event_name']} :: {row['part']}:{row['shape']}",
            "is": f"{labels.property_label(row['property'])} ({row['class']})",
        }
        for row in found.to_dict("records")
    ]


def unseen(frames: Frames) -> Iterable[str]:
    """Say what could not be seen in these recordings."""
    found = coverage.coverage(frames)
    if found.closed:
        yield f"what went to {labels.counted(found.closed, 'host')} could not be read"
    if found.unread:
        yield f"{found.unread:,} of {found.size:,} bytes could not be decoded"
    if found.unknown:
        yield f"{found.unknown:,} of {found.leaves:,} values that were sent are not understood"
    if (frames.runs["source_kind"] == "local_transcript").any():
        yield "part of it was seen on the device alone: its upload is not proven"


def text(page: Page) -> str:
    """Return a page as text."""
    where = [
        f"{row['is']} in {row['field']} ({row['run']}, {row['exchange']}, {row['host']})" for row in page["evidence"]
    ]
    parts = {
        "Question": [page["question"]],
        "Tested": [page["tested"], f"Recordings: {', '.join(page['recordings'])}"],
        "Seen": page["seen"],
        "Evidence": where,
        "Could not be seen": page["not_seen"],
        "Needed": page["needs"],
        "More": [f"tables {', '.join(page['tables'])}", *(f"claim {name}" for name in page["claims"])],
    }
    body = "".join(f"{title}\n" + "".join(f"  - {line}\n" for line in lines) for title, lines in parts.items() if lines)
    return f"{page['id']} {page['title']}\n\n{page['verdict'].upper()}: {page['says']}. No legal assessment.\n\n{body}"
