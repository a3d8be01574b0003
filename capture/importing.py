"""Recordings of other programs into the inspection folder: copied without their secrets, hashed, then never changed."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from portalscope.capture.inspection import create_run, digest, key, raw_files, save_run
from portalscope.capture.read import CAN_READ, DATABASE, EMPTY, FLOWS, HAR, JOURNAL, RECORDINGS, TRANSCRIPTS, kind
from portalscope.capture.run import Run
from portalscope.capture.run_file import PLANTED, load_planted
from portalscope.capture.secrets import SECRETS, Noted, Secrets, planted_after

UNCLEAN = "its secrets are not replaced, as that cannot be done in this format: never give it away"
FLOW_NAMES = (".mitm", ".flow", ".flows", ".dump")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The run that was made, its folder, a sentence for each recording left out, and for each that was not cleaned."""

    run: Run
    folder: Path
    left: tuple[str, ...]
    unclean: tuple[str, ...] = ()


def import_file(
    inspection: Path,
    name: str,
    sources: Sequence[Path],
    about: Run | None = None,
    planted_from: Path | None = None,
    *,
    keep_secrets: bool = False,
) -> Imported:
    """Copy recordings into a new run, with their SHA-256, and say what was left out and why.

    A source is a file, or a folder of which every recording is taken. Of a flow file and a HAR file of the same name
    the flow file is taken: it holds bodies as sent. `planted_from` is an `expected.json`, or its folder, with planted
    values. Secrets are replaced on the way unless they are to be kept; a file in which there are none stays as it is to
    the byte, and of one that changed the run's `tools` name the SHA-256 that it had.

    ValueError: a source is no recording, or there is none. FileExistsError: there is a run of that name.
    """
    found = recordings(sources)
    left = {path: twin for path in found if (twin := better(path, found))}
    taken = [path for path in found if path not in left]
    if len({path.name for path in taken}) < len(taken):
        raise ValueError("two recordings have the same file name; a run holds one of each name")
    about = replace(about or Run(id=name), source_kind=source_kind(taken))
    planted = {**about.planted, **(planted_values(planted_from) if planted_from else {})}
    folder = create_run(inspection, name, replace(about, planted={}))
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder)  # half a run is worse than none
        secrets = None if keep_secrets else Secrets(key(inspection), planted)
        brought = {path: bring(path, folder / path.name, secrets) for path in taken}
        files = {path.name: digest(folder / path.name) for path in taken}
        tools = {**about.tools, **provenance(brought, keep_secrets=keep_secrets)}
        planted = planted if keep_secrets else planted_after(planted)
        run = replace(about, id=name, files=files, planted=planted, tools=tools)
        save_run(folder, run)
        undo.pop_all()
    said = (f"{path.name}: left out, {twin.name} is of the same name and says more" for path, twin in left.items())
    unclean = (f"{path.name}: {UNCLEAN}" for path, noted in brought.items() if secrets and noted is None)
    return Imported(run=run, folder=folder, left=tuple(said), unclean=tuple(unclean))


def bring(source: Path, target: Path, secrets: Secrets | None) -> Noted | None:
    """Copy a recording, without secrets if it can be cleaned; return what was replaced, None if it was not cleaned."""
    from portalscope.capture.clean_copy import clean_copy  # mitmproxy takes a second to import

    noted = clean_copy(source, target, secrets) if secrets else None
    if not noted:
        target.unlink(missing_ok=True)
        copy(source, target)
    return noted


def provenance(brought: Mapping[Path, Noted | None], *, keep_secrets: bool) -> dict[str, str]:
    """Return what a run says of its secrets: that they are kept, or what was replaced and in which files."""
    if keep_secrets:
        return {SECRETS: "kept as they were sent"}
    whole = Noted()
    for noted in brought.values():
        whole.types.update(noted.types if noted else {})
        whole.cut, whole.left = whole.cut + (noted.cut if noted else 0), whole.left + (noted.left if noted else 0)
    changed = {f"SHA-256 of {path.name} before": digest(path) for path, noted in brought.items() if noted}
    not_cleaned = ", ".join(path.name for path, noted in brought.items() if noted is None)
    said = {SECRETS: str(whole)} if whole else {}
    return {**said, **({"not cleaned": not_cleaned} if not_cleaned else {}), **changed}


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


def copy(source: Path, target: Path) -> None:
    """Copy a file to one that only the owner can read."""
    with source.open("rb") as old, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
        shutil.copyfileobj(old, new, 1 << 20)


def planted_values(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the planted values of an expected.json (`"honey_sent": [[name, value], …]`) or of a planted.toml.

    A folder stands for the one that is in it. ValueError: it holds none.
    """
    file = next((path / name for name in ("expected.json", PLANTED) if (path / name).is_file()), path)
    if file.suffix == ".toml":
        return load_planted(file)
    planted: dict[str, tuple[str, ...]] = {}
    try:
        for name, value in json.loads(file.read_bytes())["honey_sent"]:
            planted[str(name)] = (*planted.get(str(name), ()), str(value))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file} holds no planted values (honey_sent)") from error
    return planted
