"""The tests behind the five risks: numbers from the samples' expected.json, and synthetic traffic of device management."""

import pytest

from portalscope.analysis import risk_tests
from portalscope.analysis.risk_tests import Subject, behaviour, ownership, purposes, transfer, transparency
from portalscope.capture.run import Run
from tests.analysis.recorded import KEY, event, get, real, synthetic, truth, upload

APP_LIST = "./User/Vendor/MSFT/EnterpriseModernAppManagement/AppManagement/nonStore/Contoso.Dating_1/1.0/Name"
CHECK_IN = """<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>
<SessionID>1</SessionID><MsgID>2</MsgID><Target><LocURI>https://r.manage.microsoft.com/x</LocURI></Target>
<Source><LocURI>urn:uuid:1</LocURI></Source></SyncHdr><SyncBody>{results}<Final/></SyncBody></SyncML>"""
RESULTS = """<Results><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>5</CmdRef><Item><Source><LocURI>{uri}</LocURI></Source>
<Data>Contoso Dating</Data></Item></Results>"""


def check_in(number, run, *uris):
    """A check-in of a Windows device (OMA-DM 1.2, MS-MDM). Synthetic."""
    body = CHECK_IN.format(results="".join(RESULTS.format(uri=uri) for uri in uris))
    return upload(
        number,
        run,
        [],
        "r.manage.microsoft.com",
        path="/devicegatewayproxy/cimhandler.ashx",
        headers=(("Content-Type", "application/vnd.syncml.dm+xml"),),
        body=body.encode(),
    )


def devices(number, run, owner):
    """Graph's answer on a managed device. Synthetic."""
    body = f'{{"value": [{{"id": "1", "managedDeviceOwnerType": "{owner}"}}]}}'.encode()
    given = {"response_headers": (("Content-Type", "application/json"),), "response_body": body}
    return get(number, run, "graph.microsoft.com", "/v1.0/deviceManagement/managedDevices", **given)


def owned(tmp_path, before, after, owners=("personal", "corporate")):
    """R1 on two recordings, before and after a change of the owner."""
    runs = {
        name: (
            Run(id=name, settings={"ownership": owner} if owner else {}),
            [check_in(0, name, *uris), devices(1, name, owner)],
        )
        for name, owner, uris in zip(("a", "b"), owners, (before, after), strict=True)
    }
    return ownership(Subject(synthetic(tmp_path / "d", **runs)))


def test_r1_an_inventory_that_is_sent_after_the_change(tmp_path):
    found = owned(tmp_path, (), (APP_LIST,))
    assert found.verdict == "seen"
    assert (found.numbers["personal"], found.numbers["corporate"], found.numbers["owner_stated"]) == (0, 1, 2)
    assert set(found.evidence["property"].astype(str)) == {"ownershipType", "appInventory"}


def test_r1_an_inventory_that_is_never_sent(tmp_path):
    assert owned(tmp_path, (), ()).verdict == "not_seen"


def test_r1_an_inventory_of_personal_devices_too(tmp_path):
    assert owned(tmp_path, (APP_LIST,), (APP_LIST,)).verdict == "indications"


def test_r1_needs_two_recordings(tmp_path):
    found = owned(tmp_path, (), (APP_LIST,), ("", ""))
    assert (found.verdict, found.missing) == ("indications", (risk_tests.PAIR,))
    assert ownership(Subject(real("web"))).verdict == "not_testable"


def test_r2_behaviour_beside_identifiers():
    """Every record of the runtime states the device's identifier; the truth has 32 records in two requests."""
    found = behaviour(Subject(real("old-1")))
    assert found.verdict == "seen"
    assert found.numbers["events"] >= 32
    assert 0 < found.numbers["with_behaviour"] == found.numbers["beside_an_identifier"] <= 32
    assert set(found.evidence["class"].astype(str)) == {"B1"}


def test_r2_behaviour_alone_and_none(tmp_path):
    data = {"PageView": {"Duration": 3}, "EventInfo": {"Level": 2}}
    run = {"headers": (("Content-Type", "application/x-json-stream"),)}
    alone = synthetic(
        tmp_path / "1", a=(Run(id="a"), [upload(0, "a", [event("A", {"usageCount": 1, **data}, app="")], **run)])
    )
    assert behaviour(Subject(alone)).verdict in ("indications", "not_seen")
    assert behaviour(Subject(alone)).numbers["beside_an_identifier"] == 0
    quiet = synthetic(tmp_path / "2", a=(Run(id="a"), [get(0, "a", "graph.microsoft.com", "/v1.0/me")]))
    assert behaviour(Subject(quiet)).verdict == "not_testable"


def test_r2_the_rate(tmp_path):
    calls = [upload(0, "a", [event("A", web={"userConsent": True})] * 2), upload(2, "a", [event("A")])]
    found = behaviour(Subject(synthetic(tmp_path / "d", a=(Run(id="a"), calls))))
    assert found.numbers["with_behaviour"] == 2
    assert "That is 60 events an hour of recording." in found.seen


def test_r3_values_that_stand_in_traffic_for_another_purpose():
    """The oracles have the UPN in sign-in, management and telemetry; the two collectors with 1DS got it too."""
    found = purposes(Subject(real("clients-old")))
    assert found.verdict == "seen"
    assert found.numbers["elsewhere_as_well"] >= 1
    assert found.numbers["naming_a_person"] >= 1
    assert found.numbers["third_parties"] == 0
    assert any("user principal name" in line for line in found.seen)


def test_r3_a_device_identifier_alone_is_an_indication():
    found = purposes(Subject(real("old-1")))
    assert (found.verdict, found.numbers["naming_a_person"], found.numbers["elsewhere_as_well"]) == (
        "indications",
        0,
        0,
    )
    assert found.numbers["identifying_values"] >= 1


def test_r3_a_third_party(tmp_path):
    calls = [upload(0, "a", [event("A")]), get(1, "a", "sdk.iad-01.braze.com", "/api/v3/data")]
    found = purposes(Subject(synthetic(tmp_path / "d", a=(Run(id="a"), calls))))
    assert found.numbers["third_parties"] == 1
    assert found.seen[-1] == "Third parties among the hosts: Braze, Inc.."


def test_r4_counts_events_and_fields():
    names = {name for flow in truth("ort130")["flows"] for name in flow["body"]["events"]}
    found = transparency(Subject(real("old-1")))
    assert found.verdict == "seen"
    assert (found.numbers["events"], found.numbers["events documented"]) == (len(names), 0)
    assert found.numbers["fields"] == sum(
        found.numbers[f"fields {status}"] for status in ("documented", "source code only", "not documented")
    )
    assert found.numbers["unread bytes"] == 0


def test_r4_is_about_the_app_where_there_is_one():
    """Nine events of the clients' 71 state Company Portal's id; only they count, with the key."""
    assert transparency(Subject(real("clients-old"), KEY)).numbers["events"] == 9
    assert transparency(Subject(real("clients-old"))).numbers["events"] > 9


@pytest.mark.parametrize(
    ("host", "address", "verdict", "kind"),
    [
        ("us-mobile.events.data.microsoft.com", "20.42.73.24", "seen", "to_us_proven"),
        ("us-mobile.events.data.microsoft.com", None, "indications", "to_us_likely"),
        ("eu-mobile.events.data.microsoft.com", "20.50.88.235", "indications", "to_companies_seated_in_us"),
    ],
)
def test_r5_places_and_seats(tmp_path, host, address, verdict, kind):
    """Synthetic: one device identifier to one collector. A server in Europe does not end the question."""
    call = upload(0, "a", [event("A", device={"localId": "s:1"})], host, server_ip=address)
    found = transfer(Subject(synthetic(tmp_path / "d", a=(Run(id="a"), [call]))))
    assert found.verdict == verdict
    assert found.numbers[kind] >= 1
    assert set(found.evidence["host"].astype(str)) == {host}


def test_r5_without_telemetry():
    assert transfer(Subject(real("off"))).verdict == "not_testable"


def test_whose_telemetry_it_is():
    assert Subject(real("web"), KEY).said.startswith("9 events state the id of Company Portal, 0 are of it")
    assert Subject(real("old-1"), KEY).said.startswith("No event of Company Portal is in these recordings")
