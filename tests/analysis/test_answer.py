"""The sentence: who got what where, in words that promise nothing."""

from pathlib import Path

import pytest

from portalscope.analysis import frames
from portalscope.analysis.answer import answer, sentence


def test_the_sentence_of_one_run(dataset: Path) -> None:
    what = "personal data (user principal name), pseudonymous data (device identifier) and behaviour beside them (event name)"
    assert sentence(frames.load(dataset, ["b"])) == (
        f"In the run b, {what} went to Microsoft Corporation in the Netherlands "
        "(1 host; proven, by host name and address in a published list); "
        "secrets (access token) went to Microsoft Corporation in the Netherlands "
        "(1 host; proven, by host name and address in a published list); what went to 1 host could not be read."
    )


def test_what_never_arrived_is_an_attempt_and_the_united_states_come_first(dataset: Path) -> None:
    first = answer(frames.load(dataset, ["a"])).clauses[0]
    assert [str(party) for party in first.parties] == [
        "Microsoft Corporation in the United States (1 host; likely, by address in a published list)",
        "Microsoft Corporation at a place that is not known (1 host; attempted, never answered)",
    ]


def test_secrets_are_mentioned_apart(dataset: Path) -> None:
    clauses = answer(frames.load(dataset)).clauses
    assert [clause.things.split(" (")[0] for clause in clauses[:2]] == ["personal data", "secrets"]


@pytest.mark.parametrize("runs", [["a"], ["b"], ["a", "b"]])
def test_it_promises_nothing(dataset: Path, runs: list[str]) -> None:
    text = sentence(frames.load(dataset, runs)).lower()
    assert not [word for word in ("anonym", "no transfer", "not personal", "nothing was sent") if word in text]


def test_nothing_recognised_is_not_nothing_sent(tmp_path: Path, write_run) -> None:
    write_run(tmp_path / "d", "a", [])
    assert sentence(frames.load(tmp_path / "d")) == (
        "In the run a, no personal or pseudonymous data of a kind known to portalscope were recognised; "
        "what went to 1 host could not be read."
    )
