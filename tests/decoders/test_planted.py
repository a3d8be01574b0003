"""Planted values are found in every form they take on the wire, and nothing is found that was not planted."""

import base64
import csv
import gzip
import hashlib
import json
import time
import tomllib
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.names import names
from portalscope.decoders.planted import Planted, fold, property_of, strength
from portalscope.decoders.properties import properties

DATA = Path(__file__).parents[2] / "decoders" / "data"
TABLE = tomllib.loads((DATA / "planted.toml").read_text("utf-8"))
UPN = "Anna.Honeypot@contoso-honey.example"
GUID = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1"
VALUES = {
    "email_upn": [UPN],
    "entra_object_id": [GUID],
    "person_name": ["Anna Honeypot"],
    "device_name": ["HONEY-LAPTOP-01"],
    "employee_no": ["778899"],
    "imei": ["490154203237518"],
    "mac": ["02:AA:BB:CC:DD:EE"],
    "phone": ["+31 6 12345678"],
    "ipv6": ["2001:db8::beef:23"],
    "user_path": ["C:\\Users\\anna.honeypot"],
    "surname": ["Müller-Jørgensen"],
    "country": ["Netherlands"],
    "floor": ["11"],
    "geo_lat": ["52.370216"],
}
KEY = b"a key that an SDK ships"


@pytest.fixture(scope="module")
def planted() -> Planted:
    return Planted.of(VALUES, [KEY], TABLE["search"]["common"])


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sha(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data).digest()


LOWER = UPN.lower().encode()
IDS = uuid.UUID(GUID)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("mac", "02-aa-bb-cc-dd-ee"),
        ("mac", "02AABBCCDDEE"),
        ("mac", "m:02aabbccddee"),
        ("mac", "02aa.bbcc.ddee"),
        ("mac", sha("sha256", b"02aabbccddee").hex()),
        ("phone", "+31612345678"),
        ("phone", "tel:0031612345678"),
        ("phone", "31612345678"),
        ("phone", "0612345678"),
        ("phone", "%2B31%206%2012345678"),
        ("ipv6", "2001:0db8:0000:0000:0000:0000:beef:0023"),
        ("ipv6", "[2001:DB8::BEEF:23]:443"),
        ("user_path", json.dumps("at C:\\Users\\anna.honeypot\\AppData")),
        ("user_path", json.dumps(json.dumps("C:\\Users\\anna.honeypot\\x"))),
        ("user_path", "file:///C:/Users/anna.honeypot/x"),
        ("user_path", "c%3A%5CUsers%5Canna.honeypot"),
        ("person_name", "q=Anna+Honeypot&x=1"),
        ("person_name", "ANNA HONEYPOT"),
        ("surname", "Fr. MÜLLER-JØRGENSEN"),
        ("surname", "M%C3%BCller-J%C3%B8rgensen"),
        ("surname", "Mu\u0308ller-Jørgensen"),
        ("surname", json.dumps("Müller-Jørgensen")),
        ("employee_no", "employee no 778899"),
        ("employee_no", '{"no":778899}'),
        ("geo_lat", "geo=52.370216,4.895168"),
        ("imei", "imei:490154203237518/x"),
        ("country", "netherlands"),
        ("country", " Netherlands "),
        ("floor", "11"),
    ],
)
def test_spellings(planted: Planted, name: str, sent: str) -> None:
    assert name in {hit.name for hit in planted.hits(sent)}


@pytest.mark.parametrize("sent", ["Müller-Jørgensen".encode(c) for c in ("utf-8", "utf-16-le", "utf-16-be")])
def test_other_letters_in_bytes(planted: Planted, sent: bytes) -> None:
    assert {hit.name for hit in planted.hits_bytes(b"\x01" + b"\x00" + sent + b"\x00\x00")} == {"surname"}


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "plain words",
        "11 apples",
        "room 11",
        "Made in the Netherlands",
        "1778899",
        "7788990",
        "a778899b",
        "id-778899abc",
        "0490154203237518",
        "4901542032375180",
        "152.370216",
        "HONEY-LAPTOP-02",
        "anna@contoso-honey.example",
        "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f2",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "%",
        "%4",
        "\\u00",
        "&#;",
        "====",
    ],
)
def test_nothing_is_found_that_is_not_there(planted: Planted, sent: str) -> None:
    assert planted.hits(sent) == ()
    assert planted.hits_bytes(sent.encode()) == ()


def test_a_digest_that_begins_with_white_space_fills_its_field() -> None:
    value = next(text for n in range(9999) if hashlib.sha256((text := f"zovrika-{n}").encode()).digest()[:1] == b"\x1c")
    assert Planted.of({"name": (value,)}).hits(hashlib.sha256(value.encode()).hexdigest())[0].whole


def test_whole_and_part(planted: Planted) -> None:
    assert [hit.whole for hit in planted.hits(UPN)] == [True]
    assert [hit.whole for hit in planted.hits(f" {UPN}\n")] == [True]
    assert [hit.whole for hit in planted.hits(f"for {UPN}")] == [False]
    assert {hit.whole for hit in planted.hits(b64(UPN.encode())) if "base64 >" in hit.form} == {True}
    assert {hit.whole for hit in planted.hits("x=" + b64(UPN.encode()))} == {False}


def test_what_stands_in_plain_is_not_found_again_in_the_same_text_rewritten(planted: Planted) -> None:
    assert [hit.form for hit in planted.hits(f"{UPN}%20%20\\/&amp;")] == ["plain"]
    assert {hit.form for hit in planted.hits(f"{UPN} and Anna.Honeypot%40contoso-honey.example")} == {"plain"}
    assert {hit.form for hit in planted.hits(f"{UPN} {b64(UPN.encode())}")} == {
        "plain",
        "base64, inside",
        "base64 > plain",
    }


def test_the_longest_comes_first() -> None:
    both = Planted.of({"short": ["honey-laptop-01"], "long": ["honey-laptop-01.corp.contoso.example"]})
    assert [hit.name for hit in both.hits("at honey-laptop-01.corp.contoso.example")] == ["long", "short"]


def test_one_value_under_two_names() -> None:
    both = Planted.of({"a": [UPN], "b": [UPN.lower()]})
    assert {hit.name for hit in both.hits(UPN)} == {"a", "b"}


def test_nothing_planted() -> None:
    assert Planted.of({}).hits(UPN) == ()
    assert Planted.of({"a": [""], "b": []}).hits("") == ()


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("NL", "whole"),
        ("11", "whole"),
        ("Amsterdam", "whole"),
        ("778899", "word"),
        ("HoneyPot", "word"),
        ("52.370216", "word"),
        ("490154203237518", "digit"),
        (UPN, ""),
        (GUID, ""),
    ],
)
def test_strength(text: str, bound: str) -> None:
    assert strength(text, frozenset({"amsterdam"})) == bound


def test_folding_keeps_the_length() -> None:
    assert fold("İSTANBUL Ä") == "İstanbul Ä"
    assert fold("ÄB") == "äb"


BOMB = gzip.compress(b"0" * 50_000_000, mtime=0)


@pytest.mark.parametrize(
    "sent",
    [
        b"a" * 1_000_000,
        b"%41" * 300_000,
        b"\\u0041" * 160_000,
        b"&#64;" * 200_000,
        b"\x00" * 1_000_000,
        b"\x1f\x8b\x08" * 300_000,
        BOMB,
        b64(BOMB).encode(),
        b"aB" * 500_000,
        b"0f" * 500_000,
        b"aBcDeFgHiJkLmNoP/" * 60_000,
        (UPN + " ").encode() * 25_000,
        LOWER.hex().encode() * 10_000,
        b"x" * 70_000 + b"\n" + b"x" * 70_000,
        b"A" * 4 + b"anna.honeypot@contoso-hone" * 30_000,
    ],
    ids=lambda v: f"{v[:6]!r}…{len(v)}",
)
def test_hostile_bytes_take_bounded_time(planted: Planted, sent: bytes) -> None:
    started = time.perf_counter()
    planted.hits_bytes(sent)
    assert time.perf_counter() - started < 5


def many(count: int) -> Planted:
    return Planted.of(
        {
            f"person{i}": [f"person.number{i}@contoso{i % 7}.example", str(uuid.UUID(int=i * 7919 << 60))]
            for i in range(count)
        }
    )


@pytest.mark.slow
def test_cost_does_not_grow_with_the_number_of_values() -> None:
    text = "".join(
        json.dumps({"id": str(uuid.UUID(int=i * 104729 << 50)), "name": f"Event {i} of the app"}) for i in range(5000)
    )
    few, lots = many(5), many(500)

    def cost(search: Callable[[str], object]) -> float:
        started = time.process_time()
        search(text)
        return time.process_time() - started

    small = min(cost(lambda t: list(few.search(t))) for _ in range(5))
    large = min(cost(lambda t: list(lots.search(t))) for _ in range(5))
    assert large < 2 * small


@given(st.text(max_size=120))
def test_any_text_gets_an_answer(planted: Planted, text: str) -> None:
    assert isinstance(planted.hits(text), tuple)


@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer(planted: Planted, raw: bytes) -> None:
    assert isinstance(planted.hits_bytes(raw), tuple)


@given(
    st.text(min_size=12, max_size=40, alphabet=st.characters(codec="utf-8", categories=("L", "N"))),
    st.binary(max_size=9),
)
def test_a_value_is_found_behind_anything(value: str, before: bytes) -> None:
    planted = Planted.of({"x": [value]})
    assert "x" in {hit.name for hit in planted.hits(b64(value.encode()))}
    assert "x" in {hit.name for hit in planted.hits_bytes(before + b" " + value.encode() + b" ")}
    assert planted.hits(hashlib.sha256(value.encode()).hexdigest())[0].digest


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("email_upn", "upn"),
        ("secret_refresh_token", "refreshToken"),
        ("geo_lat", "latitude"),
        ("hwdevid", "hardwareId"),
        ("customer_content", "customerContent"),
        ("work_phone_number", "phoneNumber"),
        ("my_serial_number", "serialNumber"),
        ("favourite_colour", "otherIdentifiers"),
        ("appVersion", "otherIdentifiers"),
    ],
)
def test_property_of_a_planted_name(name: str, expected: str) -> None:
    vocabulary = properties(tomllib.loads((DATA / "properties.toml").read_text("utf-8")))
    with (DATA / "known-fields.csv").open(encoding="utf-8") as lines:
        rules = names(tomllib.loads((DATA / "names.toml").read_text("utf-8")), list(csv.DictReader(lines)), vocabulary)
    assert property_of(name, TABLE["property"], rules) == expected


def test_table_names_properties_that_can_be_planted() -> None:
    vocabulary = properties(tomllib.loads((DATA / "properties.toml").read_text("utf-8")))
    assert {p for p in TABLE["property"].values() if p not in vocabulary or not vocabulary.get(p).plantable} == set()
    assert all(word == word.lower() for word in TABLE["search"]["common"])
