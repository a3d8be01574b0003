"""What differs between two runs, from what run.toml says."""

import json

import pandas as pd
import pytest

from portalscope.analysis.arms import Pair, closure, pairs, strange


def runs(*said):
    """The runs table, of (run id, words)."""
    rows = []
    for name, words in said:
        settings = {key: words.pop(key) for key in ("arm", "install", "session") if key in words}
        empty = dict.fromkeys(("app", "app_version", "platform", "device", "account", "tenant"), "")
        rows.append({"run": name, **empty, **words, "settings": json.dumps(settings)})
    return pd.DataFrame(rows)


def pair(*said):
    (only,) = pairs(runs(*said))
    return only


@pytest.mark.parametrize(
    ("arm", "changed", "maybe"),
    [
        ("repeat", set(), {"session"}),
        ("toggle_off", set(), {"session"}),
        ("idle", set(), {"session"}),
        ("session", {"session"}, set()),
        ("reinstall", {"install", "session"}, set()),
        ("device", {"device", "install", "session"}, set()),
        ("user", {"user", "session"}, set()),
        ("tenant", {"tenant", "user", "session"}, set()),
    ],
)
def test_an_arm_says_what_changed_and_what_that_takes_along(arm, changed, maybe):
    found = pair(("a", {"arm": "base"}), ("b", {"arm": arm}))
    assert (found.changed, found.maybe) == (changed, maybe)


def test_the_base_run_need_not_come_first():
    assert pair(("a", {"arm": "device"}), ("b", {"arm": "base"})) == Pair(
        base=1, run=0, changed=closure(["device"]), maybe=frozenset()
    )


def test_words_that_differ_are_a_change_whatever_the_arm_says():
    found = pair(("a", {"arm": "base", "device": "one"}), ("b", {"arm": "user", "device": "two"}))
    assert found.changed == {"device", "install", "session", "user"}


def test_without_an_arm_only_what_is_named_alike_is_the_same():
    found = pair(("a", {"device": "phone", "account": "anna"}), ("b", {"device": "phone", "account": "bram"}))
    assert found.changed == {"user", "session"}
    assert found.maybe == {"install", "tenant"}


def test_masked_words_that_look_alike_may_be_different():
    found = pair(("a", {"account": "{email}"}), ("b", {"account": "{email}"}))
    assert "user" in found.maybe


def test_installation_and_session_can_be_named():
    same = {"device": "d", "account": "u", "tenant": "t", "session": "1"}
    found = pair(("a", {**same, "install": "1"}), ("b", {**same, "install": "2"}))
    assert (found.changed, found.maybe) == ({"install", "session"}, frozenset())


def test_a_new_version_may_be_a_new_installation():
    found = pair(("a", {"arm": "base", "app_version": "1"}), ("b", {"arm": "user", "app_version": "2"}))
    assert (found.changed, found.maybe) == ({"user", "session"}, {"install"})


def test_two_runs_of_one_arm_may_be_of_the_same_other_device():
    found = pair(("a", {"arm": "device"}), ("b", {"arm": "device"}))
    assert (found.changed, found.maybe) == (frozenset(), {"device", "install", "session"})


def test_other_apps_and_platforms_are_not_compared():
    assert not pairs(runs(("a", {"app": "x"}), ("b", {"app": "y"})))
    assert not pairs(runs(("a", {"platform": "iOS"}), ("b", {"platform": "Android"})))


def test_of_several_base_runs_the_one_with_the_same_device_is_taken():
    found = pairs(
        runs(
            ("a", {"arm": "base", "device": "one"}),
            ("b", {"arm": "base", "device": "two"}),
            ("c", {"arm": "user", "device": "two"}),
        )
    )
    assert [(one.base, one.run) for one in found] == [(0, 1), (1, 2)]
    assert found[1].changed == {"user", "session"}


def test_an_arm_that_is_none_is_said_and_ignored():
    table = runs(("a", {"arm": "base"}), ("b", {"arm": "other-phone"}))
    assert "'other-phone' is not an arm" in next(strange(table))
    (found,) = pairs(table)
    assert found.maybe == {"session", "install", "device", "user", "tenant"}
