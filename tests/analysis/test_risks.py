"""The five pages: complete, with evidence that can be looked up, in words that claim no more than was seen."""

import json

import pytest

from portalscope.analysis import coverage
from portalscope.analysis.claims import own
from portalscope.analysis.risks import pages, table, text
from portalscope.analysis.tables import TABLES
from tests.analysis.recorded import KEY, real, truth

PARTS = [
    "id",
    "title",
    "circumstance",
    "question",
    "tested",
    "recordings",
    "verdict",
    "says",
    "seen",
    "numbers",
    "evidence",
    "not_seen",
    "needs",
    "tables",
    "claims",
    "completeness",
]


@pytest.fixture(scope="module")
def found():
    return {page["id"]: page for page in pages(real("old-1", "off", "clients-old"), KEY)}


def test_five_pages_with_every_part(found):
    assert list(found) == ["R1", "R2", "R3", "R4", "R5"]
    assert all(list(page) == PARTS for page in found.values())
    assert json.loads(json.dumps(list(found.values()))) == list(found.values())


def test_verdicts(found):
    """No recordings of both owners; behaviour, identifiers and undocumented fields in the samples; no place is known."""
    assert [page["verdict"] for page in found.values()] == ["not testable", "seen", "seen", "seen", "indications"]
    assert found["R1"]["needs"] == ["two recordings of the same device, ownership = personal and ownership = corporate"]


def test_evidence_can_be_looked_up(found):
    exchanges = set(real("old-1", "off", "clients-old").exchanges["exchange"])
    lines = [line for page in found.values() for line in page["evidence"]]
    assert lines
    assert {line["exchange"] for line in lines} <= exchanges
    assert all(len(page["evidence"]) <= 10 for page in found.values())
    assert {"run", "exchange", "host", "field", "is"} == set(lines[0])


def test_what_could_not_be_seen_is_on_every_page(found):
    blind = table()["risk"]
    for name, page in found.items():
        assert set(blind[name]["blind"]) <= set(page["not_seen"])
        assert page["completeness"] == coverage.line(real("old-1", "off", "clients-old"))


def test_references_exist():
    for risk in table()["risk"].values():
        assert set(risk["tables"]) <= set(TABLES)
        assert set(risk["claims"]) <= set(own().claims)


def test_no_values_and_no_verdicts_that_nobody_can_give(found):
    said = json.dumps(list(found.values()), ensure_ascii=False).lower()
    assert not [word for word in ("anonym", "not personal data", "no transfer", "unlawful", "complies") if word in said]
    values = [v for _, v in truth("sample_reg_v1")["honey_sent"] if len(v) > 5]
    assert not [value for value in values if value.lower() in said]


def test_a_page_as_text(found):
    page = text(found["R5"])
    assert page.startswith("R5 Transfer of personal diagnostic data")
    assert "INDICATIONS: part of what the risk rests on was seen in these recordings. No legal assessment." in page
    assert "Evidence\n  - " in page
    assert "remote access to servers in Europe" in page


def test_a_recording_without_traffic_says_nothing():
    every = pages(real("off"), KEY)
    assert {page["verdict"] for page in every} == {"not testable"}
    assert all(page["needs"] and not page["evidence"] for page in every)
