"""`tables`: the tables T1 to T12 of a data protection impact assessment, one by one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portalscope.verbs.dataset import opened, records, written
from portalscope.verbs.terminal import fail, print_json, say, table

if TYPE_CHECKING:
    from pandas import DataFrame

    from portalscope.analysis.tables import Table

WIDE = 7  # columns that a terminal takes; the others are in the files
HINTS = {
    "T8": "Compare with the vendor's answer: portalscope dsar FILE",
    "T9": "One publication, one version: portalscope documented",
}


def tables(
    name: Annotated[str, typer.Argument(help="T1 … T12; without it they are listed.")] = "",
    runs: Annotated[list[str] | None, typer.Option("--run", help="Runs to look at; default: all.")] = None,
    dataset: Annotated[Path, typer.Option(help="Folder of the dataset.")] = Path("dataset"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write CSV, with its description beside it.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write a spreadsheet.")] = None,
) -> None:
    """Print or write one table of the assessment; how complete the recordings are goes with every one."""
    from portalscope.analysis import tables as known

    if not name:
        listed(list(known.TABLES.values()), as_json=as_json)
        return
    try:
        one = known.named(name)
        frame = one.make(opened(dataset, runs))
    except ValueError as error:
        fail(str(error))
    if csv:
        written(frame, suffixed(csv, ".csv"))
        say(f"what its columns mean: {known.write_metadata(one, frame, csv)}")
    if xlsx:
        written(frame, suffixed(xlsx, ".xlsx"))
    if as_json:
        print_json(
            {"table": one.name, "title": one.title, "completeness": frame.attrs["completeness"], **about(one, frame)}
        )
    elif not (csv or xlsx):
        columns = [str(column) for column in frame.columns[:WIDE]]
        table(one.title, columns, (row.values() for row in records(frame[columns])))  # type: ignore[misc]
        say(f"{len(frame)} rows, {len(frame.columns)} columns: all of them with --csv, --xlsx or --json")
    if one.name in HINTS:
        say(HINTS[one.name])
    say(str(frame.attrs["completeness"]))


def listed(every: "list[Table]", *, as_json: bool) -> None:
    """The tables with their titles."""
    if as_json:
        print_json([{"table": one.name, "title": one.title, "columns": one.schema.names} for one in every])
    else:
        table(
            "Tables", ("table", "what it shows"), [(one.name, one.title.removeprefix(f"{one.name} ")) for one in every]
        )


def suffixed(path: Path, suffix: str) -> Path:
    """The path when it has the ending that the option promises."""
    if path.suffix != suffix:
        fail(f"{path.name}: give a name that ends in {suffix}")
    return path


def about(one: "Table", frame: "DataFrame") -> dict[str, object]:
    """Columns with their meaning, and the rows."""
    meanings = {column.name: column.metadata[b"description"].decode() for column in one.schema}
    return {"columns": meanings, "rows": records(frame)}
