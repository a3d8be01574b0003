"""Addresses: nested ranges are found, lists of other forms are refused, addresses inside addresses are taken out."""

import gzip
import hashlib
import ipaddress
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.analysis.addresses import (
    DATA,
    AddressTable,
    Ranges,
    about,
    address_of,
    built_in,
    load_addresses,
    span,
)

ROWS = "tag,region,prefix\nAzureCloud.westeurope,westeurope,198.51.100.0/24\nOneDsCollector,,198.51.100.8/29\n"
JSON = {
    "changeNumber": 1,
    "values": [{"name": "AzureCloud.uksouth", "properties": {"addressPrefixes": ["192.0.2.0/25", "2001:db8::/32"]}}],
}


def test_the_built_in_list_is_the_one_that_is_described() -> None:
    assert built_in().as_of == "2026-06-26"
    assert built_in().sha256 == about()["sha256"]
    assert built_in().sha256 == hashlib.sha256((DATA / "azure-service-tags.csv.gz").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("ip", "tags"),
    [
        ("20.42.73.24", ("OneDsCollector", "AzureCloud.eastus")),
        ("40.79.189.58", ("OneDsCollector", "AzureCloud.japaneast")),
        ("13.107.42.14", ("AzureFrontDoor.FirstParty", "Microsoft edge")),
        ("204.79.197.200", ("AzureFrontDoor.FirstParty",)),
        ("13.107.219.5", ("AzureFrontDoor.MicrosoftSecurity", "Microsoft edge")),
        ("2603:1030:20c::1", ("AzureCloud.eastus",)),
        ("8.8.8.8", ()),
        ("::1", ()),
        ("255.255.255.255", ()),
        ("0.0.0.0", ()),
    ],
)
def test_tags_innermost_first(ip: str, tags: tuple[str, ...]) -> None:
    assert built_in().tags(address_of(ip)) == tags


def test_a_list_of_our_form(tmp_path: Path) -> None:
    path = tmp_path / "tags-20250102.csv.gz"
    path.write_bytes(gzip.compress(ROWS.encode()))
    table = load_addresses(path)
    assert table.as_of == "2025-01-02"
    assert table.tags(address_of("198.51.100.9")) == ("OneDsCollector", "AzureCloud.westeurope")
    assert table.tags(address_of("198.51.100.16")) == ("AzureCloud.westeurope",)
    assert table.tags(address_of("198.51.101.0")) == ()


def test_microsofts_own_list(tmp_path: Path) -> None:
    path = tmp_path / "ServiceTags_Public_20260622.json"
    path.write_text(json.dumps(JSON), "utf-8")
    table = load_addresses(path)
    assert (table.as_of, table.source) == ("2026-06-22", "ServiceTags_Public_20260622.json")
    assert table.tags(address_of("192.0.2.127")) == ("AzureCloud.uksouth",)
    assert table.tags(address_of("192.0.2.128")) == ()
    assert table.tags(address_of("2001:db8::5")) == ("AzureCloud.uksouth",)


def test_a_list_needs_a_date(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="give the date of the list"):
        load_addresses(tmp_path / "tags.json")
    assert load_addresses(tmp_path / "tags.json", "2026-01-01").as_of == "2026-01-01"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv.gz", b"tag,region,prefix\n"),
        ("a.csv.gz", gzip.compress(ROWS.encode())[:-9]),
        ("a.csv.gz", gzip.compress(ROWS.encode())[:20] + b"\xff" * 40),
        ("a.csv.gz", gzip.compress(b"tag,region,prefix\nX,,not an address\n")),
        ("a.csv.gz", gzip.compress(b"tag,region,prefix\nX,,10.0.0.0/x\n")),
        ("a.csv.gz", gzip.compress(b"tag,region,prefix\nX,,10.0.0.0/99\n")),
        ("a.csv.gz", gzip.compress("tag,region,prefix\nX,,ü\n".encode())),
        ("a.json", b"{}"),
        ("a.json", b"[]"),
        ("a.json", b"no json"),
        ("a.json", b"[" * 100_000),
        ("a.json", json.dumps({"values": [{"name": "X", "properties": {}}]}).encode()),
        ("a.json", json.dumps({"values": [{"name": "X", "properties": {"addressPrefixes": [7]}}]}).encode()),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"^a\.(csv\.gz|json): no list of service tags"):
        AddressTable(path, "2026-01-01", "").tags(address_of("20.42.73.24"))


def test_a_list_that_unpacks_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portalscope.analysis.addresses.LARGEST", 50)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(ROWS.encode()))
    with pytest.raises(ValueError, match="no list of service tags"):
        AddressTable(path, "2026-01-01", "").tags(address_of("20.42.73.24"))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("20.42.73.24", "20.42.73.24"),
        ("::ffff:20.42.73.24", "20.42.73.24"),
        ("64:ff9b::142a:4918", "20.42.73.24"),
        ("[2603:1030:20c::1]", "2603:1030:20c::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_inside_an_address_is_taken_out(text: str, address: str) -> None:
    assert address_of(text) == ipaddress.ip_address(address)


@pytest.mark.parametrize("text", ["", "peer", "1.2.3", "20.42.73.24:443"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6 address"):
        address_of(text)


@given(
    st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)), max_size=40),
    st.lists(st.integers(0, 2**32 - 1), max_size=20),
)
def test_ranges_agree_with_ipaddress(prefixes: list[tuple[int, int]], asked: list[int]) -> None:
    networks = [ipaddress.IPv4Network((start, length), strict=False) for start, length in prefixes]
    ranges = Ranges(span(str(network), str(network), 4) for network in networks)
    for address in asked + [start for start, _ in prefixes]:
        around = {network for network in networks if ipaddress.IPv4Address(address) in network}
        wanted = [str(network) for network in sorted(around, key=lambda network: -network.prefixlen)]
        assert list(dict.fromkeys(ranges.find(address))) == wanted
