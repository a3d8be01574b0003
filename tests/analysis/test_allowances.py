"""Allowed differences: a reason, a day, and nothing that fits by accident."""

import datetime as dt

import pandas as pd
import pytest

from portalscope.analysis.allowances import Allowance, applied, expired, idle, read
from portalscope.analysis.compare import DIFFERENCES

TODAY = dt.date(2026, 11, 24)
GOOD = """
[[allow]]
kind = "event"
subject = "RegisterEp*"
reason = "sampled"
until = 2026-11-24

[[allow]]
subject = "E :: body:[].stack[].file"
reason = "looked at"
until = 2026-11-23
"""


def rows(*subjects: str) -> pd.DataFrame:
    found = [("event", "new", "presence", subject, "", "", "", "a") for subject in subjects]
    return pd.DataFrame(found, columns=DIFFERENCES.names)


def test_read_and_apply(tmp_path):
    (tmp_path / "allow.toml").write_text(GOOD)
    known = read(tmp_path / "allow.toml")
    table = applied(rows("RegisterEpLibraryEnd", "Other", "E :: body:[].stack[].file"), known, TODAY)
    assert table["allowed"].tolist() == ["sampled", "", ""]  # the last day counts, the day after does not
    assert [one.subject for one in expired(known, TODAY)] == ["E :: body:[].stack[].file"]
    assert [str(one) for one in idle(rows("Other"), known[:1])] == [
        "kind event, subject RegisterEp* (until 2026-11-24: sampled)"
    ]


def test_brackets_are_no_pattern():
    one = Allowance(subject="a[].b", reason="r", until=TODAY)
    table = applied(rows("a[].b", "a].b", "ax.b", "a[].bc"), [one], TODAY)
    assert table["allowed"].tolist() == ["r", "", "", ""]


def test_a_kind_that_does_not_fit():
    one = Allowance(subject="*", kind="endpoint", reason="r", until=TODAY)
    assert applied(rows("x"), [one], TODAY)["allowed"].tolist() == [""]


def test_no_differences():
    assert list(applied(rows(), [], TODAY).columns)[-1] == "allowed"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[allow]]\nsubject = "x"\nuntil = 2026-01-01', "reason is missing"),
        ('[[allow]]\nsubject = "x"\nreason = "r"', "until is missing"),
        ('[[allow]]\nsubject = "x"\nreason = "r"\nuntil = "2026-01-01"', "until must be a date"),
        ('[[allow]]\nsubject = "x"\nreason = "r"\nuntil = 2026-01-01T00:00:00', "until must be a date"),
        ('[[allow]]\nsubject = "x"\nreason = "r"\nuntil = 2026-01-01\nforever = true', "forever is not known"),
        ('[[allow]]\nsubject = 1\nreason = "r"\nuntil = 2026-01-01', "subject must be text"),
        ("allow = 3", "must hold"),
        ("[[allow", "allow.toml"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, why):
    (tmp_path / "allow.toml").write_text(text)
    with pytest.raises(ValueError, match=why):
        read(tmp_path / "allow.toml")
