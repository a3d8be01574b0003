"""`summarise`: what goes where, and what could not be seen."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from portalscope.verbs.terminal import existing, fail, print_json, say, table

NO_DATASET = "Make one with `portalscope decode INSPECTION`."


def summarise(
    runs: Annotated[list[str] | None, typer.Argument(help="Runs to look at; default: all.")] = None,
    dataset: Annotated[Path, typer.Option(help="Folder of the dataset.")] = Path("dataset"),
    everything: Annotated[bool, typer.Option("--all", help="Technical data too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Say which kinds of data went to which party and country, on which grounds, and what could not be seen."""
    from portalscope.analysis import coverage
    from portalscope.analysis.answer import sentence
    from portalscope.analysis.frames import load
    from portalscope.analysis.summary import summary

    existing(dataset, "dataset", NO_DATASET)
    try:
        frames = load(dataset, runs or None)
    except ValueError as error:
        fail(str(error))
    rows = summary(frames)
    if as_json:
        counts = {**asdict(coverage.coverage(frames)), "line": coverage.line(frames)}
        print_json({"answer": sentence(frames), "summary": rows.to_dict("records"), "completeness": counts})
        return
    shown = rows if everything else rows[rows["category"] != "technical"]
    columns = ("category", "property", "host", "country", "us", "events", "values", "because")
    table("What goes where", columns, shown[list(columns)].itertuples(index=False), right=("events", "values"))
    say(sentence(frames))
    say(coverage.line(frames))
