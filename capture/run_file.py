"""run.toml and planted.toml: what is known of a run, written so that a person can read and change it."""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portalscope.capture.run import Run

RUN, PLANTED = "run.toml", "planted.toml"
HEAD = b"# Personal data of the test: never give this file away.\n"
SOURCE_KINDS = ("wire", "local_transcript")
TEXTS = tuple(f.name for f in fields(Run) if f.name not in ("id", "started", "settings", "tools", "files", "planted"))
TABLES = ("settings", "tools", "files")
KEYS = {*TEXTS, *TABLES, "started", "planted"}
WORDS = {dict: "table", datetime: "time", str: "text"}
BARE = re.compile(r"[A-Za-z0-9_-]+")


def save_run(folder: Path, run: Run) -> None:
    """Write a run's `run.toml`, and its planted values to `planted.toml`, which only the owner can read.

    The id is the folder's name and is not written; of the planted values `run.toml` holds the names alone. Times are
    written in UTC. ValueError: a text that no file can hold (lone surrogates), or a time without time zone.
    """
    if run.started and run.started.tzinfo is None:
        raise ValueError("the start of a run needs a time zone")
    known = "".join(lines(run)).encode()
    if any(run.planted.values()):
        save_planted(folder / PLANTED, run.planted)
    else:
        (folder / PLANTED).unlink(missing_ok=True)
    write_private(folder / RUN, known)


def lines(run: Run) -> Iterable[str]:
    """Yield the entries of `run.toml`; what is empty is left out."""
    for name in TEXTS:
        if value := getattr(run, name):
            yield entry(name, value)
    if run.started:
        yield f"started = {run.started.astimezone(UTC).isoformat().replace('+00:00', 'Z')}\n"
    if run.planted:
        yield entry("planted", list(run.planted))
    for name in TABLES:
        if table := getattr(run, name):
            yield f"\n[{name}]\n"
            yield from (entry(key, value) for key, value in table.items())


def entry(key: str, value: str | list[str]) -> str:
    """Return one line of TOML."""
    written = quoted(value) if isinstance(value, str) else "[" + ", ".join(map(quoted, value)) + "]"
    return f"{key if BARE.fullmatch(key) else quoted(key)} = {written}\n"


def quoted(text: str) -> str:
    """Return a basic string of TOML: one of JSON in which DEL is escaped as well (TOML 1.0)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only the owner can read, all of it or, if the machine stops, nothing of it."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    new.replace(path)


def load_run(folder: Path) -> Run:
    """Return the run in a folder. A planted value of which only the name is there has no values.

    FileNotFoundError: no run.toml. ValueError: it is not TOML, or says something that a run does not have.
    """
    said = toml(folder / RUN)
    if unknown := sorted(said.keys() - KEYS):
        raise ValueError(f"{folder / RUN}: unknown: {', '.join(unknown)}; known: {', '.join(sorted(KEYS))}")
    values = toml(folder / PLANTED) if (folder / PLANTED).exists() else {}
    try:
        names = dict.fromkeys([*planted_values(said.pop("planted", [])), *values])
        planted = {name: planted_values(values.get(name, [])) for name in names}
        return Run(id=folder.name, planted=planted, **checked(said))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{folder / RUN}: {error}") from error


def save_planted(path: Path, planted: Mapping[str, Sequence[str]]) -> None:
    """Write planted values to a file that only the owner can read. ValueError: a text that no file can hold."""
    entries = "".join(entry(name, list(values)) for name, values in planted.items())
    write_private(path, HEAD + entries.encode())


def load_planted(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the planted values in a file. ValueError names the file: it is not TOML, or a value is no text."""
    try:
        return {name: planted_values(written) for name, written in toml(path).items()}
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from error


def toml(path: Path) -> dict[str, Any]:
    """Return a TOML file's content. ValueError names the file and the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {error if isinstance(error, tomllib.TOMLDecodeError) else 'not UTF-8'}") from error


def planted_values(written: Any) -> tuple[str, ...]:  # noqa: ANN401 - what a person wrote
    """Return the values of one planted name: a text or a list of texts. TypeError, which quotes no value."""
    every = [written] if isinstance(written, str) else written
    if not isinstance(every, list) or not all(isinstance(value, str) for value in every):
        raise TypeError(f"planted: a list of names here, and in {PLANTED} a text or a list of texts for each")
    return tuple(every)


def checked(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what run.toml says with every type checked. TypeError or ValueError says which key is wrong."""
    for key, value in said.items():
        wanted = dict if key in TABLES else datetime if key == "started" else str
        if not isinstance(value, wanted):
            raise TypeError(f"{key} must be a {WORDS[wanted]}")
    if said.get("source_kind", "wire") not in SOURCE_KINDS:
        raise ValueError(f"source_kind must be one of {', '.join(SOURCE_KINDS)}")
    if said.get("started") and said["started"].tzinfo is None:
        raise ValueError("started needs a time zone: 2026-05-04T09:30:00Z")
    times = {"started": said["started"].astimezone(UTC)} if "started" in said else {}
    tables = {name: {key: position(value) for key, value in said[name].items()} for name in TABLES if name in said}
    return {**said, **times, **tables}


def position(value: Any) -> str:  # noqa: ANN401 - what a person wrote
    """Return a setting's position as text: `true` and 3 are fine where a person writes them. TypeError for a table."""
    if isinstance(value, dict | list):
        raise TypeError("a setting has one position, not a list or table")
    return json.dumps(value) if isinstance(value, bool) else str(value)
