"""Every shape's examples, sentinels, bounded time on hostile values, and that a shape never lowers."""

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.properties import Properties, properties
from portalscope.decoders.values import ShapeRule, Values, values

DATA = Path(__file__).parents[2] / "decoders" / "data"
TABLE = tomllib.loads((DATA / "values.toml").read_text("utf-8"))


def read_vocabulary() -> Properties:
    return properties(tomllib.loads((DATA / "properties.toml").read_text("utf-8")))


@pytest.fixture(scope="module")
def known() -> Values:
    return values(TABLE, read_vocabulary())


def examples(which: str) -> list[tuple[str, str, str]]:
    """(shape, key, value) of the table's own examples; `key = value` where the name matters."""
    found = []
    for table in TABLE["shape"]:
        for example in table.get(which, ()):
            key, equals, value = example.partition(" = ")
            found.append((table["id"], key, value) if equals else (table["id"], "", example))
    return found


def rule(known: Values, name: str) -> ShapeRule:
    return next(rule for rule in known.rules if rule.shape.id == name)


def test_table_is_sound(known: Values) -> None:
    assert known.faults == ()
    assert len(known.rules) == len(TABLE["shape"])
    assert all(rule.fits for rule in known.rules)


@pytest.mark.parametrize(("name", "key", "value"), examples("fits"))
def test_examples_fit_and_their_own_shape_speaks_first(known: Values, name: str, key: str, value: str) -> None:
    found = known.shape_of(value, key)
    assert found is not None
    assert found.id == name


@pytest.mark.parametrize(("name", "key", "value"), examples("fails"))
def test_counter_examples_do_not_fit(known: Values, name: str, key: str, value: str) -> None:
    found = known.shape_of(value, key)
    assert found is None or found.id != name


@pytest.mark.parametrize(
    "value", ["true", "False", "0", "17", "3.5", "1e10", "word", "Two words", "", "nl", "Wifi", "ü"]
)
def test_plain_values_have_no_shape(known: Values, value: str) -> None:
    assert known.shape_of(value, "data.x") is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "  ",
        "-1",
        "#",
        "N/A",
        "Unknown",
        "NONE",
        "null",
        "00000000-0000-0000-0000-000000000000",
        "{00000000-0000-0000-0000-000000000000}",
        "00000000000000000000000000000000",
        "s:00000000-0000-0000-0000-000000000000",
        "00:00:00:00:00:00",
        "0.0.0.0",
        "9774d56d682e549c",
    ],
)
def test_sentinels(known: Values, value: str) -> None:
    assert known.sentinel(value)


@pytest.mark.parametrize(
    "value", ["anna", "1", "10", "100", "00000000-0000-0000-0000-000000000001", "nonesuch", "2020-01-01T00:00:00Z"]
)
def test_values_that_are_no_sentinels(known: Values, value: str) -> None:
    assert not known.sentinel(value)


@pytest.mark.parametrize(
    ("value", "key", "code"),
    [
        ("anna@contoso.example", "data.deviceModel", "D1"),
        ("C:\\Users\\anna\\x.dll", "data.module", "D1"),
        ("145.97.39.155", "data.x", "L1"),
        ("Bearer abcdefgh", "data.x", "S1"),
    ],
)
def test_what_gives_a_person_away_raises(known: Values, value: str, key: str, code: str) -> None:
    found = known.shape_of(value, key)
    assert (found.code, found.raises) == (code, True)


def test_technical_shapes_never_raise(known: Values) -> None:
    assert [r.shape.id for r in known.rules if r.shape.raises and r.shape.code in {"N1", "Q1", "D5", "O1"}] == []


def test_ambiguous_shapes_do_not_raise(known: Values) -> None:
    for name in ("guid", "hash-like", "url", "correlation-vector-2", "guid-base64"):
        assert not rule(known, name).shape.raises


def test_contained_addresses_are_found_in_long_values(known: Values) -> None:
    filler = "the quick brown fox. " * 5000
    for inside, shape in (
        (" anna@contoso.example ", "email"),
        (" C:\\Users\\anna\\x ", "user-path"),
        (" eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc ", "jwt"),
    ):
        assert known.shape_of(filler + inside + filler).id == shape
    assert known.shape_of(filler) is None


HOSTILE = [
    "a" * 1_000_000,
    "a" * 1_000_000 + "@",
    "@" * 1_000_000,
    "a@" * 500_000,
    "a." * 500_000 + "@",
    "a@b." * 250_000,
    "a@" + "b." * 500_000,
    "a@" + "b-" * 500_000,
    "%40" * 333_333 + ".",
    "eyJ" * 333_333 + ".",
    "eyJhbGciOiJS." * 80_000,
    "eyJ" + "." * 1_000_000,
    "C:\\Users\\" * 100_000,
    "C:" + "\\" * 1_000_000 + "users",
    "/home/" * 166_666,
    "/home/" + "x" * 1_000_000,
    "S-1-5-21-" * 111_111,
    "S-1-12-1-" + "1234567890-" * 90_000,
    "-----BEGIN " * 90_000 + "KEY",
    "cn=" * 333_333 + "-",
    "#EXT#@" * 166_666,
    "'" * 1_000_000 + "#@",
    "+" + "1" * 1_000_000,
    "1." * 500_000,
    "0-" * 500_000,
    ":" * 1_000_000,
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: f"{v[:8]}…{len(v)}")
def test_hostile_values_take_bounded_time(known: Values, value: str) -> None:
    started = time.perf_counter()
    known.shape_of(value, "data.serialNumber.imei.mac")
    known.sentinel(value)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: f"{v[:8]}…{len(v)}")
def test_hostile_values_of_medium_length_take_bounded_time(known: Values, value: str) -> None:
    started = time.perf_counter()
    for length in (64, 180, 1024, 4096):
        known.shape_of(value[:length], "data.userLocalId.serialNumber.imei.mac.time.lat")
        known.sentinel(value[:length])
    assert time.perf_counter() - started < 1


@given(st.text(max_size=200), st.text(max_size=30))
def test_any_value_gets_an_answer(known: Values, value: str, key: str) -> None:
    found = known.shape_of(value, key)
    assert found is None or found.id
    assert known.sentinel(value) in (True, False)


def test_faults_are_reported_and_left_out() -> None:
    table = {
        "shape": [
            {"id": "a", "is": "upn", "raises": True, "regex": "("},
            {"id": "b", "is": "nothing", "raises": True, "regex": "x"},
            {"id": "c", "is": "upn", "regex": "x"},
            {"id": "d", "is": "upn", "raises": True, "check": "nothing"},
            {"id": "e", "is": "upn", "raises": True, "regexp": "x"},
            {"id": "f", "is": "upn", "raises": True, "regex": "x"},
            {"id": "f", "is": "upn", "raises": True, "regex": "y"},
        ]
    }
    made = values(table, read_vocabulary())
    assert made.faults == (
        "shape a: missing ), unterminated subpattern at position 0",
        "shape b: property or class is not known",
        "shape c: raises is missing",
        "shape d: neither an expression nor a known check",
        "shape e: regexp is not known",
        "shape f is there twice",
    )
    assert [r.shape.id for r in made.rules] == ["f", "f"]
