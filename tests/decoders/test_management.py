"""Device management: which message is this, and what is each of its fields. Expected answers come from the sources' tables."""

from datetime import UTC, datetime

import pytest

from portalscope.capture.exchange import Exchange
from portalscope.decoders.decode import decode
from tests.decoders.wire.test_syncml import CHECK_IN
from tests.decoders.wire.vectors import T5, T7

PERSONAL, PSEUDONYMOUS, BEHAVIOUR = {"D1", "L1", "C1"}, {"D2", "D3"}, {"B1"}
TECHNICAL, ORGANISATION, SECRET = {"Q1", "N1", "D5"}, {"O1"}, {"S1"}
INTUNE = "r.manage.microsoft.com"


def exchange(host, path, body=b"", method="POST", content_type="", answer=b"", query=""):
    return Exchange(
        id="f#0",
        run="r",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        method=method,
        scheme="https",
        host=host,
        port=443,
        path=path,
        query=query,
        headers=(("Content-Type", content_type),) if content_type else (),
        body=body,
        status=200,
        response_body=answer,
    )


def code(knowledge, adapter, key):
    rule = knowledge.adapters[adapter].rule(key)
    assert rule is not None, key
    return rule.code or knowledge.tables["properties"]["property"][rule.is_]["class"]


@pytest.mark.parametrize(
    ("method", "host", "path", "content_type", "adapter"),
    [
        ("POST", INTUNE, "/devicegatewayproxy/cimhandler.ashx", "application/vnd.syncml.dm+xml", "syncml-windows"),
        ("POST", "a.manage.microsoft.com", "/devicegatewayproxy/AndroidHandler.ashx", "", "syncml-android"),
        ("POST", "mdm.contoso.example", "/dm", "application/vnd.syncml.dm+wbxml", "syncml-other"),
        ("POST", "enrollment.manage.microsoft.com", "/EnrollmentServer/Discovery.svc", "", "mde2-discovery"),
        ("POST", "enterpriseenrollment.contoso.example", "/EnrollmentServer/Discovery.svc", "", "mde2-discovery"),
        ("POST", "enrollment.manage.microsoft.com", "/EnrollmentServer/Policy.svc", "", "mde2-policies"),
        ("POST", "enrollment.manage.microsoft.com", "/enrollmentserver/enrollment.svc", "", "wstep-enrollment"),
        ("PUT", "i.manage.microsoft.com", "/x", "application/x-apple-aspen-mdm-checkin", "apple-mdm-checkin"),
        ("PUT", "i.manage.microsoft.com", "/x", "application/x-apple-aspen-mdm; charset=UTF-8", "apple-mdm-command"),
        ("GET", "fef.msua02.manage.microsoft.com", "/a/StatelessIWService/Devices", "", "iwservice"),
        ("POST", "fef.msua02.manage.microsoft.com", "/a/StatelessIWService/Devices(guid'1')/Retire", "", "iwservice"),
        ("PUT", "fef.msua02.manage.microsoft.com", "/b/SideCarGatewaySessions('1')", "", "ime-gateway"),
        ("POST", "mam.manage.microsoft.com", "/m/ApplicationInstances(guid'0')/IsTargeted", "", "mam-service"),
        ("GET", "mam.manage.microsoft.com", "/lookup", "", "mam-lookup"),
        ("GET", "go.microsoft.com", "/fwlink/", "", "service-discovery-fwlink"),
        ("GET", "manage.microsoft.com", "/RestUserAuthLocationService/RestUserAuthLocationService/Certificate/ServiceAddresses", "", "service-discovery-device"),
        ("GET", "graph.microsoft.com", "/v1.0/myorganization/servicePrincipals/appId=0000000a-0000-0000-c000-000000000000/endpoints", "", "service-discovery-graph"),
        ("GET", "graph.microsoft.com", "/v1.0/deviceManagement/managedDevices", "", "graph-devices"),
        ("POST", "fef.msua08.manage.microsoft.com", "/TrafficGateway/TrafficRoutingService/LinuxMDM/LinuxEnrollmentService/enroll", "", "intune-linux"),
        ("POST", "powerlift-frontdesk.acompli.net", "/incidents", "", "intune-log-upload"),
        ("GET", "portal.manage.microsoft.com", "/", "", "intune-other"),
    ],
)  # fmt: skip
def test_which_message(knowledge, method, host, path, content_type, adapter):
    found, _ = knowledge.adapters.find(exchange(host, path, method=method, content_type=content_type))
    assert found.id == adapter


NODES = {
    "DevInfo/DevId": PSEUDONYMOUS,
    "DevInfo/Man": TECHNICAL,
    "DevDetail/SwV": TECHNICAL,
    "DevDetail/Ext/Microsoft/DeviceName": PERSONAL,
    "DevDetail/Ext/Microsoft/DNSComputerName": PERSONAL,
    "DevDetail/Ext/Microsoft/SMBIOSSerialNumber": PSEUDONYMOUS,
    "DevDetail/Ext/Microsoft/IMEI": PSEUDONYMOUS,
    "DevDetail/Ext/WLANMACAddress": PSEUDONYMOUS,
    "DevDetail/Ext/DeviceHardwareData": PSEUDONYMOUS,
    "DevDetail/Ext/WlanIPv4Address": PERSONAL,
    "DevDetail/Ext/WlanDnsSuffix": ORGANISATION,
    "DevDetail/Ext/Microsoft/TotalRAM": TECHNICAL,
    "Vendor/MSFT/DeviceStatus/NetworkIdentifiers/*/IPAddressV4": PERSONAL,
    "Vendor/MSFT/DeviceStatus/CellularIdentities/*/PhoneNumber": PERSONAL,
    "Vendor/MSFT/DeviceStatus/CellularIdentities/*/IMSI": PSEUDONYMOUS,
    "Vendor/MSFT/DeviceStatus/TPM/SpecificationVersion": TECHNICAL,
    "Vendor/MSFT/DMClient/Provider/*/UPN": PERSONAL,
    "Device/Vendor/MSFT/DMClient/Provider/*/EntDMID": PSEUDONYMOUS,
    "Vendor/MSFT/DMClient/Provider/*/AADDeviceID": PSEUDONYMOUS,
    "Vendor/MSFT/DMClient/HWDevID": PSEUDONYMOUS,
    "Vendor/MSFT/DMClient/Provider/*/EntDeviceName": PERSONAL,
    "Vendor/MSFT/DMClient/Provider/*/Push/ChannelURI": PSEUDONYMOUS,
    "Vendor/MSFT/DMClient/Provider/*/CommercialID": ORGANISATION,
    "Vendor/MSFT/DMClient/Provider/*/HelpEmailAddress": ORGANISATION,
    "Vendor/MSFT/DMClient/Provider/*/Poll/PollOnLogin": TECHNICAL,
    "Vendor/MSFT/WorkplaceJoin/AADID": PSEUDONYMOUS,
    "Vendor/MSFT/GCM/*/Channel": PSEUDONYMOUS,
    "User/*/Vendor/MSFT/EnterpriseAppManagement/EnterpriseApps/ManagedInventory": BEHAVIOUR,
    "Vendor/MSFT/EnterpriseModernAppManagement/AppManagement/AppStore/*/*/Name": BEHAVIOUR,
    "cimv2/Win32_InstalledProgram": BEHAVIOUR,
    "Vendor/MSFT/DeviceInformation/IsDeviceRooted": TECHNICAL,
    "Vendor/MSFT/Policy/Config/System/AllowTelemetry": TECHNICAL,
    "Vendor/MSFT/DiagnosticLog/FileDownload/DMChannel/*/BlockData": PERSONAL,
    "com.microsoft/MDM/LoginStatus": BEHAVIOUR,
    "com.microsoft/MDM/AADUserToken": SECRET,
}


@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("command", ["Results[]", "Replace[]", "Atomic[].Add[]"])
def test_nodes(knowledge, node, command):
    assert code(knowledge, "syncml-windows", f"body:commands[].{command}.{node}.Data") in NODES[node]


def test_what_stood_in_the_path_of_a_node_is_judged_too(knowledge):
    for kind, codes in {"mac": {"D3"}, "imei": {"D3"}, "user": {"D2"}, "userName": {"D1"}, "ssid": {"L1"}}.items():
        assert code(knowledge, "syncml-android", f"body:commands[].Get[].X/*.locuri[].{kind}") in codes


@pytest.mark.parametrize("body", [CHECK_IN.encode(), T5])
def test_every_leaf_of_a_check_in_has_a_rule(knowledge, body):
    message = decode(exchange(INTUNE, "/devicegatewayproxy/cimhandler.ashx", body), knowledge.adapters)
    adapter = knowledge.adapters[message.adapter]
    assert not message.problems
    fields = [f for e in message.events for f in e.fields if f.part == "body"]
    assert len(fields) > 8
    assert not [f.key for f in fields if f.value and adapter.rule(f.key) is None]


APPLE = {
    "UDID": PSEUDONYMOUS, "SerialNumber": PSEUDONYMOUS, "IMEI": PSEUDONYMOUS, "DeviceName": PERSONAL, "UserLongName": PERSONAL,
    "UserShortName": PERSONAL, "Token": PSEUDONYMOUS, "PushMagic": PSEUDONYMOUS, "UnlockToken": SECRET, "BootstrapToken": SECRET,
    "OSVersion": TECHNICAL, "Topic": ORGANISATION, "CommandUUID": TECHNICAL, "QueryResponses.PhoneNumber": PERSONAL,
    "QueryResponses.HostName": PERSONAL, "QueryResponses.WiFiMAC": PSEUDONYMOUS, "QueryResponses.EID": PSEUDONYMOUS,
    "QueryResponses.iTunesStoreAccountHash": PSEUDONYMOUS, "QueryResponses.BatteryLevel": TECHNICAL,
    "QueryResponses.AccessibilitySettings.VoiceOverEnabled": TECHNICAL, "QueryResponses.TimeZone": PERSONAL,
    "QueryResponses.OrganizationInfo.OrganizationName": ORGANISATION, "InstalledApplicationList[].Identifier": BEHAVIOUR,
    "Latitude": PERSONAL, "SecurityInfo.FDE_PersonalRecoveryKeyCMS": SECRET, "Users[].FullName": PERSONAL,
}  # fmt: skip


@pytest.mark.parametrize("key", APPLE)
def test_apple_keys(knowledge, key):
    for adapter in ("apple-mdm-checkin", "apple-mdm-command"):
        assert code(knowledge, adapter, f"body:{key}") in APPLE[key]


def test_ownership_is_kept_where_an_administrator_would_see_more(knowledge):
    for adapter, key in (
        ("iwservice", "response:value[].OwnerType"),
        ("graph-devices", "response:value[].managedDeviceOwnerType"),
    ):
        assert knowledge.adapters[adapter].rule(key).is_ == "ownershipType"


def test_payloads_in_payloads_of_the_management_extension(knowledge):
    body = b'{"Key": "1", "RequestPayload": "[]", "ClientInfo": "{\\"DeviceName\\": \\"KIMS-LAPTOP\\"}"}'
    answer = b'{"ResponsePayload": "' + T7 + b'"}'
    message = decode(
        exchange("fef.msua02.manage.microsoft.com", "/b/SideCarGatewaySessions('1')", body, "PUT", answer=answer),
        knowledge.adapters,
    )
    values = {f.path: f.value for e in message.events for f in e.fields}
    assert values["ClientInfo|json.DeviceName"] == "KIMS-LAPTOP"
    assert values["ResponsePayload|ime-payload[0].PolicyId"] == "00000000-0000-0000-0000-000000000001"
    assert not message.problems
    assert code(knowledge, "ime-gateway", "body:ClientInfo|json.DeviceName") in PERSONAL


def test_the_device_in_an_address_is_taken_out(knowledge):
    message = decode(
        exchange("fef.msua02.manage.microsoft.com", "/a/StatelessIWService/Devices(guid%27d3ad%27)/Retire"),
        knowledge.adapters,
    )
    values = {f.key: f.value for f in message.events[0].fields}
    assert values["path:deviceId"] == "d3ad"
    assert values["path:action"] == "Retire"


def test_what_was_read_out_of_a_program_is_not_called_documented(knowledge):
    for name in ("mam-service", "mam-lookup"):
        own = [rule for rule in knowledge.adapters[name].rules.values() if rule.origin == name]
        assert own
        assert {rule.because for rule in own} == {"reverse-engineered"}
    assert {rule.because for rule in knowledge.shared["mam-events"].values()} == {"reverse-engineered"}
