"""Recordings of other programs into the inspection folder: copied, hashed, never changed."""

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from portalscope.capture.inspection import create_run, digest, raw_files, save_run
from portalscope.capture.read import CAN_READ, DATABASE, EMPTY, FLOWS, HAR, JOURNAL, RECORDINGS, TRANSCRIPTS, kind
from portalscope.capture.run import Run

FLOW_NAMES = (".mitm", ".flow", ".flows", ".dump")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The run that was made, its folder, and a sentence for each recording that was left out."""

    run: Run
    folder: Path
    left: tuple[str, ...]


def import_file(
    inspection: Path, name: str, sources: Sequence[Path], about: Run | None = None, planted_from: Path | None = None
) -> Imported:
    """Copy recordings into a new run, with their SHA-256, and say what was left out and why.

    A source is a file, or a folder of which every recording is taken. Of a flow file and a HAR file of the same name
    the flow file is taken: it holds bodies as sent. `planted_from` is an `expected.json`, or its folder, with planted
    values. ValueError: a source is no recording, or there is none. FileExistsError: there is a run of that name.
    """
    found = recordings(sources)
    left = {path: twin for path in found if (twin := better(path, found))}
    taken = [path for path in found if path not in left]
    if len({path.name for path in taken}) < len(taken):
        raise ValueError("two recordings have the same file name; a run holds one of each name")
    about = replace(about or Run(id=name), source_kind=source_kind(taken))
    planted = {**about.planted, **(planted_values(planted_from) if planted_from else {})}
    folder = create_run(inspection, name, about)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder)  # half a run is worse than none
        files = {path.name: copy(path, folder / path.name) for path in taken}
        run = replace(about, id=name, files=files, planted=planted)
        save_run(folder, run)
        undo.pop_all()
    said = (f"{path.name}: left out, {twin.name} is of the same name and says more" for path, twin in left.items())
    return Imported(run=run, folder=folder, left=tuple(said))


def recordings(sources: Sequence[Path]) -> list[Path]:
    """Return the recordings among files and folders. ValueError: a file is none, or there are none."""
    found: list[Path] = []
    for source in sources:
        if source.is_dir():
            found.extend(path for path in raw_files(source) if is_recording(path))
        elif (what := kind(source)) in RECORDINGS:
            found += [source, *waiting(source, what)]
        else:
            raise ValueError(f"{source} is {what}; {CAN_READ}")
    if not found:
        raise ValueError(f"no recording in {', '.join(map(str, sources))}; {CAN_READ}")
    return found


def is_recording(path: Path) -> bool:
    """Whether a file in a folder is a recording; an empty file is one only if it is named like one."""
    what = kind(path)
    return path.suffix in FLOW_NAMES if what == EMPTY else what in (*RECORDINGS, JOURNAL)


def waiting(path: Path, what: str) -> list[Path]:
    """Return the write-ahead log beside a database: it holds the newest events, and is kept as evidence."""
    log = path.with_name(f"{path.name}-wal")
    return [log] if what == DATABASE and log.is_file() and log.stat().st_size else []


def source_kind(taken: Sequence[Path]) -> str:
    """Return where a run was seen. ValueError: some of it on the wire and some on the device, which is two runs."""
    seen = {kind(path) in (*TRANSCRIPTS, JOURNAL) for path in taken}
    if len(seen) > 1:
        raise ValueError("some of it was seen on the wire and some on the device: import that as two runs")
    return "local_transcript" if True in seen else "wire"


def better(path: Path, found: Sequence[Path]) -> Path | None:
    """Return the flow file of the same name as a HAR file, None if there is none."""
    twins = (other for other in found if other != path and other.with_suffix("") == path.with_suffix(""))
    return next((other for other in twins if kind(other) in (FLOWS, EMPTY)), None) if kind(path) == HAR else None


def copy(source: Path, target: Path) -> str:
    """Copy a file to one that only the owner can read. Return its SHA-256."""
    with source.open("rb") as old, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
        shutil.copyfileobj(old, new, 1 << 20)
    return digest(target)


def planted_values(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the planted values of an expected.json: `"honey_sent": [[name, value], …]`. ValueError: it has none."""
    file = path / "expected.json" if path.is_dir() else path
    planted: dict[str, tuple[str, ...]] = {}
    try:
        for name, value in json.loads(file.read_bytes())["honey_sent"]:
            planted[str(name)] = (*planted.get(str(name), ()), str(value))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file} holds no planted values (honey_sent)") from error
    return planted
