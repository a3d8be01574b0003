"""A vendor's answer beside what was captured. The answers are synthetic; the captured events are a real client's."""

from datetime import timedelta

import pytest

from portalscope.analysis.access_export import Exported
from portalscope.analysis.access_request import (
    BOTH,
    COMPARISON,
    NOT_SEEN,
    NOTHING,
    OUTSIDE,
    SENT,
    captured,
    comparison,
    counts,
    digests,
)
from portalscope.capture.run import Run
from tests.analysis.recorded import KEY, START, event, real, synthetic, upload


def said(name, seconds=0.0, *identifiers, row=0):
    """An event of an answer, some seconds after the synthetic recording began."""
    return Exported(row=row, name=name, time=START + timedelta(seconds=seconds), identifiers=identifiers)


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Synthetic: A of one device, A of another a second later, B."""
    events = [event("A", device={"localId": "d:1"}), event("A", device={"localId": "d:2"}), event("B")]
    return synthetic(tmp_path_factory.mktemp("three") / "d", a=(Run(id="a"), [upload(0, "a", events)]))


def statuses(table):
    return [(row.status, row.name, row.matched_by) for row in table.itertuples()]


def test_without_an_answer_every_event_waits_for_one():
    """32 records, as in the sample's expected.json."""
    table = comparison(real("old-1"))
    assert counts(table) == {NOTHING: 32}
    assert list(table.columns) == COMPARISON.names


def test_half_of_a_real_clients_events():
    """Every second event is answered for, half a second late, under other capitals; the anti-join is the other half."""
    events = captured(real("old-1"))
    late = timedelta(seconds=0.5)
    answer = [Exported(row=n, name=e.name.upper(), time=e.time + late) for n, e in enumerate(events) if n % 2 == 0]
    table = comparison(real("old-1"), answer, KEY)
    assert counts(table) == {SENT: 16, BOTH: 16}
    assert table["status"].tolist() == [SENT] * 16 + [BOTH] * 16  # what was sent and is missing comes first
    assert "hosts opened" in table.attrs["completeness"]


def test_identifiers_decide_between_events_of_one_name(three):
    table = comparison(three, [said("A", 0, "D:2".lower())], KEY)
    both = table[table["status"] == BOTH].iloc[0]
    assert (both["event"], both["matched_by"], both["identifiers"], both["seconds"]) == (
        2,
        "name, time, identifier",
        1,
        -1,
    )


def test_without_the_key_time_decides(three):
    table = comparison(three, [said("A", 0, "d:2")])
    both = table[table["status"] == BOTH].iloc[0]
    assert (both["event"], both["matched_by"]) == (1, "name, time")


def test_the_window(three):
    late = [said("B", 62.5)]
    assert counts(comparison(three, late, KEY))[SENT] == 3  # B was sent in second 2; 60 seconds is the window
    assert counts(comparison(three, late, KEY, timedelta(seconds=61)))[BOTH] == 1


def test_an_answer_without_times(three):
    table = comparison(three, [Exported(row=0, name="b", time=None)], KEY)
    assert statuses(table)[-1] == (BOTH, "B", "name")


def test_what_the_answer_holds_besides(three):
    """An event that nobody saw in the recording's own time is a finding; one of another day is none."""
    table = comparison(three, [said("C", 30), said("D", 86_400, row=1)], KEY)
    assert counts(table) == {SENT: 3, NOT_SEEN: 1, OUTSIDE: 1}
    assert table[table["status"] == OUTSIDE]["row"].tolist() == [1]


def test_every_event_is_taken_once(three):
    table = comparison(three, [said("A", 0), said("A", 0.1, row=1), said("A", 0.2, row=2)], KEY)
    assert counts(table) == {SENT: 1, NOT_SEEN: 1, BOTH: 2}


def test_a_strangers_name_is_masked(three):
    table = comparison(three, [said("opened by anna@contoso.example")], KEY)
    assert table[table["status"] == NOT_SEEN]["name"].tolist() == ["opened by {email}"]


def test_an_event_that_was_attempted_and_not_delivered(tmp_path):
    lost = upload(0, "a", [event("A")], status=None, error="no route")
    frames = synthetic(tmp_path / "d", a=(Run(id="a"), [lost]))
    assert comparison(frames, [], KEY)["delivered"].tolist() == [False]


def test_digests_are_those_of_the_dataset(three):
    (one,) = digests(["d:1"], KEY) & captured(three)[0].hashes
    assert len(one) == 16
    assert digests(["d:1"], None) == frozenset()


def test_very_many_events_of_one_name(tmp_path):
    frames = synthetic(tmp_path / "d", a=(Run(id="a"), [upload(0, "a", [event("A")] * 500)]))
    answer = [said("A", n, row=n) for n in range(500)]
    assert counts(comparison(frames, answer, KEY)) == {BOTH: 500}
