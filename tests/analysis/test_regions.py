"""Regions: every region of the list of addresses is known, names and headers are read as they should be."""

import csv
import gzip

import pytest

from portalscope.analysis.addresses import DATA
from portalscope.analysis.countries import covered, is_place
from portalscope.analysis.regions import (
    namings,
    read_header,
    read_name,
    region_of_address,
    regions,
    regions_by_code,
    table,
)
from portalscope.capture.endpoints import load_endpoints, sources, vocabulary


@pytest.mark.parametrize(
    ("ip", "region", "country"),
    [
        ("20.42.73.24", "eastus", "US"),
        ("40.79.189.58", "japaneast", "JP"),
        ("20.189.173.13", "westus", "US"),
        ("13.69.239.72", "northeurope", "IE"),
        ("20.190.160.20", "westeurope", "NL"),
        ("20.40.178.139", "australiaeast", "AU"),
        ("2603:1030:20c::1", "eastus", "US"),
    ],
)
def test_region_of_address(ip: str, region: str, country: str) -> None:
    found = region_of_address(ip)
    assert found.region is not None
    assert (found.region.name, found.region.country, found.anycast) == (region, country, False)


@pytest.mark.parametrize("ip", ["20.42.73.24", "40.79.189.58"])
def test_a_telemetry_collector_is_known_by_its_address(ip: str) -> None:
    assert "OneDsCollector" in region_of_address(ip).tags


# 150.171.22.254 and 13.73.248.9 are Front Door inside the ranges of no region and of a region
@pytest.mark.parametrize(
    "ip", ["13.107.42.14", "13.107.1.1", "204.79.197.200", "52.113.194.132", "150.171.22.254", "13.73.248.9"]
)
def test_anycast_has_no_region(ip: str) -> None:
    found = region_of_address(ip)
    assert (found.region, found.anycast) == (None, True)


def test_an_address_outside_the_list_has_nothing() -> None:
    assert region_of_address("8.8.8.8") == (None, (), False)


def test_what_is_no_address_raises() -> None:
    with pytest.raises(ValueError, match="IPv4 or IPv6"):
        region_of_address("peername")


def test_every_region_of_the_list_is_known() -> None:
    with gzip.open(DATA / "azure-service-tags.csv.gz", "rt", encoding="ascii", newline="") as file:
        used = {row["tag"].partition(".")[2] for row in csv.DictReader(file) if row["tag"].startswith("AzureCloud.")}
    assert len(used) > 70
    assert used <= regions().keys()


def test_regions_are_found_by_every_spelling() -> None:
    assert regions()["germanywc"] is regions()["germanywestcentral"]
    assert regions()["westeurope"].display == "West Europe"
    assert regions_by_code()["weu"].name == "westeurope"
    assert regions_by_code()["eaus2"].name == "eastus2"


def test_codes_name_one_region_each() -> None:
    codes = [code for row in table("azure-regions.csv") for code in row["host_codes"].split()]
    assert len(codes) == len(set(codes))


def test_every_row_has_a_ground_and_a_citation() -> None:
    for region in regions().values():
        assert region.because in vocabulary()["because"], region.name
        assert region.source in sources(), region.name
        assert region.codes_because in {"", *vocabulary()["because"]}, region.name
        assert region.country == "" or is_place(region.country), region.name
    for rule in (*namings("host"), *namings("header")):
        assert rule.because in vocabulary()["because"], rule.meaning
        assert rule.source in sources(), rule.meaning
        assert rule.strength in range(4), rule.meaning
        assert all(map(is_place, rule.places.values())), rule.meaning


def test_countries_of_regions_are_in_the_table_of_countries() -> None:
    known = {row["code"] for row in table("countries.csv")}
    assert {region.country for region in regions().values()} - {""} <= known


@pytest.mark.parametrize(
    ("host", "place", "region", "strength"),
    [
        ("onedscolprdcus06.centralus.cloudapp.azure.com", "US", "centralus", 3),
        ("onedscolprdwus12.westus.cloudapp.azure.com", "US", "westus", 3),
        ("onedscolprdwus12", "US", "westus", 1),
        ("onedscolprdneu04.trafficmanager.net", "IE", "northeurope", 1),
        ("onedscolprdeus208", "US", "eastus2", 1),
        ("westus2-global.in.applicationinsights.azure.com", "US", "westus2", 1),
        ("westeurope-5.in.applicationinsights.azure.com", "NL", "westeurope", 2),
        ("northeurope.livediagnostics.monitor.azure.com", "IE", "northeurope", 2),
        ("fef.amsub0102.manage.microsoft.com", "Europe", None, 1),
        ("portal.fei.msua06.manage.microsoft.com", "North America", None, 1),
        ("euprodimedatapri.azureedge.net", "Europe", None, 0),
        ("eu-mobile.events.data.microsoft.com", "EU", None, 2),
        ("us-v10c.events.data.microsoft.com", "US", None, 2),
        ("jp-mobile.events.data.microsoft.com", "JP", None, 2),
        ("mobile.events.data.microsoft.com", "", None, 0),
        ("intunemaape10.weu.attest.azure.net", "NL", "westeurope", 2),
        ("ceuswatcab01.blob.core.windows.net", "US", "centralus", 1),
        ("location-inference-westus.cloudapp.net", "US", "westus", 1),
        ("sdk.fra-02.braze.eu", "EU", None, 2),
        ("mobile.events.data.trafficmanager.net", "", None, 0),
        ("something.moonbase.cloudapp.azure.com", "", None, 3),
    ],
)
def test_names_are_read(host: str, place: str, region: str | None, strength: int) -> None:
    found = read_name(host.upper() + ".")
    assert found is not None
    assert (found.place, found.region and found.region.name, found.rule.strength) == (place, region, strength)


@pytest.mark.parametrize(
    "host", ["", "example.org", "eu.example.org", "manage.microsoft.com", "x" * 300 + ".cloudapp.azure.com"]
)
def test_other_names_say_nothing(host: str) -> None:
    assert read_name(host) is None


# values from recorded answers in public test suites
@pytest.mark.parametrize(
    ("name", "value", "region"),
    [
        ("x-ms-ests-server", "2.1.11898.12 - EUS ProdSlices", "eastus"),
        ("X-MS-ESTS-SERVER", "2.1.11513.17 - WUS2 ProdSlices", "westus2"),
        ("x-ms-ests-server", "2.1.12158.6 - SCUS ProdSlices", "southcentralus"),
        ("x-ms-ests-server", "2.1.16413.9 - WEULR1 ProdSlices", "westeurope"),
        ("x-ms-routing-request-id", "WESTEUROPE:20171002T082308Z:7e29d9ca-cc68-48a5-a0f9-300771b493a7", "westeurope"),
        (
            "x-ms-ags-diagnostic",
            '{"ServerInfo":{"DataCenter":"North Europe","Slice":"SliceC","Ring":"2"}}',
            "northeurope",
        ),
    ],
)
def test_headers_are_read(name: str, value: str, region: str) -> None:
    found = read_header(name, value)
    assert found is not None
    assert found.region is regions()[region]


def test_other_headers_say_nothing() -> None:
    assert read_header("server", "2.1.11898.12 - EUS ProdSlices") is None
    assert read_header("x-ms-ests-server", "") is None
    unknown = read_header("x-ms-ests-server", "2.1 - MOON ProdSlices")
    assert unknown is not None
    assert (unknown.place, unknown.region) == ("", None)


def test_rules_agree_with_what_the_endpoints_say_of_their_names() -> None:
    compared = 0
    for endpoint in load_endpoints().all:
        found = read_name(endpoint.pattern.replace("*.", "x.").replace("*", "01"))
        if endpoint.region_hint and found:
            region = regions().get(endpoint.region_hint)
            hint = region.country if region else endpoint.region_hint
            assert covered(found.place) <= covered(hint), endpoint.pattern
            compared += 1
    assert compared > 60
