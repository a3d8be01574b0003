"""`risks`: the five risks of the Intune assessment, and what these recordings say of each."""

from pathlib import Path
from typing import Annotated

import typer

from portalscope.verbs.dataset import key_of, opened
from portalscope.verbs.terminal import fail, print_json, printable, say

NO_KEY = "which app an event states cannot be seen"


def risks(
    wanted: Annotated[list[str] | None, typer.Argument(metavar="[R1 …]", help="Risks to print; default: all.")] = None,
    runs: Annotated[list[str] | None, typer.Option("--run", help="Runs to look at; default: all.")] = None,
    dataset: Annotated[Path, typer.Option(help="Folder of the dataset.")] = Path("dataset"),
    inspection: Annotated[Path, typer.Option(help="Inspection folder, which holds the key of the hashes.")] = Path(
        "inspection"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Print a page a risk: what was tested and seen, on which evidence, what could not be seen. No legal assessment."""
    from portalscope.analysis.risks import pages, text

    every = {page["id"]: page for page in pages(opened(dataset, runs), key_of(dataset, inspection, NO_KEY))}
    names = [name.upper() for name in wanted or every]
    if strange := [name for name in names if name not in every]:
        fail(f"no risk {', '.join(strange)}; there are {', '.join(every)}")
    chosen = [every[name] for name in names]
    if as_json:
        print_json(chosen)
        return
    for page in chosen:
        typer.echo(printable(text(page)))
    say(chosen[0]["completeness"])
