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
) -> None:
    """Write the report: the answer, the tables, and behind each line the exchange, path, rule and source."""
    from portalscope.analysis.frames import load
    from portalscope.analysis.report import write

    existing(dataset, "dataset", NO_DATASET)
    try:
        write(load(dataset, runs or None), out)
    except (ValueError, OSError) as error:
        fail(str(error))
    say(f"The report is in {out}")
