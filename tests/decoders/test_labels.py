"""Precision and recall are counted rightly, and the name rules reach their targets on the development labels."""

import csv
import tomllib
from pathlib import Path

import pytest

from portalscope.decoders.labels import by_name, measure
from portalscope.decoders.names import Names, names
from portalscope.decoders.properties import properties

DATA = Path(__file__).parents[2] / "decoders" / "data"
LABELS = Path(__file__).parents[1] / "data" / "dev-labels.csv"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def known() -> Names:
    vocabulary = properties(tomllib.loads((DATA / "properties.toml").read_text("utf-8")))
    return names(tomllib.loads((DATA / "names.toml").read_text("utf-8")), rows(DATA / "known-fields.csv"), vocabulary)


def table(*pairs: str) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Rows with a label each, and the code that the judge will give: `usage:B1`."""
    split = [pair.split(":") for pair in pairs]
    return [{"id": str(i), "label": label} for i, (label, _) in enumerate(split)], {
        str(i): code for i, (_, code) in enumerate(split)
    }


def test_counts() -> None:
    given, codes = table("usage:B1", "usage:Q1", "device:B1", "none:N1", "device:N1", "pseudonym:D4", "content:U1")
    found = measure(given, lambda row: codes[row["id"]])
    usage = found.labels[[m.label for m in found.labels].index("usage")]
    assert (usage.support, usage.given, usage.right) == (2, 2, 1)
    assert (usage.precision, usage.recall, usage.f1) == (0.5, 0.5, 0.5)
    assert found.wrong == ("1", "2", "6")
    assert found.silent == 1
    assert found.accuracy == pytest.approx(4 / 7)
    assert [m.label for m in found.labels] == ["pseudonym", "content", "usage", "device"]
    assert found.macro_f1 == pytest.approx((1 + 0 + 0.5 + 4 / 7) / 4)


def test_personal_counts_wrong_class_among_personal_as_found() -> None:
    given, codes = table("usage:D4", "direct-id:D1", "credential:Q1", "device:L1", "none:Q1")
    personal = measure(given, lambda row: codes[row["id"]]).personal
    assert (personal.support, personal.given, personal.right) == (3, 3, 2)


@pytest.mark.parametrize("code", ["L1", "Q1"])
def test_network_is_right_as_locator_and_as_state(code: str) -> None:
    given, codes = table(f"network:{code}")
    found = measure(given, lambda row: codes[row["id"]])
    assert found.wrong == ()
    assert found.personal.recall == 1.0


def test_device_and_none_are_one_label() -> None:
    given, codes = table("device:N1", "none:Q1")
    assert [(m.label, m.support, m.right) for m in measure(given, lambda row: codes[row["id"]]).labels] == [
        ("device", 2, 2)
    ]


def test_nothing_measured() -> None:
    found = measure([], lambda row: row["id"])
    assert (found.rows, found.accuracy, found.macro_f1, found.personal.recall) == (0, 0.0, 0.0, 0.0)


def test_unknown_label_is_an_error() -> None:
    with pytest.raises(KeyError):
        measure([{"id": "1", "label": "blue"}], lambda _: "D1")


def test_targets_on_the_development_labels(known: Names) -> None:
    found = measure(rows(LABELS), by_name(known))
    assert found.rows == 150
    assert found.macro_f1 >= 0.90
    assert found.personal.recall >= 0.97
    assert found.personal.precision >= 0.90
