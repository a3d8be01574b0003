"""What the verbs on a dataset share: opening it, its key, rows for machines, and files for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from portalscope.verbs.summarise import NO_DATASET
from portalscope.verbs.terminal import existing, fail, say

if TYPE_CHECKING:
    from pandas import DataFrame

    from portalscope.analysis.frames import Frames


def opened(dataset: Path, runs: list[str] | None) -> "Frames":
    """The frames of a dataset, else a message that says what to do."""
    from portalscope.analysis.frames import load

    existing(dataset, "dataset", NO_DATASET)
    try:
        return load(dataset, runs or None)
    except ValueError as error:
        fail(str(error))


def key_of(dataset: Path, inspection: Path, why: str) -> bytes | None:
    """The key of the dataset's hashes; without it a line says what cannot be seen."""
    from portalscope.analysis.dataset_key import find

    key = find(dataset, inspection)
    if key is None:
        say(f"no key of the dataset in {inspection} or beside the dataset: {why} (--inspection FOLDER)")
    return key


def records(frame: "DataFrame") -> list[dict[str, Any]]:
    """The rows as plain JSON, null where nothing is known."""
    from portalscope.analysis.export import rows

    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in rows(frame)]


def written(frame: "DataFrame", path: Path) -> None:
    """The frame in a file of another program: .csv, .json or .xlsx."""
    from portalscope.analysis.export import write

    try:
        write(frame, path)
    except (ValueError, OSError) as error:
        fail(str(error))
    say(f"{len(frame)} rows in {path}")
