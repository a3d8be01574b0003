"""Words for people."""

import pytest

from portalscope.analysis import labels


@pytest.mark.parametrize(
    ("country", "location", "inside", "alone"),
    [
        ("US", "US proven", "in the United States", "United States"),
        ("NL", "EU likely", "in the Netherlands", "Netherlands"),
        ("JP", "other likely", "in Japan", "Japan"),
        ("", "EU likely", "in the European Economic Area", "European Economic Area"),
        ("", "US likely", "in the United States", "United States"),
        ("", "other likely", "outside EEA and United States", "Outside EEA and United States"),
        ("", "unknown", "at a place that is not known", "Not located"),
        ("", "undetermined (anycast)", "at one of many places (anycast)", "Not located (anycast)"),
        ("XX", "other likely", "in XX", "XX"),
    ],
)
def test_places(country: str, location: str, inside: str, alone: str) -> None:
    assert labels.in_place(country, location) == inside
    assert labels.place(country, location) == alone


@pytest.mark.parametrize(
    ("label", "inside"),
    [
        ("User principal name", "user principal name"),
        ("E-mail address", "e-mail address"),
        ("IMEI or MEID", "IMEI or MEID"),
        ("Apple Account", "Apple Account"),
        ("Entra object ID of a user", "Entra object ID of a user"),
        ("OS version", "OS version"),
    ],
)
def test_labels_inside_a_sentence(label: str, inside: str) -> None:
    assert labels.lowered(label) == inside


def test_lists() -> None:
    assert labels.listed([]) == ""
    assert labels.listed(["a"]) == "a"
    assert labels.listed("abc") == "a, b and c"
    assert labels.listed("abcdefgh") == "a, b, c, d, e and 3 more"


def test_certainty() -> None:
    words = ["US proven", "EU likely", "unknown", "undetermined (anycast)"]
    assert [labels.certainty(word) for word in words] == ["proven", "likely", "", ""]


def test_what_the_tables_do_not_know_keeps_its_name() -> None:
    assert labels.property_label("shoeSize") == "shoeSize"
    assert labels.class_label("Z9") == "Z9"
    assert labels.category_label("odd") == "odd"
    assert labels.citation("nowhere") == ("nowhere", "")
    assert labels.severity("Z9") == 0


def test_what_the_tables_know() -> None:
    assert labels.property_label("upn") == "User principal name"
    assert labels.citation("cpp-sdk")[1].startswith("https://")
    assert labels.rank("D1") < labels.rank("C1") < labels.rank("D2") < labels.rank("N1") < labels.rank("U1")
    assert labels.rank("D1", "upn") < labels.rank("D1", "deviceName") < labels.rank("C1", "fileName")
    assert labels.counted(1, "host") == "1 host"
    assert labels.counted(1200, "host") == "1,200 hosts"
