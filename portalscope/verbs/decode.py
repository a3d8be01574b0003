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
    from dataclasses import asdict

    from portalscope.analysis.coverage import coverage, line
    from portalscope.analysis.frames import load

    counts = {name: coverage(load(dataset, [name])) for name in names}
    damaged = load(dataset, names).problems.query("part == 'file'")
    if as_json:
        print_json({name: asdict(found) for name, found in counts.items()})
    else:
        columns = ("run", "hosts", "closed", "bytes", "unread", "values", "not understood")
        rows = [(name, c.hosts, c.closed, c.size, c.unread, c.leaves, c.unknown) for name, c in counts.items()]
        table("What was read", columns, rows, right=columns[1:])
        say(line(load(dataset, names)))
        say(f"The dataset is in {dataset}. Next: portalscope summarise, portalscope report")
    for row in damaged.itertuples():
        say(f"{row.exchange}: {row.why}")
    if len(damaged):
        raise typer.Exit(PARTLY)
