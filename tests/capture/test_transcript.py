"""EventTranscript.db (synthetic: see tests/windows.py), whole, damaged and hostile."""

import hashlib
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalscope.capture.exchange import Exchange
from portalscope.capture.problem import Problem
from portalscope.capture.transcript import filetime, is_transcript, transcript
from tests.windows import AT, FILETIME, SCHEMA, SID, STORE, USAGE, database, payload, row


@pytest.fixture
def base(tmp_path):
    return database(tmp_path / "EventTranscript.db", row(), row(payload(STORE), name=STORE))


def test_an_event_is_an_exchange_with_nobody(base):
    one, other = transcript(base, "run")
    assert (one.method, one.scheme, one.host, one.port) == ("TRANSCRIPT", "local", "local-transcript", 0)
    assert (one.id, one.run, one.path) == ("EventTranscript.db#1", "run", "/EventTranscript.db")
    assert one.at.isoformat() == AT
    assert (one.status, one.server_ip, one.tls) == (None, None, None)
    assert one.error == "seen on the device; its upload is not proven"
    assert other.id == "EventTranscript.db#2"


def test_the_payload_is_the_body_exactly(base):
    assert [one.body.decode() for one in transcript(base, "run")] == [payload(), payload(STORE)]


def test_the_other_columns_are_headers_with_the_words_for_their_numbers(base):
    one, other = transcript(base, "run")
    assert dict(one.headers) == {
        "sid": SID,
        "timestamp": str(FILETIME),
        "full_event_name": USAGE,
        "full_event_name_hash": "-7",
        "event_keywords": str(2**45),
        "is_core": "0",
        "provider_group_id": "5",
        "logging_binary_name": "win32kfull.sys",
        "friendly_logging_binary_name": "win32kfull.sys",
        "compressed_payload_size": "4",
        "producer_id": "1",
        "producer": "Windows",
        "provider_group": "{4f50731a-89cf-4782-b3e0-dce8c90476ba}",
        "tag": "Product and Service Performance",  # the last of two
    }
    tags = [value for name, value in one.headers if name == "tag"]
    assert sorted(tags) == ["Product and Service Performance", "Product and Service Usage"]
    assert other.header("tag") == "31"  # no description: the number stays


def test_a_database_without_the_other_tables_is_read(tmp_path):
    only = SCHEMA[SCHEMA.index("CREATE TABLE events_persisted") : SCHEMA.index("INSERT")]
    (one,) = transcript(database(tmp_path / "EventTranscript.db", row(), schema=only), "run")
    assert one.header("producer_id") == "1"
    assert one.header("producer") == ""


@pytest.mark.parametrize(
    ("value", "iso"),
    [(FILETIME, AT), (116_444_736_000_000_000, "1970-01-01T00:00:00+00:00"), (0, None), (-5, None), (2**63 - 1, None)],
)
def test_filetimes(value, iso):
    at = filetime(value)
    assert (at.isoformat() if at else None) == iso


def test_without_filetime_the_payload_says_the_time(tmp_path):
    (one,) = transcript(database(tmp_path / "e.db", row(time=None)), "run")
    assert one.at.isoformat() == AT


def test_an_event_that_says_no_time_is_counted(tmp_path):
    one, problem = transcript(database(tmp_path / "e.db", row('{"ver":"4.0"}', time="soon")), "run")
    assert (one.at.year, problem.exchange, problem.part, problem.why) == (
        1970,
        "e.db#1",
        "body",
        "the event says no time with a time zone",
    )


def test_an_event_without_payload_is_counted(tmp_path):
    one, problem = transcript(database(tmp_path / "e.db", row(b"")), "run")
    assert (one.body, problem.why) == (b"", "an event without payload")


def test_payloads_of_other_types_stay_as_they_are(tmp_path):
    rows = (row(b"\xff\xfe\x00"), row(12))
    found = transcript(database(tmp_path / "e.db", *rows), "run")
    assert [one.body for one in found if isinstance(one, Exchange)] == [b"\xff\xfe\x00", b"12"]


def test_nothing_is_written_and_nothing_changed(base):
    before = hashlib.sha256(base.read_bytes()).hexdigest()
    base.parent.chmod(0o500)
    try:
        assert len(list(transcript(base, "run"))) == 2
        assert [path.name for path in base.parent.iterdir()] == ["EventTranscript.db"]
    finally:
        base.parent.chmod(0o700)
    assert hashlib.sha256(base.read_bytes()).hexdigest() == before


def test_newer_events_in_the_log_beside_it_are_said_to_be_missing(tmp_path):
    path = tmp_path / "EventTranscript.db"
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.executescript(SCHEMA)
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        writer.execute(f"INSERT INTO events_persisted VALUES ({', '.join('?' * 15)})", row())
        writer.commit()
        size = path.with_name("EventTranscript.db-wal").stat().st_size
        (problem,) = transcript(path, "run")
    assert size > 0
    assert problem.why.startswith(f"{size} bytes of newer events wait in EventTranscript.db-wal and are not read")
    assert problem.part == "file"


def test_a_damaged_page_ends_it_and_what_is_before_stays(tmp_path):
    path = database(tmp_path / "e.db", *(row(payload(pad="x" * 900)) for _ in range(50)))
    data = bytearray(path.read_bytes())
    data[-16_384:] = b"\xff" * 16_384
    path.write_bytes(data)
    *seen, problem = transcript(path, "run")
    assert len(seen) > 10
    assert all(isinstance(one, Exchange) for one in seen)
    assert problem.why == "the database cannot be read on: DatabaseError, malformed"


def test_a_database_that_is_cut_off_is_a_problem(tmp_path):
    path = database(tmp_path / "e.db", *(row() for _ in range(50)))
    path.write_bytes(path.read_bytes()[:-8192])
    (problem,) = transcript(path, "run")
    assert (problem.part, problem.step) == ("file", "transcript")


def test_pages_in_a_circle_end(tmp_path):
    """Every leaf pointer of the table's root names the same page: a scan would give its rows again and again."""
    path = database(tmp_path / "e.db", *(row(payload(pad="x" * 900)) for _ in range(200)))
    with closing(sqlite3.connect(path)) as base:
        (root,) = base.execute("SELECT rootpage FROM sqlite_master WHERE name = 'events_persisted'").fetchone()
        (page,) = base.execute("PRAGMA page_size").fetchone()
    data = bytearray(path.read_bytes())
    start = (root - 1) * page
    assert data[start] == 5  # an interior page of a table
    cells = int.from_bytes(data[start + 3 : start + 5], "big")
    pointers = [int.from_bytes(data[start + 12 + 2 * n : start + 14 + 2 * n], "big") for n in range(cells)]
    first = data[start + pointers[0] : start + pointers[0] + 4]
    for pointer in pointers:
        data[start + pointer : start + pointer + 4] = first
    path.write_bytes(data)
    *seen, problem = transcript(path, "run")
    assert "linked wrongly" in problem.why
    assert len({one.id for one in seen}) == len(seen) < 200


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE VIEW events_persisted AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n) SELECT x FROM n;",
        "CREATE TABLE events (payload TEXT);",
    ],
)
def test_only_a_real_table_counts(tmp_path, schema):
    path = database(tmp_path / "e.db", schema=schema)
    assert not is_transcript(path)
    (problem,) = transcript(path, "run")
    assert problem.why == "the database has no table events_persisted"


def test_a_column_that_computes_without_end_is_ended(tmp_path):
    schema = "CREATE TABLE events_persisted (payload TEXT, more TEXT AS (hex(zeroblob(200000000))));"
    path = tmp_path / "e.db"
    with closing(sqlite3.connect(path)) as base:
        base.executescript(schema)
        base.execute("INSERT INTO events_persisted (payload) VALUES ('{}')")
        base.commit()
    *_, problem = transcript(path, "run")
    assert "too big" in problem.why


def test_another_kind_of_key_is_a_problem(tmp_path):
    path = database(tmp_path / "e.db", schema="CREATE TABLE events_persisted (payload TEXT PRIMARY KEY) WITHOUT ROWID;")
    (problem,) = transcript(path, "run")
    assert "no such column: rowid" in problem.why


def test_what_is_no_database_is_a_problem(tmp_path):
    path = tmp_path / "e.db"
    path.write_bytes(b"SQLite format 3\x00" + b"\x00" * 84)
    assert not is_transcript(path)
    (problem,) = transcript(path, "run")
    assert isinstance(problem, Problem)
    assert "cannot be read on" in problem.why


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 32_000), value=st.binary(min_size=1, max_size=40))
def test_any_damage_ends(tmp_path_factory, place, value):
    path = database(tmp_path_factory.mktemp("d") / "e.db", *(row() for _ in range(8)))
    data = bytearray(path.read_bytes())
    data[place : place + len(value)] = value
    path.write_bytes(data[: len(path.read_bytes())])
    found = list(transcript(path, "run"))
    assert len(found) < 100
    assert all(isinstance(one, Exchange | Problem) for one in found)
