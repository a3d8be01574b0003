"""`decode`: the runs of an inspection become the dataset."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from portalscope.verbs.terminal import PARTLY, existing, fail, print_json, progress, say, table

Dataset = Annotated[Path, typer.Option(help="Folder of the dataset.")]


def decode(
    inspection: Annotated[Path, typer.Argument(help="Folder of the inspection, or of one run.")] = Path("inspection"),
    dataset: Dataset = Path("dataset"),
    values: Annotated[
        Literal["hashed", "clear"], typer.Option(help="clear: also write values, into a restricted folder beside it.")
    ] = "hashed",
    more: Annotated[
        list[Path] | None, typer.Option("--knowledge", help="Folder with more adapters/ and rules/.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the completeness of every run as JSON.")] = False,
) -> None:
    """Decode, judge and locate everything; a run that is decoded again takes the place of what was there."""
    from portalscope.analysis.pipeline import Pipeline
    from portalscope.capture.inspection import raw_files, runs

    existing(inspection, "inspection", "Make one with `portalscope record NAME` or `portalscope import FILE`.")
    folders = [inspection] if (inspection / "run.toml").is_file() else runs(inspection)
    if not folders:
        fail(f"no run in {inspection}. Make one with `portalscope record NAME` or `portalscope import FILE`.")
    pipeline = Pipeline(tuple(more or ()))
    for folder in folders:
        with progress(folder.name, sum(path.stat().st_size for path in raw_files(folder))) as show:
            try:
                pipeline.decode_run(folder, dataset, keep=values, progress=show)
            except (ValueError, OSError) as error:
                fail(f"{folder.name}: {error}")
    completeness(dataset, [folder.name for folder in folders], as_json=as_json)


def completeness(dataset: Path, names: list[str], *, as_json: bool) -> None:
    """Print what was read and what could not be; end with code 4 when a file could not be read to its end."""
    from portalscope.analysis.coverage import completeness as measure
    from portalscope.analysis.frames import load

    rows = measure(load(dataset, names))
    if as_json:
        print_json(rows.to_dict("records"))
    else:
        shown = ("run", "exchanges", "records", "leaves", "unknown", "unread", "closed")
        table("What was read", shown, rows[list(shown)].itertuples(index=False), right=shown[1:])
        say(f"The dataset is in {dataset}. Next: portalscope summarise, portalscope report")
    if rows["damaged"].any():
        raise typer.Exit(PARTLY)
