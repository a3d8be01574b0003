"""Values to plant: what is made up has no faults, and what would prove nothing is refused."""

import re

import pytest

from portalscope.capture.planting import MAKE, bits, digits, faults, imei, luhn, mac, made_up, phone, plantable
from portalscope.decoders import knowledge
from portalscope.decoders.planted import strength


def test_what_is_made_up_has_no_faults():
    for _ in range(30):
        values = made_up()
        assert not [fault for name, value in values.items() for fault in faults(name, value, values)]


def test_two_tests_never_share_a_value():
    one, two = made_up(), made_up()
    assert not set(one.values()) & set(two.values()) - {one["phone"]}


def test_the_domain_of_the_tenant_is_used():
    values = made_up("contoso-test.example")
    assert values["tenant_domain"] == "contoso-test.example"
    assert values["email_upn"].endswith("@contoso-test.example")
    assert made_up()["tenant_domain"].endswith(".example")


def test_most_of_what_is_made_up_is_found_inside_longer_texts():
    weak = {name for name, value in made_up().items() if strength(value, frozenset()) == "whole"}
    assert not weak


def test_every_name_is_one_that_the_decoders_know():
    known = knowledge.load().tables["planted"]["property"]
    assert not [one.name for one in plantable() if one.name not in known]
    assert {one.make for one in plantable()} - {""} == set(MAKE)


def test_every_value_has_a_place_on_every_platform():
    for one in plantable():
        assert one.where["any"]
        assert one.place("Windows") == one.where.get("windows", one.where["any"])


@pytest.mark.parametrize("number", ["490154203237518", "356938035643809"])  # of Wikipedia's pages on IMEI and Luhn
def test_check_digits(number):
    assert luhn(number[:-1]) == number[-1]


def test_numbers_that_nobody_has():
    assert re.fullmatch(r"00\d{13}", imei())
    assert luhn(imei()[:-1]) in "0123456789"
    assert int(mac()[:2], 16) & 3 == 2  # locally administered, one receiver
    assert re.fullmatch(r"\+447700900\d{3}", phone())
    assert re.fullmatch(r"[1-9]\d{7}", digits(8))


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("ssid", "Zovri", "fewer than 8"),
        ("display_name", "aaaaaaaaaa", "too much alike"),
        ("display_name", "Test User", "everyday words"),
        ("email_upn", "testuser@contoso.example", "everyday words"),
        ("device_name", "DESKTOP-4KJ3H2L", "called like that by themselves"),
        ("device_name", "Anna's iPhone", "called like that by themselves"),
        ("device_name", "ZOVRIKA-PELODADO-4", "more than 15"),
        ("imei", "490154203237519", "check digit"),
        ("email_upn", "zovrika.pelodado", "no address"),
        ("entra_object_id", "zovrika-pelodado", "no GUID"),
        ("entra_object_id", "00000000-0000-0000-0000-000000000000", "stands for nothing"),
        ("display_name", " Zovrika Pelodado", "space"),
        ("display_name", "Zovrika\nPelodado", "cannot be seen"),
        ("alias", "Zovrika.Pelodado@x.example", "value of email_upn as well"),
    ],
)
def test_what_would_prove_nothing_is_refused_without_saying_the_value(name, value, why):
    found = list(faults(name, value, {"email_upn": "zovrika.pelodado@x.example"}))
    assert [fault for fault in found if why in fault]
    assert not [fault for fault in found if value.strip().lower() in fault.lower()]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("device_name", "KIM-ZOVRIKA-42"),
        ("imei", "490154203237518"),
        ("entra_object_id", "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1"),
        ("my_own_name", "Zovrika 4711 Quenbelt"),
        ("display_name", "Zoë Kwakernaak-Öztürk"),
    ],
)
def test_other_values_are_taken(name, value):
    assert list(faults(name, value, {})) == []


def test_how_much_a_text_tells():
    assert bits("aaaa") == 0
    assert bits("abcd") == pytest.approx(8)
