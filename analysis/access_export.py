"""The vendor's answer to a request for access, read as events; a table says where name, time and identifiers are."""

import csv
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from portalscope.decoders.events import when

DATA = Path(__file__).parent / "data" / "access-formats.toml"
PAYLOAD = "payload"
LARGEST = 512 << 20  # bytes of an answer; it is read at once
CELL = 64 << 20  # characters of one cell of a table
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig"))  # byte order marks, and none


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """Where things are in an answer; the words of `access-formats.toml`."""

    title: str
    kind: str
    name: tuple[str, ...]
    time: tuple[str, ...]
    identifiers: tuple[str, ...] = ()
    records: tuple[str, ...] = ("",)
    payload: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    because: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One event of an answer; `row` is its position, from 0; `time` is None when none could be read."""

    row: int
    name: str
    time: datetime | None
    identifiers: tuple[str, ...] = field(default=(), repr=False)


@cache
def formats() -> Mapping[str, Format]:
    """Return the formats that come with the program."""
    return {name: of_table(name, said) for name, said in tomllib.loads(DATA.read_text("utf-8")).items()}


def mapping(path: Path) -> Format:
    """Return the format that a researcher wrote down: one table. Raises ValueError, which says what is wrong."""
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    tables = [table for table in said.values() if isinstance(table, dict)]
    return of_table(path.name, tables[0] if len(tables) == 1 == len(said) else said)


def of_table(name: str, said: Mapping[str, Any]) -> Format:
    """Return a format from its table. Raises ValueError, which says what is wrong."""
    known = {one.name for one in fields(Format)}
    texts = {"title", "kind", "because", "source"}
    wrong = [f"{key} is not known" for key in sorted(said.keys() - known)]
    wrong += [f"{key} is missing" for key in ("kind", "name", "time") if not said.get(key)]
    wrong += [f"{key} must be text" for key in sorted(texts & said.keys()) if not isinstance(said[key], str)]
    lists = sorted((known - texts) & said.keys())
    wrong += [f"{key} must be a list of texts" for key in lists if not is_texts(said[key])]
    if said.get("kind") not in (None, "json", "csv"):
        wrong.append("kind must be json or csv")
    if wrong:
        raise ValueError(f"{name}: {'; '.join(wrong)}")
    made: dict[str, Any] = {key: tuple(value) if key in lists else value for key, value in said.items()}
    return Format(**{"title": name, **made})


def is_texts(value: object) -> bool:
    """Whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def read(path: Path, form: Format | None = None) -> tuple[Exported, ...]:
    """Return the events of an answer. Without a format the built-in one that fits is taken.

    Raises ValueError when the file is too large, broken, or of no format that is known, and OSError. An event without a
    name is none.
    """
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path.name}: larger than {LARGEST >> 20} MB; split it")
    text = decoded(path)
    chosen = form or recognised(path.name, text)
    events = (exported(number, row, chosen) for number, row in enumerate(rows(path.name, text, chosen)))
    return tuple(event for event in events if event.name)


def decoded(path: Path) -> str:
    """Return a file's text: UTF-8, or UTF-16 with a mark, as PowerShell writes it."""
    data = path.read_bytes()
    try:
        return data.decode(next(code for mark, code in MARKS if data.startswith(mark)))
    except UnicodeDecodeError:
        raise ValueError(f"{path.name}: neither UTF-8 nor UTF-16") from None


def recognised(name: str, text: str) -> Format:
    """Return the built-in format of a text, told by the keys or columns of its first event."""
    for form in formats().values():
        try:
            first = next(iter(rows(name, text, form)), {})
        except ValueError:
            continue
        keys = {str(key).casefold() for key in first}
        if {mark.casefold() for mark in form.marks} <= keys:
            return form
    raise ValueError(f"{name}: of no known format ({', '.join(formats())}); say where things are with --mapping FILE")


def rows(name: str, text: str, form: Format) -> Iterator[Mapping[str, Any]]:
    """Give the events as they stand in a file. Raises ValueError when it is broken."""
    found = of_csv(name, text) if form.kind == "csv" else of_json(name, text, form.records)
    for row in found:
        payload = next((value for key, value in row.items() if key in form.payload and isinstance(value, str)), None)
        yield {**row, PAYLOAD: parsed(payload)} if payload is not None else row


def of_csv(name: str, text: str) -> Iterator[Mapping[str, Any]]:
    """Give the rows of a table; PowerShell's line with a type before the header is no row."""
    limit = csv.field_size_limit(CELL)
    begin = text.partition("\n")[2] if text.startswith("#TYPE") else text
    head = begin.partition("\n")[0]
    try:
        yield from csv.DictReader(StringIO(begin, newline=""), delimiter=max(",;\t", key=head.count), restkey="")
    except csv.Error as error:
        raise ValueError(f"{name}: not a table: {error}") from None
    finally:
        csv.field_size_limit(limit)


def of_json(name: str, text: str, places: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Give the objects of a list, of a list somewhere in an object, or of lines."""
    whole = parsed(text)
    if whole is None:
        lines = [parsed(line) for line in text.splitlines() if line.strip()]
        if not lines or None in lines:
            raise ValueError(f"{name}: not JSON, nor one JSON object a line")
        whole = lines
    found = [at(whole, place) for place in places]
    lists = [value for value in found if isinstance(value, list)] or [[whole]]
    yield from (one for one in lists[0] if isinstance(one, dict))


def parsed(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return the JSON in a text, None when there is none; it may be nested deeper than Python can follow."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def at(value: Any, path: str) -> Any:  # noqa: ANN401 - the same
    """Return what stands at a dotted path, None when nothing does. A key with dots in it is taken as it is."""
    if not path:
        return value
    for _ in range(64):
        if not isinstance(value, Mapping):
            return None
        if path in value:
            return value[path]
        head, _, path = path.partition(".")
        if not path or head not in value:
            return None
        value = value[head]
    return None


def exported(number: int, row: Mapping[str, Any], form: Format) -> Exported:
    """Return one event of an answer."""
    identifiers = tuple(dict.fromkeys(filter(None, (said(at(row, path)) for path in form.identifiers))))
    times = (when(said(at(row, path))) for path in form.time)
    return Exported(
        row=number,
        name=next(filter(None, (said(at(row, path)) for path in form.name)), ""),
        time=next(filter(None, times), None),
        identifiers=identifiers,
    )


def said(value: object) -> str:
    """Return a value as text; what is no single value, and what says nothing, is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()
