"""`dsar`: the vendor's answer to an access request beside what was captured."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from portalscope.verbs.dataset import key_of, opened, records, written
from portalscope.verbs.terminal import existing, fail, print_json, say, table

NO_KEY = "identifiers are not compared, names and times alone decide"
SHOWN = ("status", "name", "time", "matched_by", "host", "run", "exchange")


def dsar(
    answer: Annotated[Path, typer.Argument(help="The vendor's answer: JSON or CSV.")],
    runs: Annotated[list[str] | None, typer.Option("--run", help="Runs to compare with; default: all.")] = None,
    dataset: Annotated[Path, typer.Option(help="Folder of the dataset.")] = Path("dataset"),
    inspection: Annotated[Path, typer.Option(help="Inspection folder, which holds the key of the hashes.")] = Path(
        "inspection"
    ),
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="Where name, time and identifiers are, for other formats.")
    ] = None,
    window: Annotated[float, typer.Option(min=0, help="Seconds between the two clocks.")] = 60,
    everything: Annotated[bool, typer.Option("--all", help="Print also what is in both.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write all rows to .csv, .json or .xlsx.")] = None,
) -> None:
    """Say which events are in both, which were sent and are not in the answer, which are in it and were not seen."""
    from portalscope.analysis import access_export, access_request

    existing(answer, "answer", "Give the file that the vendor sent.")
    frames = opened(dataset, runs)
    key = key_of(dataset, inspection, NO_KEY)
    try:
        said = access_export.read(answer, access_export.mapping(mapping) if mapping else None)
        found = access_request.comparison(frames, said, key, timedelta(seconds=window))
    except (ValueError, OSError) as error:
        fail(str(error))
    counts = access_request.counts(found)
    if out:
        written(found, out)
    if as_json:
        print_json({"counts": counts, "rows": records(found), "completeness": found.attrs["completeness"]})
    else:
        rows = found if everything else found[found["status"] != access_request.BOTH]
        table("Access request", SHOWN, (list(row.values()) for row in records(rows[list(SHOWN)])))
    say(f"{len(said)} events in the answer. " + "; ".join(f"{status}: {count}" for status, count in counts.items()))
    say(str(found.attrs["completeness"]))
