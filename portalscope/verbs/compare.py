"""`compare`: what is new, gone or changed between two runs, or two groups of runs."""

from pathlib import Path
from typing import Annotated

import typer

from portalscope.verbs.summarise import NO_DATASET
from portalscope.verbs.terminal import FOUND, existing, fail, print_json, say, table

FIRST = 3  # of each kind and change, unless all are asked for


def compare(
    before: Annotated[str, typer.Argument(metavar="A", help="A run, or several with commas between.")],
    after: Annotated[str, typer.Argument(metavar="B", help="A run, or several with commas between.")],
    dataset: Annotated[Path, typer.Option(help="Folder of the dataset.")] = Path("dataset"),
    fail_on: Annotated[
        str,
        typer.Option(metavar="WHAT", help="End with code 3 on: any, new-endpoint, new-personal, new-us … with commas."),
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="All differences, not the first of each kind.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Compare endpoints, events, fields, kinds of data and destinations; the order is always the same."""
    from portalscope.analysis.compare import differences
    from portalscope.analysis.frames import load
    from portalscope.analysis.gates import failing

    existing(dataset, "dataset", NO_DATASET)
    a, b = before.split(","), after.split(",")
    try:
        rows = differences(load(dataset, [*a, *b]), a, b)
        wrong = failing(rows, [word for word in fail_on.split(",") if word])
    except ValueError as error:
        fail(str(error))
    if as_json:
        print_json(rows.to_dict("records"))
    else:
        counts = rows.groupby(["kind", "change"], sort=False).size().reset_index(name="number")
        title = f"{before} -> {after}: {len(rows)} differences"
        table(title, ("kind", "change", "number"), counts.itertuples(index=False), right=("number",))
        shown = rows if everything else rows.groupby(["kind", "change"], sort=False).head(FIRST)
        columns = ("kind", "change", "aspect", "subject", "before", "after")
        table("What differs", columns, shown[list(columns)].itertuples(index=False))
        if len(shown) < len(rows):
            say(f"{len(rows) - len(shown)} more differences: --all, --json, or `portalscope export`")
    if wrong:
        say(f"found what was asked to fail on: {', '.join(wrong)}")
        raise typer.Exit(FOUND)
