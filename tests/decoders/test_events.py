"""Records and their times."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.adapters import Layout
from portalscope.decoders.events import record_event, split, when
from portalscope.decoders.message import NOTHING, Missing


@pytest.mark.parametrize(
    ("raw", "time"),
    [
        ("2026-11-23T04:40:09.003Z", datetime(2026, 11, 23, 4, 40, 9, 3000, UTC)),
        ("2024-01-04T22:20:00.1234567+01:00", datetime(2024, 1, 4, 21, 20, 0, 123456, UTC)),
        ("638188921905017229", datetime(2023, 5, 5, 14, 3, 10, 501722, UTC)),  # .NET ticks
        ("638400000000000000", datetime(2024, 1, 4, 21, 20, 0, 0, UTC)),
        ("133488468000000000", datetime(2024, 1, 4, 13, 0, 0, 0, UTC)),  # FILETIME
        ("1700000000", datetime(2023, 11, 14, 22, 13, 20, 0, UTC)),
        ("1700000000000", datetime(2023, 11, 14, 22, 13, 20, 0, UTC)),
        ("/Date(1700000000000)/", datetime(2023, 11, 14, 22, 13, 20, 0, UTC)),
        ("", None),
        ("soon", None),
        ("12", None),
    ],
)
def test_times(raw, time):
    assert when(raw) == time


@given(st.text(max_size=30) | st.integers(0, 10**30).map(str))
def test_any_time(raw):
    assert when(raw) is None or when(raw).tzinfo is UTC


def test_records_at_the_top_or_under_a_key():
    assert split([{"a": 1}, {"a": 2}], "[]") == ([("[0]", {"a": 1}), ("[1]", {"a": 2})], NOTHING)
    assert split({"logs": [{"a": 1}], "x": 2}, "logs[]") == ([("logs[0]", {"a": 1})], {"x": 2})
    assert split({"a": 1}, "[]") == ([("", {"a": 1})], NOTHING)
    assert split({"a": 1}, "logs[]") == ([], {"a": 1})
    assert split("text", "[]") == ([], "text")
    assert isinstance(split(NOTHING, "[]")[1], Missing)


def test_an_event_keeps_the_senders_own_time():
    layout = Layout(name=("name",), time=("time",), schema=("ver",), level=("data.EventInfo.Level",))
    record = {"name": "E", "time": 638400000001234567, "ver": "4.0", "data": {"EventInfo.Level": 2}}
    event = record_event(3, record, (), layout)
    assert (event.index, event.kind, event.name, event.schema, event.level) == (3, "record", "E", "4.0", 2)
    assert event.time_raw == "638400000001234567"
    assert event.time == datetime(2024, 1, 4, 21, 20, 0, 123456, UTC)
    assert record_event(0, {}, (), layout).name == "(no name)"
