"""The sender's marks and what they mean, with the numbers of the C++ SDK's CommonFields.h and PII enumeration."""

import tomllib
from pathlib import Path

import pytest

from portalscope.decoders.message import Tag
from portalscope.decoders.properties import Properties, properties
from portalscope.decoders.tags import Tags, tags

DATA = Path(__file__).parents[2] / "decoders" / "data"


def read(name: str) -> dict:
    return tomllib.loads((DATA / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def vocabulary() -> Properties:
    return properties(read("properties.toml"))


@pytest.fixture(scope="module")
def known(vocabulary: Properties) -> Tags:
    return tags(read("tags.toml"), vocabulary)


@pytest.mark.parametrize(
    ("number", "name", "code"),
    [
        (1, "DistinguishedName", "D1"),
        (3, "IPv4Address", "L1"),
        (4, "IPv6Address", "L1"),
        (5, "MailSubject", "C1"),
        (6, "PhoneNumber", "D1"),
        (7, "QueryString", "C1"),
        (8, "SipAddress", "D1"),
        (9, "SmtpAddress", "D1"),
        (10, "Identity", "D2"),
        (11, "Uri", "C1"),
        (12, "Fqdn", "Q1"),
        (13, "IPv4AddressLegacy", "L1"),
        (32, "CustomerContent", "C1"),
    ],
)
def test_pii_kinds(known: Tags, number: int, name: str, code: str) -> None:
    (meaning,) = known.meanings([Tag("pii", number)])
    assert (meaning.name, meaning.code, meaning.candidate) == (name, code, False)
    assert known.name(Tag("pii", number)) == name


def test_generic_data_is_only_a_candidate(known: Tags) -> None:
    (meaning,) = known.meanings([Tag("pii", 2)])
    assert (meaning.code, meaning.candidate) == ("D1", True)


def test_customer_content(known: Tags) -> None:
    assert [m.code for m in known.meanings([Tag("customer-content", 1)])] == ["C1"]


def test_privacy_tags_are_bits(known: Tags) -> None:
    both = Tag("privtags", 0x2000000 | 0x2)
    assert [m.name for m in known.meanings([both])] == ["BrowsingHistory", "ProductAndServiceUsage"]
    assert known.name(both) == "BrowsingHistory+ProductAndServiceUsage"


def test_pii_kinds_are_no_bits(known: Tags) -> None:
    assert known.name(Tag("pii", 3)) == "IPv4Address"


def test_unknown_numbers_keep_their_number_and_say_nothing(known: Tags) -> None:
    assert known.meanings([Tag("pii", 0), Tag("pii", 99), Tag("other", 1)]) == ()
    assert known.name(Tag("pii", 99)) == "pii 99"


def test_levels(known: Tags) -> None:
    assert known.levels[2] == "Optional"
    assert known.levels[110] == "Required service data"


def test_table_is_sound(known: Tags, vocabulary: Properties) -> None:
    assert known.faults == ()
    broken = {"scheme": {"x": {"kind": {"1": {"name": "a", "is": "nothing"}, "2": {"is": "upn", "class": "Z9"}}}}}
    assert tags(broken, vocabulary).faults == (
        "tag x 1: property or class is not known",
        "tag x 2: property or class is not known",
    )
