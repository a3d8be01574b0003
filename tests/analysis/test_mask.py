"""Names keep their ordinary words and lose what looks personal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.analysis.mask import Mask

ORDINARY = [
    "body:[].ext.device.localId",
    "[3].data.properties.Common-Schema.ver",
    "data.ThirtyTwoLettersIsNotAHexadecimal",
    "./Vendor/MSFT/Policy/Config/System/AllowTelemetry",
    "Microsoft.Windows.App.Browser.IEFrameProcessAttached",
    "1.3.6.1.5.5.7.3.2",
    "OneCollector/1.0",
    "10:20:30",
    "feedbeefcafe",
    "body size 12345678",
]
PERSONAL = [
    ("users[].anna.honeypot@contoso-honey.example", "users[].{email}"),
    ("/devices/anna%40contoso.example", "/devices/{email}"),
    ("ids.0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1.name", "ids.{guid}.name"),
    ("ids.0F1E2D3C4B5A49788695A4B3C2D1E0F1", "ids.{guid}"),
    ("./DevInfo/Ext/02:AA:BB:CC:DD:EE/State", "./DevInfo/Ext/{mac}/State"),
    ("wifi.02-aa-bb-cc-dd-ee", "wifi.{mac}"),
    ("wifi.02AABBCCDDE0", "wifi.{hex}"),
    ("sim.490154203237518.state", "sim.{imei}.state"),
    ("sim.8931080019072345678", "sim.{digits}"),
    ("./Device/S-1-5-21-1004336348-1177238915-682003330-512/Name", "./Device/{sid}/Name"),
    ("hosts.198.51.100.23.port", "hosts.{ip}.port"),
    # dots part keys too: an address after a dot cannot be told from an OID
    ("hosts[198.51.100.23]", "hosts[{ip}]"),
    ("hosts/2001:db8:0:0:0:0:beef:23", "hosts/{ipv6}"),
    ("hosts/2001:db8::beef:23", "hosts/{ipv6}"),
    ("call +31 6 12345678 now", "call {phone} now"),
    (r"C:\Users\anna\AppData", r"C:\Users\{user}\AppData"),
    ("/home/anna.honeypot/x", "/home/{user}/x"),
    ("jwt.eyJhbGciOiJIUzI1NiJ9.eyJ1cG4iOiJhIn0.c2ln", "jwt.{token}"),
]


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_names_stay(name: str) -> None:
    assert Mask()(name) == name


@pytest.mark.parametrize(("name", "expected"), PERSONAL)
def test_what_looks_personal_is_replaced(name: str, expected: str) -> None:
    assert Mask()(name) == expected


def test_planted_values_are_replaced_as_whole_words_in_any_case() -> None:
    mask = Mask({"device_name": ("Kims-iPhone",), "country": ("NL",), "first_name": ("Anna",)})
    assert mask("devices.KIMS-IPHONE.NL.Savannah/anna") == "devices.{device_name}.NL.Savannah/{first_name}"


def test_half_a_surrogate_pair_is_spelled_out() -> None:
    assert Mask()("a\ud800") == "a\\ud800"


def test_the_longer_planted_value_wins() -> None:
    mask = Mask({"short": ("Anna",), "long": ("Anna Honeypot",)})
    assert mask("[Anna Honeypot]") == "[{long}]"


def test_a_long_name_is_cut_before_the_word_that_would_be_cut() -> None:
    assert Mask()("x" * 990 + "/anna@contoso.example") == "x" * 990 + "/{long}"
    assert Mask()("a" * 70_000) == "{long}"


@given(st.text())
def test_a_mask_never_fails_and_is_stable(text: str) -> None:
    mask = Mask({"odd": ("İstanbul",)})
    assert mask(mask(text)) == mask(text)


@given(st.from_regex(r"[A-Za-z0-9_+-]([A-Za-z0-9._+-]{0,20})@[a-z]{2,9}\.(example|co\.uk)", fullmatch=True))
def test_no_address_survives(address: str) -> None:
    assert address not in Mask()(f"a/{address}/b")
