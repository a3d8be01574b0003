"""Which fields are one identifier, and what they are on all grounds together. Synthetic runs."""

import pytest

from portalscope.analysis.frames import load
from portalscope.analysis.identify import graphed
from portalscope.analysis.scopes import names
from portalscope.capture.run import Run
from tests.analysis.run_matrix import GRAPH, GUESS, NINE, SIX, Request, Said, matrix, value, write

A, B = value("a"), value("b")
DEVICE = Said(is_="deviceId", code="D3", level="E5", because="source code")
UPN_TEXT = "anna@contoso-honey.example"


@pytest.fixture
def known(tmp_path):
    """Write requests as one run; return the graph."""

    def known(*requests, **about):
        write(tmp_path / "d", Run(id="a", **about), requests)
        return graphed(load(tmp_path / "d")).known

    return known


def said(table):
    columns = ["property", "class", "candidate", "evidence_level", "because"]
    return [tuple(row) for row in table[columns].itertuples(index=False)]


def test_fields_that_share_a_value_are_one_identifier(known):
    table = known(
        Request(records=[{"body:id": (A, DEVICE), "body:device": (A, DEVICE), "body:other": (B, DEVICE)}])
    ).table
    assert table["key"].tolist() == ["I1", "I2"]


def test_forms_of_a_planted_value_are_one_identifier(known):
    plain = Said(is_="upn", code="D1", level="E1", planted="upn, plain")
    packed = Said(is_="upn", code="D1", level="E1", planted="upn, base64 > plain")
    assert len(known(Request(records=[{"body:u": (UPN_TEXT, plain), "body:b": ("YW5uYQ==", packed)}])).table) == 1


def test_a_guess_about_a_known_value_is_no_guess(known):
    one = known(Request(records=[{"body:id": (A, DEVICE)}]), Request(host=GRAPH, records=[{"body:x": (A, GUESS)}]))
    assert said(one.table) == [("deviceId", "D3", False, "E5", "source code")]
    assert one.table["levels"].tolist() == ["E5 E6 H2"]
    assert one.firm.all()


def test_a_guess_about_a_known_thing_is_dropped(known):
    app = Said(is_="appId", code="N1", level="E3", because="documented")
    assert known(Request(records=[{"body:app": (A, app), "body:x": (A, GUESS)}])).table.empty


def test_a_known_value_says_nothing_of_another_one_in_the_same_field(known):
    planted = Said(is_="upn", code="D1", level="E1", planted="upn, plain")
    look = Said(is_="emailAddress", code="D1", level="H2")
    one = known(
        Request(records=[{"body:user": (UPN_TEXT, planted)}]),
        Request(records=[{"body:user": ("bram@x.example", look)}]),
    )
    assert one.firm.tolist() == [True, False]


def test_an_experiment_says_what_a_guess_is(tmp_path):
    matrix(tmp_path / "d", SIX)
    whole = graphed(load(tmp_path / "d"))
    field = whole.found.kinds["shape"].to_numpy()[whole.found.rows["kind"].to_numpy()]
    table = whole.known.table
    found = {field[n]: table.iloc[whole.known.of_row[n]] for n in range(len(field))}
    firm = {name: (row["class"], row["candidate"], row["evidence_level"]) for name, row in found.items()}
    assert firm == {
        "requestId": ("D5", False, "E5"),
        "sessionId": ("D4", False, "E5"),
        "installId": ("D3", False, "E5"),
        "profileId": ("D2", False, "E5"),
        "hardwareId": ("D3", False, "E5"),
        "objectId": ("D2", False, "E5"),
        "sdkUserId": ("D2", False, "E5"),
        "tenantId": ("D3", True, "H2"),
        "appId": ("D3", True, "H2"),
    }
    assert {f"body:{name}": names(row["possible"]) for name, row in found.items()} == {
        field: (scope,) for field, scope in NINE.items()
    }


def test_one_run_is_no_experiment(known):
    requests = [Request(path=f"/{n}", records=[{"body:rid": (value("r", n), GUESS)}]) for n in range(4)]
    assert said(known(*requests).table) == [("otherIdentifiers", "D5", True, "H2", "value shape")]


def test_runs_of_which_nothing_is_said_are_no_experiment(tmp_path):
    for name in ("a", "b"):
        requests = [
            Request(path=f"/{n}", records=[{"body:id": (A, DEVICE), "body:x": (value(name), GUESS)}]) for n in range(3)
        ]
        write(tmp_path / "d", Run(id=name), requests)
    table = graphed(load(tmp_path / "d")).known.table
    assert table["levels"].tolist() == ["E5", "H2"]
    assert table["candidate"].tolist() == [False, True]


def test_a_guessed_name_stays_a_guess_whatever_the_runs_show(tmp_path):
    look = Said(is_="emailAddress", code="D1", level="H2")
    for arm, text in (("base", "anna@x.example"), ("user", "bram@x.example"), ("device", "anna@x.example")):
        requests = [Request(path=f"/{n}", records=[{"body:mail": (text, look)}]) for n in range(3)]
        write(tmp_path / "d", Run(id=arm, settings={"arm": arm}), requests)
    table = graphed(load(tmp_path / "d")).known.table
    assert said(table) == [("emailAddress", "D1", True, "H2", "value shape")]


def test_names_come_before_things_and_guesses_last(known):
    name = Said(is_="upn", code="D1", level="E1", planted="upn, plain")
    leaves = {"body:x": (B, GUESS), "body:id": (A, DEVICE), "body:u": (UPN_TEXT, name)}
    assert known(Request(records=[leaves])).table["property"].tolist() == ["upn", "deviceId", "otherIdentifiers"]
