"""Sentences: what is said, in both languages, and what is said of what was not found."""

import pandas as pd
import pytest

from portalscope.analysis import links, telling
from portalscope.analysis.frames import load
from portalscope.analysis.scopes import BIT, EVERY, FACTORS
from portalscope.capture.run import Run
from tests.analysis.run_matrix import write


@pytest.fixture
def frames(tmp_path):
    """Frames of an empty synthetic run in which a UPN was planted."""
    write(tmp_path / "d", Run(id="base", planted={"upn": ("anna@x.example",)}), [])
    return load(tmp_path / "d")


LINK = {
    "identifier": "I2", "property": "sdkUserId", "class": "D2", "recipient": "Microsoft Corporation", "affiliates": False,
    "strength": "direct", "candidate": False, "hops": 1, "target": "I1", "target_property": "upn", "via": "",
    "reasons": "same_event", "run": "base", "exchange": "flows.mitm#41", "values": 1, "linked": 1, "steps": "[]",
}  # fmt: skip


def test_the_sentence_of_a_bearer_token(frames):
    row = {**LINK, "strength": "one_hop", "hops": 2, "via": "accessToken", "reasons": "same_token same_token"}
    assert telling.link(row, frames, "en") == (
        "It is joined to the user principal name at Microsoft Corporation: same bearer token, "
        "exchange flows.mitm#41 of run base."
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "joined to the user principal name at Microsoft Corporation: same event, exchange flows.mitm#41 of run base."),
        ({"strength": "one_hop", "via": "deviceId", "reasons": "same_event same_request"}, "through the device identifier: same event and same request,"),
        ({"strength": "multi_hop", "hops": 3, "via": "deviceId sessionId"}, "in 3 hops, through the device identifier and session ID"),
        ({"strength": "possible", "reasons": "same_address"}, "is possible by same source address only: no finding."),
        ({"strength": "directory"}, "Microsoft Corporation runs the directory that it is a key of."),
        ({"strength": "itself"}, "names a person by itself."),
        ({"candidate": True}, "(candidate: rests on names or looks alone)."),
        ({"affiliates": True, "recipient": "Microsoft"}, "at Microsoft with affiliates:"),
        ({"strength": "none", "target": ""}, "No path to a direct identifier found at Microsoft Corporation, at evidence level E1 to H1 in runs base."),
    ],
)  # fmt: skip
def test_links_in_words(frames, changed, said):
    assert said in telling.link({**LINK, **changed}, frames, "en")
    assert telling.link({**LINK, **changed}, frames, "nl").endswith(".")


def test_the_surest_link_and_how_many_like_it(frames):
    rows = pd.DataFrame(
        [{**LINK, "strength": "possible"}, LINK, {**LINK, "recipient": "Adjust GmbH"}], columns=links.LINKS.names
    )
    text = telling.linked(rows, frames, "en")
    assert "same event" in text
    assert text.endswith("So at 1 more recipients.")
    assert telling.linked(rows.iloc[:0], frames, "en") == ""


def test_what_was_looked_for(frames, tmp_path):
    assert telling.levels(frames, "H1", "en") == "E1 to H1"
    write(tmp_path / "e", Run(id="bare"), [])
    assert telling.levels(load(tmp_path / "e"), "H3", "nl") == "E2 tot en met H3 (E1 niet getest: er was niets geplant)"


@pytest.mark.parametrize(
    ("scopes", "en", "nl"),
    [
        (BIT["device"], "the same for a device, whoever uses it", "gelijk voor een apparaat, wie het ook gebruikt"),
        (BIT["device"] | BIT["user"], "scope: device or user", "reikwijdte: apparaat of gebruiker"),
        (EVERY, "scope anywhere from request to constant", "reikwijdte ergens van verzoek tot constant"),
    ],
)
def test_scopes_in_words(scopes, en, nl):
    assert telling.scope(scopes, contradictory=False, lang="en") == en
    assert telling.scope(scopes, contradictory=False, lang="nl") == nl
    assert "contradict" in telling.scope(scopes, contradictory=True, lang="en")


def test_what_was_not_tested():
    assert telling.untested(["user", "tenant"], "en") == " (not tested: user and tenant)"
    assert telling.untested(["request"], "nl") == " (niet getest: meer verzoeken in één run)"
    assert telling.untested([], "en") == ""


@pytest.mark.parametrize(
    ("name", "possible", "tested", "word"),
    [
        ("serialNumber", EVERY, 0, "hardware"),
        ("advertisingId", BIT["device"], 0, "user"),
        ("clientId", BIT["request"], 0, "request"),
        ("clientId", BIT["session"], 0, "session"),
        ("clientId", BIT["install"], 0, "reinstall"),
        ("clientId", BIT["device"] | BIT["user"], 1 << FACTORS.index("install"), "reinstall_stable"),
        ("clientId", BIT["device"] | BIT["user"], 0, "untested"),
        ("clientId", EVERY, 1 << FACTORS.index("install"), "untested"),
    ],
)
def test_what_makes_it_start_anew(name, possible, tested, word):
    assert telling.reset(name, possible, tested) == word


def test_tables_and_runs_may_disagree():
    assert telling.conflict("deviceId", BIT["session"], "en") == " The tables expect device, the runs show session."
    assert telling.conflict("deviceId", BIT["session"] | BIT["device"], "en") == ""


PLACE = {
    "host": "x.example", "company": "X", "verdict": "device_scoped", "candidate": "device_scoped", "property": "deviceId",
    "identifier": "I1", "requests": 3, "device_scoped": 2, "closed": 0,
}  # fmt: skip


def test_destinations_in_words(frames):
    assert telling.destination(PLACE, frames, "en") == (
        "x.example (X): tied to a device or installation in 2 of 3 requests, because of the device identifier."
    )
    closed = {**PLACE, "requests": 0, "closed": 4}
    assert (
        telling.destination(closed, frames, "nl") == "x.example (X): niet gedecodeerd: 4 verbindingen bleven gesloten."
    )
    nothing = {**PLACE, "verdict": "no_identifier_found", "no_identifier_found": 3, "identifier": ""}
    assert telling.destination(nothing, frames, "en") == (
        "x.example (X): no identifier found at evidence level E1 to H3 in runs base; "
        "with candidates: tied to a device or installation."
    )


def test_every_ground_of_the_judging_has_words():
    from portalscope.analysis import wordings
    from portalscope.decoders.adapters import BECAUSE

    assert {*BECAUSE} <= {*wordings.of("because")}
