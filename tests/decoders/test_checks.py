"""Check digits, kinds of addresses and ranges, against published examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.checks import CHECKS, address, addresses, iccid, imei, luhn


def test_luhn() -> None:
    assert luhn("79927398713")  # the example of the algorithm's description
    assert not luhn("79927398710")


def test_imei_is_the_gsma_example() -> None:
    assert imei("490154203237518")
    assert not imei("490154203237519")
    assert not imei("49015420323751")
    assert not imei("٤٩٠١٥٤٢٠٣٢٣٧٥١٨")


def test_iccid_starts_with_89() -> None:
    assert not iccid("7931080019072345679")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("8.8.8.8", "public_address"),
        ("2a00:1450:400e:80d::200e", "public_address"),
        ("[2a00:1450:400e:80d::200e]:443", "public_address"),
        ("10.1.2.3", "private_address"),
        ("172.16.0.1", "private_address"),
        ("100.64.0.1", "private_address"),
        ("169.254.1.1", "private_address"),
        ("fe80::1%eth0", "private_address"),
        ("192.0.2.1", "documentation_address"),
        ("2001:db8::beef:23", "documentation_address"),
        ("127.0.0.1", "loopback_address"),
        ("::1", "loopback_address"),
        ("0.0.0.0", "loopback_address"),
        ("224.0.0.1", "loopback_address"),
        ("255.255.255.255", "loopback_address"),
    ],
)
def test_kinds_of_addresses_exclude_each_other(value: str, kind: str) -> None:
    kinds = [name for name in CHECKS if name.endswith("_address") and CHECKS[name](value)]
    assert kinds == [kind]


@pytest.mark.parametrize("value", ["12:30:45", "1.2.3", "256.1.1.1", "a::b::c", "01:02:03:04:05:06", "::ffff", "word"])
def test_no_addresses(value: str) -> None:
    assert addresses(value) == () or value == "::ffff"


def test_lists_hold_nothing_but_addresses() -> None:
    assert len(addresses("10.0.0.1, 10.0.0.2;8.8.8.8")) == 3
    assert addresses("10.0.0.1, here") == ()
    assert addresses("10.0.0.1 " * 9) == ()


@given(st.ip_addresses())
def test_every_address_is_read(value: object) -> None:
    assert address(str(value)) == value


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(value: str) -> None:
    assert all(check(value) in (True, False) for check in CHECKS.values())
