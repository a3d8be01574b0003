"""T2, T3 and T10, host by host against what the makers of the samples counted."""

import pytest

from portalscope.analysis.parties import ENDPOINTS, THIRD_PARTIES, TRANSFERS, endpoints, third_parties, transfers
from portalscope.capture.run import Run
from tests.analysis.recorded import REAL, event, get, real, synthetic, truth, upload


@pytest.mark.parametrize("run", [name for name in REAL if name != "off"])
def test_endpoints_are_those_of_the_truth(run):
    """Requests, answered requests, bytes and telemetry records of every host."""
    known = truth(REAL[run][0])
    table = endpoints(real(run)).set_index("host")
    assert list(table.reset_index().columns) == ENDPOINTS.names
    assert {
        host: {"flows": row["requests"], "req_wire_bytes": row["bytes_sent"], "delivered": row["delivered"]}
        for host, row in table.iterrows()
    } == known["by_host"]
    records: dict[str, int] = dict.fromkeys(known["by_host"], 0)
    for flow in known["flows"]:
        records[flow["host"]] += len(flow["body"].get("events", []))
    assert table["records"].to_dict() == records


def test_an_endpoint_says_who_what_for_and_how_sure():
    row = endpoints(real("clients-new")).set_index("host").loc["eu-mobile.events.data.microsoft.com"]
    assert row[["company", "seat", "purpose", "certainty", "opened"]].tolist() == [
        "Microsoft Corporation", "US", "telemetry", "likely", "yes",
    ]  # fmt: skip
    assert row["place"] == "European Economic Area"
    assert row["apps"] == "clients on linux"


def test_google_is_the_platform_and_an_address_is_unknown():
    """The samples went to no third party: Chromium's update check, and once to an address of nobody."""
    table = third_parties(real("clients-old", "clients-new"))
    assert list(table.columns) == THIRD_PARTIES.names
    assert table[["company", "kind", "hosts", "requests", "delivered", "bytes_sent"]].to_numpy().tolist() == [
        ["unknown company", "unknown", "169.254.169.254", 1, 0, 0],
        ["Google LLC", "platform", "update.googleapis.com", 4, 4, 2 * 1612],
    ]
    assert table["app"].tolist() == ["clients", "clients"]


def test_a_third_party_of_a_mobile_app(tmp_path):
    """Synthetic: a mobile app calls a marketing company."""
    run = Run(id="a", app="Company Portal", platform="iOS")
    calls = [
        upload(0, "a", [event("A")]),
        get(1, "a", "sdk.iad-01.braze.com", "/api/v3/data", query="email=anna@contoso.example", server_ip=None),
    ]
    (row,) = third_parties(synthetic(tmp_path / "d", a=(run, calls))).to_dict("records")
    assert (row["app"], row["platform"], row["kind"]) == ("Company Portal", "iOS", "third party")
    assert (row["company"], row["requests"], row["exchange"]) == ("Braze, Inc.", 1, "flows.mitm#1")
    assert "emailAddress" in row["personal"]


def test_transfers_name_the_hosts_that_got_each_kind_of_data():
    """The planted phone number went to one host in one request: browser.events, exchange 21 of the sample."""
    table = transfers(real("clients-old"))
    assert list(table.columns) == TRANSFERS.names
    row = table[table["property"] == "phoneNumber"].iloc[0]
    assert (row["hosts"], row["requests"], row["class"]) == ("browser.events.data.microsoft.com", 1, "D1")
    assert row["exchange"] == "sample_reg_v1.mitm#21"
    assert row["purposes"] == "telemetry"
    assert (row["company"], row["seat"], row["place"]) == ("Microsoft Corporation", "United States", "Not located")


def test_transfers_say_what_is_known_of_the_place_and_nothing_of_legality(tmp_path):
    """Synthetic: one server in the United States, one in Europe."""
    calls = [
        upload(
            0,
            "a",
            [event("A", device={"localId": "s:1"})],
            "us-mobile.events.data.microsoft.com",
            server_ip="20.42.73.24",
        ),
        upload(
            1,
            "a",
            [event("A", device={"localId": "s:1"})],
            "eu-mobile.events.data.microsoft.com",
            server_ip="20.50.88.235",
        ),
    ]
    table = transfers(synthetic(tmp_path / "d", a=(Run(id="a"), calls)))
    assert table.iloc[0]["place"] == "United States"  # comes first
    places = table[table["property"] == "deviceId"].set_index("place")
    assert set(places["certainty"]) <= {"proven", "likely"}
    assert places.loc["United States", "hosts"] == "us-mobile.events.data.microsoft.com"
    text = " ".join(table["safeguard"]).lower()
    assert "no transfer" not in text
    assert "anonym" not in text
