"""Windows, Edge and Office messages, end to end. Addresses and bodies are those of published requests; ids are zeros."""

import base64
import json
from datetime import UTC, datetime

import pytest

from portalscope.capture.exchange import Exchange
from portalscope.decoders.decode import decode
from tests.decoders.wire.test_aria import T4
from tests.decoders.wire.test_watson import FRAME

ZEROS = "00000000-0000-0000-0000-000000000000"
JSON = (("Content-Type", "application/json"),)
WINDOWS_UPDATE = b"""<s:Envelope xmlns:a="http://www.w3.org/2005/08/addressing"
 xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>
<a:Action s:mustUnderstand="1">http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService/SyncUpdates</a:Action>
<o:Security s:mustUnderstand="1" xmlns:o="urn:wsse"><wuws:WindowsUpdateTicketsToken xmlns:wuws="urn:wuws">
<TicketType Name="MSA" Version="1.0" Policy="MBI_SSL"><Device>dAA9AEUA</Device></TicketType>
</wuws:WindowsUpdateTicketsToken></o:Security></s:Header><s:Body><SyncUpdates><cookie><Expiration>2030</Expiration>
<EncryptedData>AAAA</EncryptedData></cookie><parameters><ExpressQuery>false</ExpressQuery>
<InstalledNonLeafUpdateIDs><int>1</int><int>10</int></InstalledNonLeafUpdateIDs><ProductsParameters>
<DeviceAttributes>E:FlightRing=Retail&amp;TelemetryLevel=3&amp;InstallDate=1577722757&amp;Steam=URL:steam protocol</DeviceAttributes>
<CallerAttributes>E:Interactive=1&amp;IsSeeker=1&amp;Id=UpdateOrchestrator&amp;</CallerAttributes>
</ProductsParameters></parameters></SyncUpdates></s:Body></s:Envelope>"""
REGISTER = b"""<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><RegisterComputer>
<computerInfo><DnsName>kim-laptop.contoso.example</DnsName><OSMajorVersion>10</OSMajorVersion></computerInfo>
</RegisterComputer></soap:Body></soap:Envelope>"""
SMARTSCREEN = {
    "identity": {"device": {"onlineIdTicket": "t=AAAA", "osVersion": "10.0.17763"}, "caller": {"name": "anaheim"}},
    "destination": {"ip": "192.0.2.1", "uri": "https://contoso.example/record?patient=17"},
    "correlationId": ZEROS,
    "type": "top",
}
CREDENTIALS = base64.b64encode(json.dumps({"authId": ZEROS, "hash": "AA==", "key": "BB=="}).encode()).decode()
# marshaled Bond: 5 schema, two base classes, 10 [[]], 20 {5 schema, 30 machine GUID, 390 [{30: {420: path}}]}
MAPS = (
    bytes.fromhex("43420100a901530101cb0a0b010e00ca14a901530101c91e24")
    + ZEROS.encode()
    + bytes.fromhex("eb86010a01ca1ee9a40113")
    + b"C:\\Users\\kim\\a.docx"
    + bytes.fromhex("00000000")
)


def sent(method, host, path, query="", body=b"", headers=(), answer=b"", answer_headers=JSON):
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
        headers=headers,
        body=body,
        status=200,
        response_headers=answer_headers,
        response_body=answer,
    )


def judged(knowledge, exchange):
    """The message, and (property, reason) of every field that a rule of its adapter speaks of."""
    message = decode(exchange, knowledge.adapters)
    adapter = knowledge.adapters[message.adapter]
    rules = {field.key: adapter.rule(field.key) for event in message.events for field in event.fields}
    return message, {key: (rule.is_, rule.because) for key, rule in rules.items() if rule}, rules


def test_aria(knowledge):
    headers = (("Content-Type", "application/bond-compact-binary"), ("X-APIKey", "tok"))
    exchange = sent("POST", "mobile.pipe.aria.microsoft.com", "/Collector/3.0/", body=T4, headers=headers)
    message, found, _ = judged(knowledge, exchange)
    assert message.adapter == "aria"
    assert not message.problems
    (record,) = [event for event in message.events if event.kind == "record"]
    assert (record.name, record.time) == ("first_event", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC))
    assert found["body:records[].Extension.DeviceInfo.Id"] == ("deviceId", "source code")
    assert found["body:packages[].token"] == ("productKey", "source code")


def test_watson(knowledge):
    exchange = sent("POST", "nw-umwatson.events.data.microsoft.com", "/Telemetry.Request", body=FRAME)
    message, found, rules = judged(knowledge, exchange)
    assert message.adapter == "watson"
    assert [event.name for event in message.events if event.kind == "record"] == ["crashpad_exp"]
    assert found["body:tlm.src.desc.mach.ctrl.mid"] == ("deviceId", "published capture")
    assert found["body:requests[].namespace.p1"] == ("errorInformation", "published capture")
    assert None not in rules.values()


@pytest.mark.parametrize(
    ("path", "adapter", "key"),
    [
        ("/StageOne/chrome.exe/64.0/5a8e38d5/chrome.dll/64.0/5a8e35df/c0000005/0263.htm", "wer-stage-one", "path:app"),
        ("/StageOne/app_exe/1_0/mod_dll/1_0/0001.htm", "wer-stage-one", "path:module"),
        ("/StageOne/Generic/BlueScreen/a.htm", "wer-stage-one-generic", "path:p1"),
        ("/StageOne/Generic/Event/a/b/c/d/e/f/g/h.htm", "wer-stage-one-generic", "path:p8"),
        ("/StageOne/Generic/Event/a/b/c/d/e/f.htm", "wer-stage-one-generic", "path:eventType"),
    ],
)
def test_stage_one_of_older_windows(knowledge, path, adapter, key):
    exchange = sent("GET", "watson.microsoft.com", path, "LCID=1033&OS=6.1.7601&SM=Contoso&SPN=Laptop&BV=1")
    message, found, rules = judged(knowledge, exchange)
    assert message.adapter == adapter
    assert key in found
    assert None not in rules.values()


def test_a_crash_dump_may_contain_anything(knowledge):
    dump = b"MDMP\x93\xa7\x00\x00" + bytes(500)
    exchange = sent("PUT", "weus2watcab01.blob.core.windows.net", "/c/a/b", "sig=AAAA&se=2026", body=dump)
    message, found, rules = judged(knowledge, exchange)
    assert message.adapter == "wer-upload"
    assert found["body:media"][0] == "crashDump"
    assert rules["body:media"].code == "C1"
    assert found["query:sig"] == ("accessToken", "documented")


def test_quickpulse(knowledge):
    body = [{"Instance": "KIM-PC", "MachineName": "KIM-PC", "Timestamp": "/Date(1700000000000)/", "Metrics": []}]
    exchange = sent(
        "POST", "rt.services.visualstudio.com", "/QuickPulseService.svc/post", "ikey=0", json.dumps(body).encode(), JSON
    )
    message, found, _ = judged(knowledge, exchange)
    assert message.adapter == "quickpulse"
    assert found["body:[].MachineName"] == ("deviceName", "source code")
    assert message.events[1].time == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert "KIM" not in message.events[1].name


def test_onesettings(knowledge):
    query = (
        "FlightRing=Retail&TelemetryLevel=0&InstallDate=1790300745&FX_FlightIds=FX%3A1392F879&AccountFirstChar=k&New=1"
    )
    answer = b'{"queryUrl":"/settings","settings":{"PAYLOAD_1_1":{"ad":{"entityId":"FX:1","items":[{"featureId":7}]}}}}'
    host = "settings-win.data.microsoft.com"
    exchange = sent("GET", host, "/settings/v3.0/WaaS/FeatureManagement", query, answer=answer)
    message, found, rules = judged(knowledge, exchange)
    assert message.adapter == "onesettings"
    assert found["query:TelemetryLevel"] == ("telemetryLevel", "published capture")
    assert found["query:FX_FlightIds"] == ("experimentFlights", "published capture")
    assert found["response:settings.PAYLOAD_1_1.ad.entityId"] == ("experimentFlights", "published capture")
    assert "personal" in rules["query:AccountFirstChar"].note
    assert rules["query:New"] is None


def test_configuration_services(knowledge):
    ecs = sent("GET", "config.edge.skype.com", "/config/v1/EdgeUpdate/1.3.169.31", f"clientId=s:{ZEROS}&hwPhysmemory=8")
    message, found, _ = judged(knowledge, ecs)
    assert (message.adapter, found["query:clientId"][0]) == ("ecs", "clientId")
    query = f"Application=officeclicktorun.exe&Version=16.0.1&ClientId=%7b{ZEROS}%7d&OSEnvironment=10&MsoAppId=37&"
    message, found, rules = judged(knowledge, sent("GET", "nexusrules.officeapps.live.com", "/nexus/rules", query))
    assert (message.adapter, found["query:ClientId"][0]) == ("office-rules", "clientId")
    assert all(rule for key, rule in rules.items() if key.startswith("query:"))


def test_smartscreen_and_its_authorization(knowledge):
    exchange = sent(
        "POST",
        "nav.smartscreen.microsoft.com",
        "/windows/browser/edge/service/navigate/4/sync",
        body=json.dumps(SMARTSCREEN).encode(),
        headers=(*JSON, ("Authorization", f"SmartScreenHash {CREDENTIALS}")),
    )
    message, found, rules = judged(knowledge, exchange)
    assert message.adapter == "smartscreen"
    assert found["header:authorization|authorization.authId"] == ("otherIdentifiers", "published capture")
    assert found["body:destination.uri"] == ("url", "published capture")
    assert found["body:destination.uri|url.query.patient"] == ("url", "published capture")
    assert found["body:identity.device.onlineIdTicket"] == ("authTicket", "published capture")
    assert None not in rules.values()


def test_windows_update_opens_its_attributes(knowledge):
    exchange = sent("POST", "fe3.delivery.mp.microsoft.com", "/ClientWebService/client.asmx", body=WINDOWS_UPDATE)
    message, found, rules = judged(knowledge, exchange)
    assert message.adapter == "windows-update"
    assert not message.problems
    parameters = "body:Body.SyncUpdates.parameters.ProductsParameters."
    attributes = f"{parameters}DeviceAttributes|device-attributes."
    assert found[attributes + "TelemetryLevel"] == ("telemetryLevel", "reverse-engineered")
    assert found[attributes + "Steam"] == ("appInventory", "reverse-engineered")
    assert found[f"{parameters}CallerAttributes|device-attributes.IsSeeker"] == ("userAction", "reverse-engineered")
    ticket = "body:Header.Security.WindowsUpdateTicketsToken.TicketType.Device"
    assert found[ticket] == ("authTicket", "reverse-engineered")
    assert found["body:Body.SyncUpdates.cookie.EncryptedData"] == ("sessionCookie", "documented")
    assert None not in rules.values()


def test_windows_update_registers_the_computer_by_name(knowledge):
    exchange = sent("POST", "sls.update.microsoft.com", "/ClientWebService/client.asmx", body=REGISTER)
    _, found, _ = judged(knowledge, exchange)
    assert found["body:Body.RegisterComputer.computerInfo.DnsName"] == ("deviceFqdn", "documented")


def test_delivery_optimization(knowledge):
    answer = (
        b'{"ExternalIpAddress":"203.0.113.7","CountryCode":"DE","KeyValue_EndpointFullUri":"https://kv601.example/all"}'
    )
    exchange = sent("GET", "geo.prod.do.dsp.mp.microsoft.com", "/geo", "doClientVersion=10&profile=0", answer=answer)
    message, found, rules = judged(knowledge, exchange)
    assert message.adapter == "delivery-optimization"
    assert found["response:ExternalIpAddress"] == ("publicIp", "published capture")
    assert None not in rules.values()
    peers = sent("GET", "array601.prod.do.dsp.mp.microsoft.com", "/join", "PeerID=1&ReportedIp=10.0.0.1")
    assert judged(knowledge, peers)[1]["query:ReportedIp"] == ("localIp", "documented")


def test_edge_update(knowledge):
    path = "/api/v1.1/contents/Browser/namespaces/Default/names/msedge-stable-win-x64/versions/latest"
    body = b'{"targetingAttributes":{"Updater":"MicrosoftEdgeUpdate","OsRegionName":"NL","HW_SSE2":true}}'
    message, found, rules = judged(
        knowledge, sent("POST", "msedge.api.cdp.microsoft.com", path, "action=select", body, JSON)
    )
    assert message.adapter == "edge-update"
    assert found["body:targetingAttributes.OsRegionName"] == ("country", "reverse-engineered")
    assert None not in rules.values()


def test_maps_is_an_anonymous_tree_and_says_so(knowledge):
    headers = (("Content-Type", "application/bond"), ("X-MS-MAPS-OSVERSION", "a0000000065f4"))
    exchange = sent("POST", "wdcp.microsoft.com", "/wdcp.svc/bond/submitreport", body=MAPS, headers=headers)
    message, found, _ = judged(knowledge, exchange)
    assert message.adapter == "maps"
    assert not message.problems
    assert found["body:[].20.30"] == ("deviceId", "reverse-engineered")
    assert found["body:[].20.390[].30.420"] == ("filePath", "reverse-engineered")
    assert {reason for key, (_, reason) in found.items() if key.startswith("body:")} == {"reverse-engineered"}


def test_what_was_read_by_third_parties_or_remembered_never_prints_as_documented(knowledge):
    readings = {"maps-reading", "uup-clients", "edge-version-tools", "app-measurement-proto", "memory"}
    rules = [rule for adapter in knowledge.adapters.all for rule in adapter.rules.values() if rule.source in readings]
    assert len(rules) > 200
    assert {rule.because for rule in rules} <= {"reverse-engineered", "from memory", "obvious name"}
