"""`report`: one HTML file that holds everything and needs nothing."""

from pathlib import Path
from typing import Annotated

import typer

from portalscope.verbs.summarise import NO_DATASET
from portalscope.verbs.terminal import existing, fail, say


def report(
    runs: Annotated[list[str] | None, typer.Argument(help="Runs to report on; default: all.")] = None,
    dataset: Annotated[Path, typer.Option(help="Folder of the dataset.")] = Path("dataset"),
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")] = Path("report.html"),
    title: Annotated[str, typer.Option(help="The title of the report.")] = "",
) -> None:
    """Write the report: the answer, the tables, and behind each line the exchange, path, rule and source."""
    from portalscope.analysis.frames import load
    from portalscope.analysis.report import html

    existing(dataset, "dataset", NO_DATASET)
    try:
        page = html(load(dataset, runs or None), title=title)
    except ValueError as error:
        fail(str(error))
    out.write_text(page, "utf-8")
    say(f"The report is in {out}")
