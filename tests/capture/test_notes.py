"""Steps and connections that are noted beside the traffic."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.exchange import Connection, Step
from portalscope.capture.notes import append_connection, append_step, connections, steps
from portalscope.capture.problem import Problem

AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
OFFSETS = st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - naive on purpose
MAYBE = st.none() | st.text(st.characters(codec="utf-8"))
CONNECTIONS = st.builds(
    Connection,
    id=st.text(st.characters(codec="utf-8")),
    run=st.just("run-1"),
    at=TIMES,
    transport=st.sampled_from(["tcp", "tls", "quic", "dns"]),
    host=st.text(st.characters(codec="utf-8")),
    port=st.integers(0, 65535),
    ip=MAYBE,
    sni=MAYBE,
    alpn=MAYBE,
    sent=st.none() | st.integers(0),
    received=st.none() | st.integers(0),
    opaque_because=MAYBE,
    cnames=st.lists(st.text(st.characters(codec="utf-8"))).map(tuple),
    exchanges=st.integers(0),
    source=st.text(st.characters(codec="utf-8")),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("notes")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "run-1").mkdir()
    return tmp_path / "run-1"


@given(noted=st.lists(CONNECTIONS, max_size=3))
def test_connections_come_back(noted, place):
    folder = place / "run-1"
    folder.mkdir(exist_ok=True)
    (folder / "connections.jsonl").unlink(missing_ok=True)
    for connection in noted:
        append_connection(folder, connection)
    assert list(connections(folder)) == noted


def test_a_line_holds_what_is_known(folder):
    append_connection(folder, Connection(id="c#1", run="run-1", at=AT, transport="tls", host="a.example", port=443))
    assert json.loads((folder / "connections.jsonl").read_text()) == {
        "id": "c#1", "at": "2026-05-04T09:30:00+00:00", "transport": "tls", "host": "a.example", "port": 443,
    }  # fmt: skip


def test_the_run_is_the_folder_whatever_the_line_says(folder):
    append_connection(folder, Connection(id="c", run="other", at=AT, transport="tls", host="a", port=1))
    assert next(connections(folder)).run == "run-1"


@pytest.mark.parametrize(
    "line",
    [b'{"id": "c#1", "at": "2026-05', b"[]", b"3", b"\xff\xfe", b'{"at": "2026-05-04T09:30:00+00:00"}', b"[" * 100_000,
     b'{"id": "c", "at": "2026-05-04T09:30:00", "transport": "tls", "host": "a", "port": 1}',
     b'{"id": "c", "at": "2026-05-04T09:30:00Z", "transport": "tls", "host": "a", "port": 1, "colour": "red"}'],
)  # fmt: skip
def test_a_line_that_is_none_is_a_problem_and_the_next_one_is_read(folder, line):
    (folder / "connections.jsonl").write_bytes(line + b"\n\n")
    append_connection(folder, Connection(id="c", run="run-1", at=AT, transport="tls", host="a", port=1))
    problem, connection = connections(folder)
    assert isinstance(problem, Problem)
    assert (problem.exchange, problem.rest) == ("connections.jsonl, line 1", line + b"\n")
    assert connection.id == "c"


def test_steps_come_back_in_the_order_of_time(folder):
    later = AT + timedelta(minutes=1)
    append_step(folder, later.astimezone(timezone(timedelta(hours=2))), "usage data off – „Nutzung“")
    append_step(folder, AT, "signed in")
    assert steps(folder) == [
        Step(run="run-1", at=AT, name="signed in"), Step(run="run-1", at=later, name="usage data off – „Nutzung“"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["", "{}", '{"at": 5, "name": "x"}', '{"at": "2026-05-04T09:30:00", "name": "x"}', "x"]
)
def test_a_line_that_is_no_step_is_named(folder, line):
    append_step(folder, AT, "signed in")
    with (folder / "steps.jsonl").open("a") as file:
        file.write(line + "\n")
    if line:
        with pytest.raises(ValueError, match="line 2: not a step"):
            steps(folder)
    else:
        assert len(steps(folder)) == 1


def test_a_time_without_time_zone_is_refused(folder):
    with pytest.raises(ValueError, match="time zone"):
        append_step(folder, datetime(2026, 5, 4), "signed in")  # noqa: DTZ001 - naive on purpose


def test_no_notes_are_no_notes(folder):
    assert (steps(folder), list(connections(folder))) == ([], [])


def test_only_the_owner_can_read_the_notes(folder):
    append_step(folder, AT, "signed in")
    append_connection(folder, Connection(id="c", run="run-1", at=AT, transport="tls", host="a", port=1))
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600, 0o600]
