"""The words of the identity analysis: all lists whole, in both languages, and nothing in them that promises too much."""

import re
import string

import pytest

from portalscope.analysis import labels, wordings
from portalscope.decoders import knowledge

LABELLED = ("verdict", "factor", "scope", "strength", "reason", "reset", "because")


@pytest.mark.parametrize("section", LABELLED)
def test_every_word_has_both_languages(section):
    for word in wordings.of(section):
        for lang in wordings.LANGUAGES:
            assert wordings.label(section, word, lang)


def test_verdicts_are_the_seven():
    assert {*wordings.of("verdict")} == {
        "identified", "pseudonymous_attributable", "pseudonymous_unattributed", "device_scoped",
        "session_linkable", "no_identifier_found", "undecoded",
    }  # fmt: skip
    assert len({about["rank"] for about in wordings.of("verdict").values()}) == 7


def test_scopes_are_those_of_the_vocabulary():
    from portalscope.decoders.properties import SCOPES

    assert {*wordings.of("scope")} == SCOPES
    levels = [about["level"] for about in wordings.of("scope").values()]
    assert levels == sorted(levels)


def test_arms_and_scopes_name_factors_that_are_there():
    factors = {*wordings.of("factor")}
    for arm in wordings.of("arm").values():
        assert {*arm["changes"], *arm["maybe"]} <= factors
    for scope in wordings.of("scope").values():
        assert {*scope["depends"]} <= factors | {"request"}
    for factor in wordings.of("factor").values():
        assert {*factor["implies"]} <= factors


def test_properties_and_sources_exist():
    known, sources = labels.vocabulary().properties, knowledge.load().sources
    joining, nature = wordings.lists()["joining"], wordings.lists()["nature"]
    named = [*joining["tokens"], *joining["locators"], *joining["never"], *joining["things"], *nature["hardware"]]
    for table in wordings.lists()["directory"]:
        named += table["properties"]
        assert table["source"] in sources
        assert table["because"] == "documented"
    assert not [name for name in [*named, *nature["user"]] if name not in known]


def test_both_languages_of_a_sentence_have_the_same_gaps():
    for name, sentence in wordings.of("say").items():
        gaps = [
            {gap for _, gap, _, _ in string.Formatter().parse(sentence[lang]) if gap} for lang in wordings.LANGUAGES
        ]
        assert gaps[0] == gaps[1], name


def test_no_word_promises_anonymity():
    text = wordings.DATA.read_text("utf-8").lower()
    assert not re.search(r"anonym|anoniem|not personal|geen persoonsgegeven", text)


def test_lists_in_sentences():
    assert wordings.joined(["a"], "en") == "a"
    assert wordings.joined(["a", "b", "c"], "nl") == "a, b en c"
    assert wordings.joined(list("abcdefgh"), "en", most=3) == "a, b and 6 more"


def test_labels():
    assert wordings.property_label("upn", "nl") == "Aanmeldnaam (UPN)"
    assert wordings.inside("upn", "en") == "user principal name"
    assert wordings.inside("aadDeviceId", "en") == "Entra device ID"
    assert wordings.property_label("no such thing", "en") == "no such thing"


def test_numbers():
    assert wordings.counted(1, "sent", "en") == "sent in 1 event"
    assert wordings.counted(1234, "sent", "nl") == "verzonden in 1.234 gebeurtenissen"
