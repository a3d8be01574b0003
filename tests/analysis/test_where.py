"""Where: one test a ground, agreement, disagreement, anycast, and what says nothing."""

import dataclasses
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.analysis.where import Where, load_tables, locate, round_trip, statement
from portalscope.capture.endpoints import load_endpoints, sources

KNOWN = load_endpoints()
EAST_US, JAPAN_EAST, NORTH_EUROPE, WEST_EUROPE, ANYCAST = (
    "20.42.73.24",
    "40.79.189.58",
    "13.69.239.72",
    "40.67.219.144",
    "13.107.42.14",
)
STATUSES = {f"{side} {sure}" for side in ("US", "EU", "other") for sure in ("proven", "likely")}
STATUSES |= {"undetermined (anycast)", "unknown"}


def at(host: str, ip: str | None = None, *cnames: str, headers: tuple[tuple[str, str], ...] = ()) -> Where:
    return locate(host, ip, cnames, KNOWN.find(host), load_tables(), response_headers=headers)


def verdict(where: Where) -> tuple[str, str, bool]:
    return where.country, where.status, where.disagreement


def kinds(where: Where) -> list[str]:
    return [rung.kind for rung in where.rungs]


def test_g1_the_name_alone_makes_likely() -> None:
    where = at("westeurope-5.in.applicationinsights.azure.com")
    assert verdict(where) == ("NL", "EU likely", False)
    assert where.rungs[0].region == "westeurope"
    assert where.rungs[0].source == "azure-monitor-connection-strings"


def test_g1_the_name_of_an_area_names_no_country() -> None:
    assert verdict(at("eu-mobile.events.data.microsoft.com")) == ("", "EU likely", False)
    assert verdict(at("us-mobile.events.data.microsoft.com")) == ("US", "US likely", False)
    assert verdict(at("jp-mobile.events.data.microsoft.com")) == ("JP", "other likely", False)


def test_g1_a_scale_unit_says_where_the_tenant_is() -> None:
    where = at("fef.amsub0102.manage.microsoft.com")
    assert verdict(where) == ("", "EU likely", False)
    assert where.rungs[0].says == "Europe"
    assert "tenant's region" in where.basis


def test_g1_a_name_of_a_content_network_is_shown_and_not_counted() -> None:
    where = at("euprodimedatapri.azureedge.net")
    assert verdict(where) == ("", "unknown", False)
    assert (where.rungs[0].says, where.rungs[0].strength) == ("Europe", 0)


def test_g1_a_global_collector_says_nothing() -> None:
    where = at("mobile.events.data.microsoft.com")
    assert verdict(where) == ("", "unknown", False)
    assert "whichever region" in where.basis


def test_g1_the_endpoints_entry_counts_where_no_rule_reads_the_name() -> None:
    where = at("login.microsoftonline.de")
    assert verdict(where) == ("DE", "EU likely", False)


def test_g2_a_cname_of_the_platform() -> None:
    where = at("mobile.events.data.microsoft.com", None, "onedscolprdcus06.centralus.cloudapp.azure.com")
    assert verdict(where) == ("US", "US likely", False)
    assert where.rungs[-1].kind == "G2"


def test_g3_the_address_alone_makes_likely() -> None:
    where = at("mobile.events.data.microsoft.com", JAPAN_EAST)
    assert verdict(where) == ("JP", "other likely", False)
    assert where.as_of == "2026-06-26"
    assert "OneDsCollector" in where.basis
    assert verdict(at("mobile.events.data.microsoft.com", EAST_US)) == ("US", "US likely", False)


def test_g5_the_servers_own_answer() -> None:
    headers = (("X-Ms-Ests-Server", "2.1.11898.12 - EUS ProdSlices"), ("Server", "x"))
    where = at("login.microsoftonline.com", headers=headers)
    assert verdict(where) == ("US", "US likely", False)
    assert kinds(where) == ["G5"]


def test_g6_a_statement_of_the_operator() -> None:
    said = statement("EU", "the contract says EU", "2025-02-01", "microsoft-terms")
    where = locate("example.org", None, others=[said])
    assert (where.status, where.as_of) == ("EU likely", "2025-02-01")
    with pytest.raises(ValueError, match="no ISO country"):
        statement("the moon", "", "", "")


def test_two_independent_grounds_that_agree_prove() -> None:
    chain = ("mobile.events.data.trafficmanager.net", "onedscolprdeus06.eastus.cloudapp.azure.com")
    where = at("mobile.events.data.microsoft.com", EAST_US, *chain)
    assert verdict(where) == ("US", "US proven", False)
    assert kinds(where) == ["G1", "G2", "G3"]
    assert where.basis.startswith("2 independent grounds agree: onedscolprdeus06")
    assert verdict(at("eu-mobile.events.data.microsoft.com", NORTH_EUROPE)) == ("IE", "EU proven", False)
    assert verdict(at("fef.amsub0502.manage.microsoft.com", WEST_EUROPE)) == ("NL", "EU proven", False)


def test_the_operator_is_one_witness_however_often_it_says_so() -> None:
    said = statement("EU", "the contract says EU", "2025-02-01", "microsoft-terms")
    where = locate(
        "eu-mobile.events.data.microsoft.com", None, ["eu-mobile-events-data.trafficmanager.net"], others=[said]
    )
    assert len(where.rungs) == 3
    assert where.status == "EU likely"


def test_a_name_in_its_own_chain_counts_once() -> None:
    host = "onedscolprdeus06.eastus.cloudapp.azure.com"
    assert kinds(at(host, None, host.upper() + ".", host)) == ["G1"]


def test_the_address_outweighs_a_name_that_says_otherwise() -> None:
    where = at("eu-mobile.events.data.microsoft.com", EAST_US)
    assert verdict(where) == ("US", "US likely", True)
    assert "the list of addresses" in where.basis
    assert "against: eu-mobile.events.data.microsoft.com" in where.basis


def test_two_strong_grounds_prove_against_a_weak_one() -> None:
    where = at("eu-mobile.events.data.microsoft.com", EAST_US, "onedscolprdeus06.eastus.cloudapp.azure.com")
    assert verdict(where) == ("US", "US proven", True)


def test_equally_strong_grounds_that_disagree_decide_nothing() -> None:
    where = at("mobile.events.data.microsoft.com", EAST_US, "onedscolprdweu06.westeurope.cloudapp.azure.com")
    assert verdict(where) == ("", "unknown", True)
    assert "none is stronger" in where.basis


@pytest.mark.parametrize("ip", ["13.107.42.14", "13.107.1.1", "204.79.197.200", "52.113.194.132", "150.171.22.254"])
@pytest.mark.parametrize(
    "host",
    ["mobile.events.data.microsoft.com", "us-mobile.events.data.microsoft.com", "eu-mobile.events.data.microsoft.com"],
)
def test_anycast_is_its_own_answer(host: str, ip: str) -> None:
    where = at(host, ip, headers=(("x-ms-ests-server", "2.1 - EUS ProdSlices"),))
    assert verdict(where) == ("", "undetermined (anycast)", False)
    assert where.as_of == "2026-06-26"


def test_a_front_door_name_is_anycast_unless_the_address_has_a_region() -> None:
    assert at("config.edge.skype.com", None, "config-edge-skype.l-0007.l-msedge.net").status == "undetermined (anycast)"
    assert verdict(at("config.edge.skype.com", NORTH_EUROPE, "x.l-msedge.net")) == ("IE", "EU likely", False)


NOT_PUBLIC = "127.0.0.1 10.1.2.3 192.168.1.4 172.16.0.1 100.64.0.1 169.254.169.254 192.0.2.7 198.51.100.7 203.0.113.7"
NOT_PUBLIC += " 0.0.0.0 224.0.0.1 255.255.255.255 ::1 fe80::1%eth0 fd00::1 2001:db8::1 ::ffff:127.0.0.1 ff02::1"


@pytest.mark.parametrize("ip", NOT_PUBLIC.split())
def test_an_address_that_is_not_public_says_nothing(ip: str) -> None:
    where = at("mobile.events.data.microsoft.com", ip)
    assert verdict(where) == ("", "unknown", False)
    assert "the server's address is not a public one: mock or proxy" in where.basis
    assert at("us-mobile.events.data.microsoft.com", ip).status == "US likely"


def test_what_is_no_address_says_nothing() -> None:
    where = at("mobile.events.data.microsoft.com", "peername")
    assert verdict(where) == ("", "unknown", False)
    assert "peername" not in where.basis


def test_nothing_known() -> None:
    assert at("example.org") == Where(basis="nothing says where it is")
    elsewhere = at("example.org", "8.8.8.8")
    assert verdict(elsewhere) == ("", "unknown", False)
    assert "no range of the list (2026-06-26)" in elsewhere.basis


def test_g4_a_short_round_trip_rules_out_what_is_far() -> None:
    near = round_trip(9)
    assert (near.rules_out, "at most 900 km away, not US" in near.detail) == ("US", True)
    assert round_trip(40).rules_out == ""
    where = locate("mobile.events.data.microsoft.com", EAST_US, others=[near])
    assert verdict(where) == ("", "unknown", True)
    assert locate("eu-mobile.events.data.microsoft.com", NORTH_EUROPE, others=[near]).status == "EU proven"


def test_a_list_of_the_captures_own_time_decides(tmp_path: Path) -> None:
    path = tmp_path / "tags-20200102.csv.gz"
    path.write_bytes(gzip.compress(b"tag,region,prefix\nAzureCloud.uksouth,uksouth,20.42.73.0/24\n"))
    where = locate("mobile.events.data.microsoft.com", EAST_US, tables=load_tables(path))
    assert (where.country, where.as_of) == ("GB", "2020-01-02")
    assert where.rungs[-1].source == "tags-20200102.csv.gz"


def test_grounds_can_be_written_as_json() -> None:
    where = at("eu-mobile.events.data.microsoft.com", EAST_US)
    rungs = json.loads(json.dumps([dataclasses.asdict(rung) for rung in where.rungs]))
    assert [(rung["kind"], rung["says"]) for rung in rungs] == [("G1", "EU"), ("G3", "US")]
    assert all(rung.source in sources() for rung in where.rungs)


@given(
    st.sampled_from([endpoint.pattern.replace("*", "amsub01") for endpoint in KNOWN.all]) | st.text(max_size=80),
    st.none() | st.ip_addresses().map(str) | st.text(max_size=20),
    st.lists(st.text(max_size=60) | st.sampled_from(["a.westus.cloudapp.azure.com", "b.azurefd.net"]), max_size=4),
)
def test_any_destination_gets_a_verdict(host: str, ip: str | None, cnames: list[str]) -> None:
    where = at(host, ip, *cnames)
    assert where.status in STATUSES
    assert where.country == "" or where.status.startswith(("US", "EU", "other"))
    assert "no transfer" not in where.basis
