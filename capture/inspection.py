"""The inspection folder: a folder for each run, with its recordings, what is known of it, and what was noted.

- `inspection/.key`: 32 random bytes for keyed hashes of values
- `inspection/<run>/run.toml`: device, versions, settings, SHA-256 of the recordings
- `inspection/<run>/planted.toml`: the values that were put into the device; only the owner can read it
- `inspection/<run>/flows.mitm`, or what was imported
- `inspection/<run>/connections.jsonl`, `steps.jsonl`: what was noted beside the traffic
"""

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.notes import CONNECTIONS, STEPS, append_connection, append_step, connections, steps
from portalscope.capture.problem import Problem
from portalscope.capture.read import CAN_READ, EMPTY, FLOWS, HAR, RECORDINGS, Progress, kind, read
from portalscope.capture.run import Run
from portalscope.capture.run_file import PLANTED, RUN, load_run, save_run

__all__ = [  # all that the other packages need of an inspection
    "Imported", "append_connection", "append_step", "connections", "contents", "create_run", "digest", "import_file",
    "key", "load_run", "raw_files", "runs", "save_run", "steps", "verify",
]  # fmt: skip

NOT_RAW = {RUN, PLANTED, CONNECTIONS, STEPS}
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
FLOW_NAMES = (".mitm", ".flow", ".flows", ".dump")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The run that was made, its folder, and a sentence for each recording that was left out."""

    run: Run
    folder: Path
    left: tuple[str, ...]


def create_run(inspection: Path, name: str, about: Run | None = None) -> Path:
    """Make the folder of a new run, and the inspection's if need be, and return it.

    ValueError: not a name for a run. FileExistsError: there is a run of that name.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name for a run: letters, digits, - _ and . (not first)")
    folder = inspection / name
    inspection.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise FileExistsError(f"{folder} is there already; a run is never recorded over: choose another name") from None
    save_run(folder, replace(about or Run(id=name), id=name))
    return folder


def runs(inspection: Path) -> list[Path]:
    """Return the folders of an inspection's runs, sorted by name."""
    return sorted(path.parent for path in inspection.glob(f"*/{RUN}"))


def key(inspection: Path) -> bytes:
    """Return the 32 random bytes for keyed hashes of this inspection's values; they are made when first asked for.

    ValueError: the key file does not hold 32 bytes.
    """
    path = inspection / ".key"
    with suppress(FileExistsError), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(32))
    data = path.read_bytes()
    if len(data) != 32:
        raise ValueError(f"{path} holds {len(data)} bytes, not 32: hashes made with it cannot be repeated")
    return data


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; the file is never in memory at once."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def raw_files(folder: Path) -> list[Path]:
    """Return a run's recordings, sorted by name; hidden files and TLS key logs are none."""
    named = (path for path in folder.iterdir() if path.is_file() and path.name not in NOT_RAW)
    return sorted(path for path in named if path.suffix != ".keylog" and not path.name.startswith("."))


def verify(folder: Path) -> list[str]:
    """Return how a run's files differ from what run.toml says: missing, changed, not listed. Empty if they do not."""
    listed = load_run(folder).files
    there = {path.name for path in raw_files(folder)} | {name for name in listed if (folder / name).is_file()}
    missing = [f"{name}: missing" for name in listed if name not in there]
    changed = [f"{name}: changed" for name in listed if name in there and digest(folder / name) != listed[name]]
    return sorted([*missing, *changed, *(f"{name}: not listed in {RUN}" for name in there - listed.keys())])


def contents(folder: Path, progress: Progress | None = None) -> Iterator[Exchange | Connection | Problem]:
    """Yield what all recordings of a run hold, by name of the file, then the connections that the proxy noted.

    `progress` is called with the number of bytes read so far, of all recordings together.
    """
    before = 0
    for path in raw_files(folder):
        yield from read(path, folder.name, shifted(progress, before))
        before += path.stat().st_size
    yield from connections(folder)


def shifted(progress: Progress | None, before: int) -> Progress | None:
    """Return a callback that adds what was read before."""
    return (lambda done: progress(before + done)) if progress else None


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
    about = about or Run(id=name)
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
            found.append(source)
        else:
            raise ValueError(f"{source} is {what}; {CAN_READ}")
    if not found:
        raise ValueError(f"no recording in {', '.join(map(str, sources))}; {CAN_READ}")
    return found


def is_recording(path: Path) -> bool:
    """Whether a file in a folder is a recording; an empty file is one only if it is named like one."""
    what = kind(path)
    return path.suffix in FLOW_NAMES if what == EMPTY else what in RECORDINGS


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
