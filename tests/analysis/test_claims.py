"""Claims as data: ours are complete, a researcher's are checked."""

import pytest

from portalscope.analysis.claims import DATA, EXPECTATIONS, load, own, read
from portalscope.analysis.labels import vocabulary

MINE = """
[source.mine]
title = "A page of mine"
url = "https://me.example"

[[claim]]
id = "ME-1"
text = "no serial numbers"
source = "mine"
dated = "2026-01-01"
within = { kind = ["record"] }
leaves = { property = ["serialNumber"] }
expect = "none"
"""


def test_the_claims_of_the_assessment_are_there():
    assert list(own().claims) == [
        "CP-1", "CP-2", "CP-3", "CP-4", "CP-5", "CP-6", "CP-7", "WIN-1", "WIN-2-basic", "WIN-2-enhanced", "OFF-1",
        "DSR-1", "EUDB-1",
    ]  # fmt: skip


@pytest.mark.parametrize("claim", own().claims.values(), ids=lambda claim: claim.id)
def test_every_claim_names_what_is_known(claim):
    known = own()
    assert claim.text
    assert claim.expect in EXPECTATIONS
    assert all(source in known.sources for source in (claim.source, *claim.also))
    named = (*claim.planted, *claim.allowed, *claim.mention, *claim.leaves.get("property", ()))
    assert [name for name in named if name not in vocabulary().properties] == []
    assert [code for code in claim.leaves.get("class", ()) if code not in vocabulary().classes] == []


def test_every_source_has_an_address_and_a_date():
    assert all(s["url"].startswith("https://") and s["dated"] and s["read"] for s in own().sources.values())


def test_a_researchers_claims_come_after_ours(tmp_path):
    (tmp_path / "mine.toml").write_text(MINE)
    known = load(tmp_path / "mine.toml")
    assert list(known.claims)[-1] == "ME-1"
    assert known.cited(known.claims["ME-1"]) == "A page of mine"
    assert known.citation("a letter of 2026") == ("a letter of 2026", "")


def test_an_id_that_is_taken(tmp_path):
    (tmp_path / "mine.toml").write_text(MINE.replace("ME-1", "CP-1"))
    with pytest.raises(ValueError, match="CP-1: there is a claim of that id already"):
        load(tmp_path / "mine.toml")
    (tmp_path / "mine.toml").write_text(MINE + MINE.partition("[[claim]]")[1] + MINE.partition("[[claim]]")[2])
    with pytest.raises(ValueError, match="ME-1: stands twice"):
        load(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('expect = "none"', 'expect = "never"', "expect must be one of none, some"),
        ('expect = "none"', 'expect = "only"', "allowed is missing"),
        ('expect = "none"', 'expect = "kilobytes"', "between = "),
        ('text = "no serial numbers"', "", "text is missing"),
        ("leaves =", "leafs =", "leafs is not known"),
        ("property =", "properties =", "leaves.properties is not one of kind, host"),
        ('kind = ["record"]', 'kind = "record"', "within must be a table of lists"),
        ('expect = "none"', 'expect = "none"\napp = "solitaire"', "app solitaire is not in apps.toml"),
        ('expect = "none"', 'expect = "none"\nhours = "long"', "hours must be a number"),
        ('expect = "none"', 'expect = "none"\nwhole = 1', "whole must be true or false"),
        ('expect = "none"', 'expect = "none"\nplanted = [1]', "planted must be a list of texts"),
        ("[[claim]]", "[claim]", "must hold"),
        ("[[claim]]", "[[claim", "mine.toml"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, old, new, why):
    (tmp_path / "mine.toml").write_text(MINE.replace(old, new))
    with pytest.raises(ValueError, match=why):
        read(tmp_path / "mine.toml")


def test_quotations_are_short():
    assert all(len(claim.text) < 260 for claim in own().claims.values())
    assert DATA.stat().st_size < 20_000
