"""The inspection folder: a folder for each run, with its recordings, what is known of it, and what was noted.

- `inspection/.key`: 32 random bytes for keyed hashes of values
- `inspection/<run>/run.toml`: device, versions, settings, SHA-256 of the recordings
- `inspection/<run>/planted.toml`: the values that were put into the device; only the owner can read it
- `inspection/<run>/flows.mitm`, or what was imported
- `inspection/<run>/connections.jsonl`, `steps.jsonl`: what was noted beside the traffic
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.notes import CONNECTIONS, STEPS, append_connection, append_step, connections, steps
from portalscope.capture.problem import Problem
from portalscope.capture.read import FLOWS, HAR, Progress, kind, read
from portalscope.capture.run import Run
from portalscope.capture.run_file import PLANTED, RUN, load_run, save_run

__all__ = [  # all that the other packages need of an inspection
    "append_connection", "append_step", "connections", "contents", "create_run", "digest",
    "key", "load_run", "raw_files", "runs", "save_run", "steps", "verify",
]  # fmt: skip

NOT_RAW = {RUN, PLANTED, CONNECTIONS, STEPS}
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


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

    A TLS key log beside a pcap opens it, unless the proxy's own recording of the same traffic is there too. `progress`
    is called with the number of bytes read so far, of all recordings together.
    """
    files, before = raw_files(folder), 0
    keylogs = () if any(kind(path) in (FLOWS, HAR) for path in files) else sorted(folder.glob("*.keylog"))
    for path in files:
        yield from read(path, folder.name, shifted(progress, before), keylogs)
        before += path.stat().st_size
    yield from connections(folder)


def shifted(progress: Progress | None, before: int) -> Progress | None:
    """Return a callback that adds what was read before."""
    return (lambda done: progress(before + done)) if progress else None
