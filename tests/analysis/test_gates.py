"""Gates on differences."""

import pandas as pd
import pytest

from portalscope.analysis import labels
from portalscope.analysis.compare import DIFFERENCES
from portalscope.analysis.gates import GATES, failing

ROWS = pd.DataFrame(
    [
        ("endpoint", "new", "presence", "eu-mobile.events.data.microsoft.com", "", "1 request", "", ""),
        ("field", "gone", "presence", "E :: body:[].data.x", "", "", "pseudonymous", "a"),
        ("property", "new", "presence", "upn", "", "", "personal", ""),
        ("category", "new", "presence", "personal in the United States", "", "", "personal", ""),
        ("category", "new", "presence", "secret outside EEA and United States", "", "", "secret", ""),
        ("property", "changed", "destination", "deviceId", "NL", "US", "pseudonymous", ""),
    ],
    columns=DIFFERENCES.names,
)


@pytest.mark.parametrize(
    ("gate", "count"),
    [
        ("any", 6),
        ("new-endpoint", 1),
        ("new-event", 0),
        ("new-field", 0),
        ("new-personal", 2),
        ("new-pseudonymous", 0),
        ("new-secret", 1),
        ("new-us", 1),
        ("changed-destination", 1),
    ],
)
def test_what_a_gate_counts(gate, count):
    assert failing(ROWS, [gate]) == ([f"{gate} ({count})"] if count else [])


@pytest.mark.parametrize(
    ("country", "location", "hit"),
    [
        ("US", "US proven", True),
        ("US", "US likely", True),
        ("", "US likely", True),
        ("IN", "other proven", False),
        ("", "other likely", False),
        ("UM", "other likely", False),
        ("", "undetermined (anycast)", False),
    ],
)
def test_only_the_united_states_are_the_united_states(country, location, hit):
    subject = f"personal {labels.in_place(country, location)}"
    rows = pd.DataFrame([("category", "new", "presence", subject, "", "", "personal", "")], columns=DIFFERENCES.names)
    assert bool(failing(rows, ["new-us"])) is hit


def test_no_differences_hit_no_gate():
    assert failing(ROWS[:0], list(GATES)) == []


def test_a_gate_that_does_not_exist_is_said():
    with pytest.raises(ValueError, match="no gate new-thing; there are any"):
        failing(ROWS, ["any", "new-thing"])
