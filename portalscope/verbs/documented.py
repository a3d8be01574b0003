"""`documented`: which of the events and fields that were sent the vendor documents."""

from pathlib import Path
from typing import Annotated

import typer

from portalscope.verbs.dataset import opened, records, written
from portalscope.verbs.terminal import fail, print_json, say, table


def documented(
    runs: Annotated[list[str] | None, typer.Argument(help="Runs to look at; default: all.")] = None,
    dataset: Annotated[Path, typer.Option(help="Folder of the dataset.")] = Path("dataset"),
    product: Annotated[str, typer.Option(help="One publication: windows, office, common-schema …; default: all.")] = "",
    version: Annotated[str, typer.Option(help="One version or page of it: 24H2, 1809, required …")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also documented events that were not seen.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write all rows to .csv, .json or .xlsx.")] = None,
) -> None:
    """Hold events and fields against the vendor's documentation: documented, near misses, not documented, not seen."""
    from portalscope.analysis.documented import documented as compared
    from portalscope.analysis.documented import shares

    try:
        found = compared(opened(dataset, runs), product, version, unseen=everything)
    except ValueError as error:
        fail(str(error))
    parts = shares(found)
    if out:
        written(found, out)
    if as_json:
        print_json({"rows": records(found), "shares": records(parts), "completeness": found.attrs["completeness"]})
    else:
        shown = (
            (row["what"], row["product"], row["status"], row["count"], f"{row['share']:.1%}") for row in records(parts)
        )
        columns = ("what", "publication", "status", "different", "share")
        table("How much is documented", columns, shown, right=("different", "share"))
        say("Row by row: --json, or --out FILE.")
    say(str(found.attrs["completeness"]))
