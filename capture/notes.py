"""What is noted beside the traffic of a run: the steps of the scenario, and connections that stayed closed.

Both are files of one JSON object a line, which only grow: `steps.jsonl`, `connections.jsonl`.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portalscope.capture.exchange import Connection, Step
from portalscope.capture.problem import Problem

CONNECTIONS, STEPS = "connections.jsonl", "steps.jsonl"
DEFAULTS = {f.name: f.default for f in fields(Connection)}
DAMAGED = (AttributeError, KeyError, RecursionError, TypeError, ValueError)  # what a line that is something else gives


def append_step(folder: Path, at: datetime, name: str) -> None:
    """Add a mark to a run's scenario. ValueError: a time without time zone."""
    append(folder / STEPS, {"at": aware(at).isoformat(), "name": name})


def steps(folder: Path) -> list[Step]:
    """Return the marks of a run's scenario in the order of time. ValueError names the line that is none."""
    marks = []
    for number, line in numbered(folder / STEPS):
        try:
            said = json.loads(line)
            marks.append(Step(run=folder.name, at=aware(datetime.fromisoformat(said["at"])), name=str(said["name"])))
        except DAMAGED as error:
            raise ValueError(f"{folder / STEPS}, line {number}: not a step") from error
    return sorted(marks, key=lambda step: step.at)


def append_connection(folder: Path, connection: Connection) -> None:
    """Add a connection to a run. What is at its default is left out, and so is the run: the folder says it."""
    said = {name: getattr(connection, name) for name in DEFAULTS if name != "run"}
    short = {name: value for name, value in said.items() if value != DEFAULTS[name]}
    append(folder / CONNECTIONS, {**short, "at": aware(connection.at).isoformat()})


def connections(folder: Path) -> Iterator[Connection | Problem]:
    """Yield the connections that were noted; a line that is none (torn, or edited) is a problem."""
    for number, line in numbered(folder / CONNECTIONS):
        try:
            yield connection(json.loads(line), folder.name)
        except DAMAGED:
            where = f"{CONNECTIONS}, line {number}"
            yield Problem(exchange=where, part="file", step="connections", why="not a connection", rest=line)


def connection(said: dict[str, Any], run: str) -> Connection:
    """Return the connection that a line describes; one of `DAMAGED` if it describes none."""
    if unknown := said.keys() - DEFAULTS.keys():
        raise ValueError(f"unknown: {sorted(unknown)}")
    at, cnames = aware(datetime.fromisoformat(said["at"])), tuple(said.get("cnames", ()))
    return Connection(**{**said, "run": run, "at": at, "cnames": cnames})


def aware(at: datetime) -> datetime:
    """Return a time in UTC. ValueError if it has no time zone."""
    if at.tzinfo is None:
        raise ValueError("a time needs a time zone")
    return at.astimezone(UTC)


def append(path: Path, line: dict[str, Any]) -> None:
    """Add a line to a file that only the owner can read; in one write, so that lines of two writers never mix."""
    data = json.dumps(line, ensure_ascii=False).encode(errors="backslashreplace") + b"\n"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab", buffering=0) as file:
        file.write(data)


def numbered(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file that are not empty, counted from 1; none if there is no file."""
    if path.exists():
        with path.open("rb") as file:
            yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())
