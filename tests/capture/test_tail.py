"""A recording that grows: real flows of a sample, written in pieces."""

import json
from pathlib import Path

import pytest

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.flow_records import records
from portalscope.capture.recorder import FLOWS as RECORDED
from portalscope.capture.tail import FLOWS, Tail

SAMPLE = Path(__file__).parents[2] / "samples" / "msal_py" / "msal_py.mitm"
LINE = {"id": "connections.jsonl#0", "at": "2026-05-04T09:30:00+00:00", "transport": "tls", "host": "a.example"}
LINE |= {"port": 443, "opaque_because": "tls failed: no trust"}


@pytest.fixture(scope="module")
def flows():
    with SAMPLE.open("rb") as file:
        return [record for record in records(file, "x") if isinstance(record, bytes)]


def add(path, data):
    with path.open("ab") as file:
        file.write(data)


def test_the_recorder_writes_what_is_watched():
    assert FLOWS == RECORDED


def test_nothing_is_there_yet(tmp_path):
    assert list(Tail(tmp_path).new()) == []


def test_each_flow_is_given_once_and_half_a_flow_later(tmp_path, flows):
    tail, path = Tail(tmp_path), tmp_path / FLOWS
    add(path, flows[0] + flows[1][:100])
    assert [one.id for one in tail.new()] == ["flows.mitm#0"]
    assert list(tail.new()) == []
    add(path, flows[1][100:] + flows[2])
    assert [one.id for one in tail.new()] == ["flows.mitm#1", "flows.mitm#2"]
    assert list(tail.new()) == []


def test_the_ids_are_those_of_the_sealed_recording(tmp_path, flows):
    add(tmp_path / FLOWS, b"".join(flows))
    found = list(Tail(tmp_path).new())
    assert [one.id for one in found] == [f"flows.mitm#{number}" for number in range(len(flows))]
    assert all(isinstance(one, Exchange) and one.run == tmp_path.name for one in found)


def test_a_flow_that_cannot_be_read_is_passed_over(tmp_path, flows):
    add(tmp_path / FLOWS, b"4:oops;" + flows[0])
    assert [one.id for one in Tail(tmp_path).new()] == ["flows.mitm#1"]


def test_connections_line_by_line(tmp_path):
    tail, path, line = Tail(tmp_path), tmp_path / "connections.jsonl", json.dumps(LINE).encode()
    add(path, line + b"\n" + b"nonsense\n" + line[:20])
    (one,) = tail.new()
    assert isinstance(one, Connection)
    assert (one.host, one.opaque_because) == ("a.example", "tls failed: no trust")
    assert list(tail.new()) == []
    add(path, line[20:] + b"\n")
    assert [one.host for one in tail.new()] == ["a.example"]
