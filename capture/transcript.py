"""EventTranscript.db: the diagnostic events that Windows keeps a copy of for its Diagnostic Data Viewer.

What is in it was seen on the device. Whether, when and to which host it was uploaded, the file does not say.

Tables and columns: log2timeline/plaso, parsers/sqlite_plugins/windows_eventtranscript.py, and
rathbuna/EventTranscript.db-Research. What `event_keywords`, `full_event_name_hash` and `extra1` to `extra3` mean is not
public: their values are kept as they stand.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portalscope.capture.as_sent import text
from portalscope.capture.exchange import Exchange, Headers
from portalscope.capture.problem import Problem
from portalscope.capture.stored_event import stored

TABLE = "events_persisted"
PAYLOAD, TIME = "payload", "timestamp"
LARGEST = 64 << 20  # bytes of one value
STEPS = 50_000_000  # of SQLite's machine, for one row: a real one takes a few hundred
UNREADABLE = (sqlite3.Error, OverflowError, UnicodeError)  # the last: SQLite's own message quotes damaged names
MOST_WORDS = 100_000  # rows of a table that explains numbers
FILETIME = datetime(1601, 1, 1, tzinfo=UTC)

TAG_NAME = """SELECT tag_name FROM tag_descriptions AS known WHERE known.tag_id = event_tags.tag_id
ORDER BY locale_name = 'en-US' DESC LIMIT 1"""
# What explains the numbers of a row: header, query for (number, word).
WORDS = {
    "producer": ("producer_id", "SELECT producer_id, producer_id_text FROM producers"),
    "provider_group": ("provider_group_id", "SELECT group_id, group_guid FROM provider_groups"),
    "tag": (
        "full_event_name_hash",
        f"SELECT full_event_name_hash, coalesce(({TAG_NAME}), tag_id) FROM event_tags",  # noqa: S608 - our own text
    ),
}

type Row = Mapping[str, bytes | int | float | None]
type Lexicon = Mapping[str, Mapping[object, list[str]]]


def is_transcript(path: Path) -> bool:
    """Whether an SQLite database has the table that events are kept in."""
    try:
        with closing(connect(path)) as base:
            return has_table(base)
    except UNREADABLE:
        return False


def transcript(path: Path, run: str) -> Iterator[Exchange | Problem]:
    """Yield the events of a database in the order in which they were written; ids are `name#rowid`.

    The file is not changed and nothing is written beside it. Where it is damaged it ends with a problem.
    """
    name = path.name
    if waiting := waits(path):
        why = f"{waiting} bytes of newer events wait in {name}-wal and are not read: merge them into a copy first"
        yield broken(name, why)
    try:
        with closing(connect(path)) as base:
            if has_table(base):
                yield from events(base, name, run)
            else:
                yield broken(name, f"the database has no table {TABLE}")
    except UNREADABLE as error:
        yield broken(name, f"the database cannot be read on: {type(error).__name__}, {said(error)}")


def waits(path: Path) -> int:
    """Return how many bytes stand in the write-ahead log beside a database."""
    log = path.with_name(f"{path.name}-wal")
    return log.stat().st_size if log.is_file() else 0


def connect(path: Path) -> sqlite3.Connection:
    """Open a database that nobody is trusted to have made: read-only, without running what its schema asks for."""
    base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    base.text_factory = bytes  # text as it stands, also what is no UTF-8
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
    base.execute("PRAGMA trusted_schema = OFF")
    base.execute("PRAGMA cell_size_check = ON")
    return base


def has_table(base: sqlite3.Connection) -> bool:
    """Whether there is a real table of events: a view or virtual table could be any program."""
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ? AND rootpage > 0"
    return bool(base.execute(query, (TABLE,)).fetchone()[0])


def events(base: sqlite3.Connection, name: str, run: str) -> Iterator[Exchange | Problem]:
    """Yield what the rows of the table say. Row numbers grow, or else pages are linked in a circle."""
    known = lexicon(base)
    guard = Guard(base)
    cursor = base.execute(f"SELECT rowid, * FROM {TABLE}")  # noqa: S608 - our own name
    columns = [str(column[0]) for column in cursor.description]
    last: int | None = None
    for values in cursor:
        guard.spent = 0
        row = values[0]
        if last is not None and row <= last:
            yield broken(name, f"the pages of the database are linked wrongly behind row {last}")
            return
        last = row
        yield from event(dict(zip(columns[1:], values[1:], strict=True)), known, run, f"{name}#{row}")


class Guard:
    """Ends a query that works without giving a row, as a database can be made to ask for."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self.spent = 0
        base.set_progress_handler(self.step, 100_000)

    def step(self) -> bool:
        """Whether to end it now."""
        self.spent += 100_000
        return self.spent > STEPS


def lexicon(base: sqlite3.Connection) -> Lexicon:
    """Return the words for numbers, as far as the database has their tables."""
    guard = Guard(base)
    found: dict[str, dict[object, list[str]]] = {}
    for header, (_, query) in WORDS.items():
        guard.spent, words = 0, found.setdefault(header, {})
        try:
            for number, word in base.execute(query).fetchmany(MOST_WORDS):
                words.setdefault(number, []).append(written(word))
        except UNREADABLE:
            continue  # older and newer versions of Windows have other tables; the numbers themselves are kept
    return found


def event(row: Row, known: Lexicon, run: str, where: str) -> Iterator[Exchange | Problem]:
    """Yield one event as it is stored: the payload is the body, the other columns are headers."""
    content = row.get(PAYLOAD)
    body = content if isinstance(content, bytes) else written(content).encode()
    at, about = filetime(row.get(TIME)), headers(row, known)
    yield from stored(body, about, run=run, where=where, path="/EventTranscript.db", at=at)


def headers(row: Row, known: Lexicon) -> Headers:
    """Return the columns of a row that hold something, and behind them the words for their numbers."""
    about = [(name, written(value)) for name, value in row.items() if name != PAYLOAD and value not in (None, b"")]
    words = [(header, word) for header, (key, _) in WORDS.items() for word in known[header].get(row.get(key), ())]
    return (*about, *words)


def written(value: object) -> str:
    """Return the value of a column as text, empty for null."""
    return text(value) if isinstance(value, bytes) else "" if value is None else str(value)


def filetime(value: object) -> datetime | None:
    """Return the time of a FILETIME, 100 ns since 1601, cut to microseconds; None if it is none."""
    if not isinstance(value, int) or value <= 0:
        return None
    try:
        return FILETIME + timedelta(microseconds=value // 10)
    except OverflowError:
        return None


def said(error: BaseException) -> str:
    """Return what SQLite says is wrong, if it is one of its own sentences: others could quote a value."""
    known = ("malformed", "interrupted", "not a database", "too big", "disk I/O error", "no such column: rowid")
    return next((words for words in known if words in str(error)), "no reason that can be told")


def broken(where: str, why: str) -> Problem:
    """Return the problem of the file."""
    return Problem(exchange=where, part="file", step="transcript", why=why)
