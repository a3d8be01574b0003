"""`claims`: what the vendor says of its software, tested on recordings."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from portalscope.verbs.dataset import key_of, opened, records, written
from portalscope.verbs.terminal import FOUND, fail, print_json, say, table

NO_KEY = "which app an event states cannot be seen"


def claims(
    runs: Annotated[list[str] | None, typer.Argument(help="Runs to look at; default: all.")] = None,
    dataset: Annotated[Path, typer.Option(help="Folder of the dataset.")] = Path("dataset"),
    inspection: Annotated[Path, typer.Option(help="Inspection folder, which holds the key of the hashes.")] = Path(
        "inspection"
    ),
    more: Annotated[
        list[Path] | None, typer.Option("--claims", metavar="FILE", help="More claims, built like ours.")
    ] = None,
    answer: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The vendor's answer to an access request, for DSR-1.")
    ] = None,
    fail_on: Annotated[bool, typer.Option("--fail-on-contradicted", help="End with code 3 if one is.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write .csv, .json or .xlsx.")] = None,
) -> None:
    """Say of each claim whether these recordings support it, contradict it or cannot test it, and what decided."""
    from portalscope.analysis.access_export import read
    from portalscope.analysis.access_request import comparison
    from portalscope.analysis.claim_tests import CONTRADICTED, verdicts
    from portalscope.analysis.claims import load

    frames = opened(dataset, runs)
    key = key_of(dataset, inspection, NO_KEY)
    try:
        compared = comparison(frames, read(answer), key) if answer else None
        found = verdicts(frames, load(*(more or ())), key, compared)
    except (ValueError, OSError) as error:
        fail(str(error))
    if out:
        written(found, out)
    if as_json:
        rows = [row | {name: json.loads(row[name]) for name in ("fields", "exchanges")} for row in records(found)]
        print_json({"claims": rows, "completeness": found.attrs["completeness"]})
    else:
        shown = (line(row) for row in records(found))
        table("What the vendor says", ("claim", "verdict", "the vendor's words", "because"), shown)
    say(str(found.attrs["completeness"]))
    if fail_on and (wrong := found[found["verdict"] == CONTRADICTED]["id"].tolist()):
        say(f"contradicted: {', '.join(wrong)}")
        raise typer.Exit(FOUND)


def line(row: dict[str, Any]) -> tuple[str, str, str, str]:
    """One claim for the terminal."""
    needs = f"\nneeds {row['needs']}" if row["needs"] else ""
    return row["id"], row["verdict"], f"“{row['text']}”", f"{row['because']}{needs}\n"
