"""What is a node, what a recipient saw, and how sure the ways are. Synthetic runs."""

import pytest

from portalscope.analysis import joins
from portalscope.analysis.frames import load
from portalscope.analysis.identify import graphed
from portalscope.analysis.joins import FIRM, GUESS, NONE, POSSIBLE
from portalscope.capture.run import Run
from tests.analysis.run_matrix import GRAPH, THIRD, UPN, Request, Said, value, write

A, B = value("a"), value("b")
NAME = ("anna@contoso-honey.example", UPN)
DEVICE = Said(is_="deviceId", code="D3", level="E5", because="source code")
LOOK = Said(is_="emailAddress", code="D1", level="H2")
ADDRESS = Said(is_="publicIp", code="L1", level="E5", because="source code")


@pytest.fixture
def whole(tmp_path):
    """Write requests as one run; return the graph."""

    def whole(*requests, **about):
        write(tmp_path / "d", Run(id="a", **about), requests)
        return graphed(load(tmp_path / "d"))

    return whole


def sures(one, recipient=0):
    """How sure the way of each value is, by property."""
    seen = one.recipients[recipient]
    names = one.known.table["property"].to_numpy()[one.points.identifier[seen.values]]
    return dict(zip(names, seen.sure.tolist(), strict=True))


def test_firm_before_guess_before_address(whole):
    firm = whole(Request(records=[{"body:id": (A, DEVICE), "body:u": NAME}]))
    assert sures(firm) == {"deviceId": FIRM, "upn": FIRM}
    guess = whole(Request(records=[{"body:id": (A, DEVICE), "body:m": ("x@y.example", LOOK)}]))
    assert sures(guess) == {"deviceId": GUESS, "emailAddress": GUESS}
    apart = whole(Request(records=[{"body:id": (A, DEVICE)}]), Request(records=[{"body:u": NAME}]))
    assert sures(apart) == {"deviceId": POSSIBLE, "upn": FIRM}
    assert sures(whole(Request(records=[{"body:id": (A, DEVICE)}]))) == {"deviceId": NONE}


def test_an_address_is_no_firm_station(whole):
    ip = ("203.0.113.7", ADDRESS)
    found = whole(
        Request(records=[{"body:id": (A, DEVICE), "body:ip": ip}]), Request(records=[{"body:ip": ip, "body:u": NAME}])
    )
    assert sures(found)["deviceId"] == POSSIBLE


def test_each_recipient_has_its_own_view(whole):
    found = whole(
        Request(records=[{"body:id": (A, DEVICE), "body:u": NAME}]),
        Request(host=THIRD, records=[{"body:id": (A, DEVICE)}]),
    )
    assert [sures(found, n).get("deviceId") for n in range(2)] == [FIRM, NONE]
    by_recipient = joins.attributed(list(found.recipients), len(found.found.values))
    assert sorted(by_recipient) == [0, 1]
    assert by_recipient[1].tolist() == [NONE, NONE]


def test_a_name_is_direct_however_it_is_spelt(whole):
    found = whole(Request(records=[{"body:u": NAME}, {"body:m": ("x@y.example", LOOK)}]))
    assert found.points.direct.tolist() == [True, False]
    assert found.points.guessed.tolist() == [False, True]


def test_forms_of_one_planted_value(whole):
    digest = Said(is_="reproducibleHash", code="D2", level="E1", planted="upn, sha256 hex")
    found = whole(
        Request(records=[{"body:u": NAME}]), Request(host=GRAPH, records=[{"body:h": (A, digest), "body:t": NAME}])
    )
    forms = joins.planted_forms(found.found)
    assert forms["form"].tolist() == ["plain", "sha256 hex"]
    assert forms["plant"].nunique() == 1
    assert next(joins.whole(found.found.kinds["grounds"][0])) == ("upn", "plain")
