"""Scopes against synthetic run matrices whose answers are known before they are asked for."""

from itertools import combinations

import pytest

from portalscope.analysis import arms, scopes
from portalscope.analysis.frames import load
from portalscope.analysis.occurrences import occurrences
from portalscope.capture.run import Run
from tests.analysis.run_matrix import GUESS, NINE, SIX, STATE, Request, leaves, matrix, value, write

FACTOR = {"session": "session", "reinstall": "install", "device": "device", "user": "user", "tenant": "tenant"}


def possible(dataset, runs=None):
    """For each field: the scopes that are possible, and what was not tested."""
    frames = load(dataset, runs)
    found = occurrences(frames)
    lines = scopes.series(found, arms.pairs(frames.runs))
    names = found.kinds["part"] + ":" + found.kinds["shape"]
    return {
        names[kind]: (scopes.names(int(mask)), scopes.untested(int(mask), int(tested)))
        for kind, mask, tested in zip(lines.kind, lines.possible, lines.tested, strict=True)
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """All arms of the synthetic matrix."""
    path = tmp_path_factory.mktemp("matrix") / "dataset"
    matrix(path, STATE)
    return path


def test_all_six_runs_give_nine_of_nine(whole):
    assert possible(whole, SIX) == {field: ((scope,), ()) for field, scope in NINE.items()}


def test_noise_runs_do_not_spoil_it(whole):
    assert possible(whole, STATE) == {field: ((scope,), ()) for field, scope in NINE.items()}


SUBSETS = [("base", *some) for size in range(6) for some in combinations(SIX[1:], size)]


@pytest.mark.parametrize("some", SUBSETS, ids="-".join)
def test_the_truth_is_never_outside_the_interval(whole, some):
    for field, (found, _) in possible(whole, some).items():
        assert NINE[field] in found


@pytest.mark.parametrize("left_out", SIX[2:])
def test_a_missing_arm_widens_and_is_named(whole, left_out):
    found = possible(whole, [arm for arm in SIX if arm != left_out])
    wide = {field: (names, missing) for field, (names, missing) in found.items() if len(names) > 1}
    assert all(NINE[field] in names for field, (names, _) in wide.items())
    assert wide, "an arm that changes nothing is no arm"
    assert {missing for _, missing in wide.values()} == {(FACTOR[left_out],)}
    assert all(found[field][0] == (NINE[field],) for field in found if field not in wide)


def test_what_each_missing_arm_hides(whole):
    """The session arm is not needed beside the others: a new user and a new installation begin a session too."""
    hidden = {
        arm: {field: names for field, (names, _) in possible(whole, [a for a in SIX if a != arm]).items() if len(names) > 1}
        for arm in SIX[1:]
    }  # fmt: skip
    assert hidden["session"] == {}
    assert hidden["user"] == {
        "body:objectId": ("user", "tenant"),
        "body:sdkUserId": ("user", "tenant"),
        "body:tenantId": ("user", "tenant"),
    }


def test_one_run_says_little_and_says_so(whole):
    found = possible(whole, ["base"])
    assert found["body:requestId"] == (("request",), ())
    stable = scopes.SCOPES[1:]
    assert found["body:sessionId"] == (stable, ("session", "install", "device", "user", "tenant"))
    assert found["body:appId"][0] == stable


def test_device_or_user(tmp_path):
    """Golden verdict (l): the user arm is missing, and the other device is used by another user: nobody can tell."""
    fields = {"body:id": "device"}
    other = {**STATE["device"], "user": 1}
    for name, arm, state in (("a", "base", STATE["base"]), ("b", "reinstall", STATE["reinstall"]), ("c", "", other)):
        words = "second" if name == "c" else "first"
        run = Run(id=name, device=words, account=words, tenant="t", settings={"arm": arm} if arm else {})
        write(tmp_path / "d", run, [Request(path=f"/{n}", records=[leaves(fields, state, n)]) for n in range(3)])
    assert possible(tmp_path / "d")["body:id"] == (("user+device", "device", "user"), ("device", "user", "tenant"))


def test_without_arms_unnamed_factors_may_have_changed(tmp_path):
    fields = {"body:id": "install"}
    for name, state in (("a", STATE["base"]), ("b", STATE["reinstall"])):
        run = Run(id=name, app="synthetic", device="phone")
        write(tmp_path / "d", run, [Request(path=f"/{n}", records=[leaves(fields, state, n)]) for n in range(3)])
    assert possible(tmp_path / "d")["body:id"][0] == ("session", "install", "user+device", "user", "tenant")


def test_a_value_that_stays_while_the_device_differs_is_no_device_id(tmp_path):
    fields = {"body:id": "user"}
    for name, state in (("a", STATE["base"]), ("b", STATE["device"])):
        run = Run(id=name, app="synthetic", device=name)
        write(tmp_path / "d", run, [Request(path=f"/{n}", records=[leaves(fields, state, n)]) for n in range(3)])
    assert possible(tmp_path / "d")["body:id"][0] == ("user", "tenant", "constant")


def test_two_requests_are_not_enough_for_request_scope(tmp_path):
    records = [{"body:id": (value("x", n), GUESS)} for n in range(2)]
    write(tmp_path / "d", Run(id="a"), [Request(path=f"/{n}", records=[one]) for n, one in enumerate(records)])
    assert possible(tmp_path / "d")["body:id"][0] == scopes.SCOPES


def test_a_retry_does_not_make_a_request_id_last(tmp_path):
    """Twice the same value at the same address may be one request, sent again."""
    again = [Request(path="/same", records=[{"body:id": (value("x"), GUESS)}]) for _ in range(2)]
    write(tmp_path / "d", Run(id="a"), again)
    assert "request" in possible(tmp_path / "d")["body:id"][0]


def test_a_list_of_identifiers_is_not_new_with_every_request(tmp_path):
    listed = {f"body:ids[{n}]": (value("x", n), GUESS) for n in range(4)}
    write(tmp_path / "d", Run(id="a"), [Request(path=f"/{n}", records=[listed]) for n in range(3)])
    assert possible(tmp_path / "d")["body:ids[]"][0] == scopes.SCOPES


def test_two_apps_with_one_sdk_are_two_series(tmp_path):
    """Each app has its own product key; without it their two installation IDs would look like one that changes."""
    from tests.analysis.run_matrix import Said

    key = Said(is_="productKey", code="N1", level="E5", because="source code")
    requests = [
        Request(path=f"/{n}", records=[{"body:iKey": (f"app-{app}-key", key), "body:id": (value("install", app), GUESS)}])
        for n in range(3)
        for app in range(3)
    ]  # fmt: skip
    write(tmp_path / "d", Run(id="a"), requests)
    assert possible(tmp_path / "d")["body:id"][0] == scopes.SCOPES[1:]


def test_contradictions_are_said(tmp_path):
    """The same in one request after another in one run, another one each time in the next: no scope does that."""
    write(
        tmp_path / "d",
        Run(id="a"),
        [Request(path=f"/{n}", records=[{"body:id": (value("x"), GUESS)}]) for n in range(3)],
    )
    write(
        tmp_path / "d",
        Run(id="b"),
        [Request(path=f"/{n}", records=[{"body:id": (value("y", n), GUESS)}]) for n in range(3)],
    )
    frames = load(tmp_path / "d")
    lines = scopes.series(occurrences(frames), arms.pairs(frames.runs))
    assert lines.contradictory.tolist() == [True]
    assert scopes.names(int(lines.possible[0])) == scopes.SCOPES


def test_interval_is_narrow_to_wide():
    assert scopes.interval(scopes.BIT["session"] | scopes.BIT["tenant"]) == ("session", "tenant")
