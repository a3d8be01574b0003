"""Exports of Diagnostic Data Viewer: what `Get-DiagnosticData` gives, as CSV or JSON, and the app's own export.

Columns: rathbuna/EventTranscript.db-Research (`Export-Csv`: Name, Timestamp, Payload, IsRequired,
DiagnosticDataCategories) and Microsoft's page on Get-DiagnosticData (IsBasic, DiagnosticDataTypes). Of the app's export
only the names Timestamp, FullName and Json are public, from scripts that read it. Export-Csv writes the time as the
computer's language has it, without a time zone: what counts is then the time in the payload.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import TextIOWrapper
from itertools import count
from typing import BinaryIO

from portalscope.capture.as_sent import utc, valid
from portalscope.capture.entries import Window
from portalscope.capture.exchange import Exchange, Headers
from portalscope.capture.problem import Problem
from portalscope.capture.stored_event import lacks, moment, stored

PATH = "/DiagnosticDataViewer"
PAYLOADS, TIMES = ("payload", "json"), ("timestamp",)
FLAGS = ("isrequired", "isbasic", "diagnosticdatacategories", "diagnosticdatatypes")
COLUMNS = {*PAYLOADS, *TIMES, *FLAGS, "name", "fullname"}
ENVELOPE = {"name", "time", "iKey", "data"}  # of a payload that stands for itself
LARGEST = 64 << 20  # characters of one field
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig"))  # byte order marks
TYPE_LINE = re.compile(r"\A\ufeff?#TYPE [^\n]*\n")  # Export-Csv of Windows PowerShell
MILLISECONDS = re.compile(r"/Date\((-?\d{1,15})\)/")  # ConvertTo-Json of Windows PowerShell, UTC
FIRST_KEY = re.compile(r'\A\ufeff?\s*\[?\s*\{\s*"(\w+)"\s*:')


def is_csv(head: bytes) -> bool:
    """Whether a file begins with the header of such a table."""
    line = TYPE_LINE.sub("", decoded(head)).lstrip("\ufeff").partition("\n")[0]
    named = {name.lower().replace(" ", "") for name in header(line)}
    return bool(named & {*PAYLOADS}) and bool(named & {*TIMES})


def is_json(head: bytes) -> bool:
    """Whether a file begins like a list or lines of such records, or of Common Schema events."""
    begins = decoded(head)
    key = FIRST_KEY.match(begins)
    if not key:
        return False
    record = key[1].lower() in COLUMNS and re.search(r'"(?:payload|json)"\s*:\s*"', begins, re.IGNORECASE)
    return bool(record) or (key[1] == "ver" and '"iKey"' in begins)


def decoded(head: bytes) -> str:
    """Return the beginning of a file as text, the last character perhaps cut."""
    return head.decode(codec(head), "replace")


def codec(head: bytes) -> str:
    """Return how a file is encoded: PowerShell writes UTF-16, UTF-8 or ASCII."""
    return next(name for mark, name in MARKS if head.startswith(mark))


def separator(line: str) -> str:
    """Return what stands between the columns: a comma, or a semicolon where the comma is part of numbers."""
    return max(",;\t", key=line.count)


def header(line: str) -> list[str]:
    """Return the names of the columns, none if it is no line of a table."""
    try:
        return [name.strip() for name in next(csv.reader([line.rstrip("\r\n")], delimiter=separator(line)), [])]
    except csv.Error:
        return []


def ddv_csv(stream: BinaryIO, name: str, run: str, encoding: str = "utf-8-sig") -> Iterator[Exchange | Problem]:
    """Yield the events of a CSV export; ids are `name#row`, from 0."""
    lines = Lines(stream, encoding)
    csv.field_size_limit(LARGEST)  # of the whole process: the usual 128 KiB are less than one event may have
    try:
        first = lines.first()
        columns, rows = header(first), csv.reader(lines, delimiter=separator(first))
        for number, row in enumerate(row for row in rows if row):
            where = f"{name}#{number}"
            if len(row) != len(columns):
                yield lacks(where, f"a row of {len(row)} columns where there are {len(columns)}")
            yield from record(dict(zip(columns, row, strict=False)), run, where)
    except (csv.Error, UnicodeError) as error:
        yield broken(name, f"not a table from line {lines.number} on ({type(error).__name__})")
    finally:
        lines.text.detach()  # the stream is not ours to close


class Lines:
    """The lines of a text, each at most `LARGEST` characters long; `number` counts them."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        errors = "surrogateescape" if encoding == "utf-8-sig" else "replace"
        self.text = TextIOWrapper(stream, encoding, errors=errors, newline="")
        self.number = 0

    def first(self) -> str:
        """Return the first line that is no type of PowerShell's, without its end."""
        line = next(self, "")
        return next(self, "") if TYPE_LINE.match(line) else line

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.text.readline(LARGEST)
        if not line:
            raise StopIteration
        self.number += 1
        return line


def ddv_json(stream: BinaryIO, name: str, run: str, encoding: str = "utf-8-sig") -> Iterator[Exchange | Problem]:
    """Yield the events of a JSON export, a list or one object a line; ids are `name#position`, from 0."""
    window = Window(stream, encoding)
    number, listed = 0, False
    try:
        listed = window.sign() == "["
        if listed:
            window.take("[")
        for number in count():
            if listed and window.sign() == "]":
                return
            value, text = window.entry()
            yield from of_json(value, text, run, f"{name}#{number}")
            if window.sign() == ",":
                window.take(",")
    except EOFError:
        if listed or window.text.strip():
            yield broken(name, f"the file ends inside event {number}: {window.left()} bytes unread")
    except ValueError:
        yield broken(name, f"not a list of events from event {number} on: {window.left()} bytes unread")
    finally:
        window.stream.detach()


def of_json(value: object, text: str, run: str, where: str) -> Iterator[Exchange | Problem]:
    """Yield what one JSON value says: a record with a payload, or a payload alone."""
    if not isinstance(value, dict):
        rest = text.encode(errors="surrogateescape")
        yield Problem(exchange=where, part="file", step="transcript", why="not an event", rest=rest)
    elif value.keys() >= ENVELOPE:
        yield from stored(valid(text).encode(), (), run=run, where=where, path=PATH, at=None)
    else:
        yield from record(value, run, where)


def record(row: Mapping[str, object], run: str, where: str) -> Iterator[Exchange | Problem]:
    """Yield the event of one record: the payload is the body, the other columns are headers."""
    payload, time, about = "", "", []
    for column, value in row.items():
        if column.lower() in PAYLOADS:
            payload = written(value)
        else:
            about.append((valid(column), written(value)))
        if column.lower() in TIMES:
            time = written(value)
    known: Headers = tuple(pair for pair in about if pair[1])
    yield from stored(payload.encode(), known, run=run, where=where, path=PATH, at=when(time))


def when(written_time: str) -> datetime | None:
    """Return the UTC time of a record where it says one without doubt: ISO 8601 with time zone, or `/Date(ms)/`."""
    found = MILLISECONDS.fullmatch(written_time)
    try:
        return utc(int(found[1]) / 1000) if found else moment(written_time)
    except ValueError:
        return None


def written(value: object) -> str:
    """Return a value as text: a text as it stands, anything else as JSON, nothing for null."""
    if isinstance(value, str):
        return valid(value)
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def broken(name: str, why: str) -> Problem:
    """Return the problem of the file."""
    return Problem(exchange=name, part="file", step="transcript", why=why)
