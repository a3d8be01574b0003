"""The pitfalls of these formats, one test each."""

import base64
import json
from datetime import UTC, datetime

import pytest

from portalscope.capture.exchange import Exchange
from portalscope.decoders.decode import decode
from portalscope.decoders.judging import classifier, judge
from portalscope.decoders.message import DecodeError, Tag, Tagged
from portalscope.decoders.wire.aria import aria
from portalscope.decoders.wire.bond import Reader, records
from portalscope.decoders.wire.common_schema import common_schema_bond, common_schema_tags
from portalscope.decoders.wire.content import unpack
from portalscope.decoders.wire.wbxml import wbxml
from tests.decoders.wire.vectors import T1, T2, T3_GZIP, T5


@pytest.fixture(scope="module")
def findings(knowledge):
    judging = classifier(judge(knowledge, {}))

    def of(host, path, body=b"", headers=(), method="POST", query=""):
        exchange = Exchange(
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
        )
        message = decode(exchange, knowledge.adapters)
        judged = judging.findings(message, knowledge.adapters[message.adapter])
        return {
            f"{f.part}:{f.path}": j
            for e, js in zip(message.events, judged, strict=True)
            for f, j in zip(e.fields, js, strict=True)
        }

    return of


def test_1_deflate_may_be_gzip():
    assert unpack(T3_GZIP, "deflate")[0] == T1 + T2


def test_2_two_structs_of_one_extension_are_merged():
    record = bytes.fromhex("2903342e30cb150a0269016d004b0b0109010531303030310000")
    assert common_schema_bond(record)[0]["ext"]["protocol"] == {"devMake": "m", "ticketKeys": [["10001"]]}


def test_3_an_empty_extension_is_no_error():
    assert common_schema_bond(bytes.fromhex("2903342e30cb160a010000"))[0]["ext"] == {"user": {}}


def test_4_defaults_are_left_out_on_the_wire():
    # {"f": {type Bool}}, {"s": {}}: false has no value field, a string neither type nor value
    body = bytes.fromhex("2903342e30 cb460a01 2d090a02 0166 300c00 0173 00 00 00".replace(" ", ""))
    assert common_schema_bond(body)[0]["data"] == {"f": False, "s": ""}


def test_5_guids_are_mixed_endian():
    value = bytes.fromhex("3010cb060b01031033221100554477668899aabbccddeeff00")
    body = bytes.fromhex("2903342e30cb460a012d090a010167") + value + b"\x00\x00"
    assert common_schema_bond(body)[0]["data"]["g"] == "00112233-4455-6677-8899-aabbccddeeff"


def test_6_a_tag_on_a_number_leaves_text():
    assert common_schema_bond(T2.replace(b"\x69\x03a@b", b"\x69\x014"))[0]["data"]["upn"] == Tagged(
        "4", (Tag("pii", 10),)
    )


def test_7_metadata_has_several_forms_and_places():
    for spec in (321, {"t": 321}):
        event = {"ext": {"metadata": {"f": {"a": {"f": {"b": spec}}}}}, "data": {"a": {"b": "x"}}}
        assert common_schema_tags([event])[0]["data"]["a"]["b"] == Tagged("x", (Tag("pii", 10),))


def test_8_aria_fields_31_and_32_go_by_their_wire_type():
    older = bytes.fromhex("0b0a01 cb080a01 ca1f 2901 61 00 00 00 00".replace(" ", ""))  # field 31 as a struct
    try:
        aria(older)
    except DecodeError as error:
        assert error.why


def test_9_unsigned_64_is_stored_as_minus_one():
    # {"u": {type UInt64, longValue -1}}
    body = bytes.fromhex("2903342e30cb460a012d090a010175") + bytes.fromhex("3002910100") + b"\x00\x00"
    assert common_schema_bond(body)[0]["data"]["u"] == 2**64 - 1


def test_10_a_bad_record_does_not_lose_the_others():
    found, why, rest = records(T1 + b"\x29\xff")
    assert (len(found), bool(why), rest) == (1, True, b"\x29\xff")


def test_11_personal_data_in_urls_paths_and_texts(findings):
    found = findings(
        "x.example", "/u/kim@contoso.example", query="next=https%3A%2F%2Fa.example%2F%3Fmail%3Dkim%40contoso.example"
    )
    assert found["path:2"].code == "D1"
    assert found["query:next|url.query.mail"].code == "D1"
    trace = json.dumps({"trace": "at C:\\Users\\kim\\app.cs:line 3"}).encode()
    assert findings("x.example", "/e", trace)["body:trace"].category == "personal"


def test_12_tickets_are_secrets(findings):
    found = findings(
        "mobile.events.data.microsoft.com",
        "/OneCollector/1.0",
        T1,
        (("Tickets", '"10001"="p:AAA"'), ("Content-Type", "application/bond-compact-binary")),
    )
    assert found["header:tickets"].code == "S1"
    assert found["header:tickets|tickets[0].ticket"].code == "S1"
    assert found["header:tickets|tickets[0].kind"].code == "N1"


def test_13_an_app_id_is_no_device_id(findings):
    event = {
        "ver": "4.0",
        "name": "e",
        "ext": {
            "app": {"id": "A:com.microsoft.windowsintune.companyportal"},
            "device": {"localId": "a:1a2b3c4d5e6f7890"},
        },
    }
    found = findings("mobile.events.data.microsoft.com", "/OneCollector/1.0", json.dumps(event).encode())
    assert found["body:[0].ext.app.id"].property == "appId"
    assert found["body:[0].ext.device.localId"].code == "D3"


def test_14_wbxml_integers_are_big_endian_and_bonds_are_not():
    assert Reader(bytes.fromhex("ac02")).varint() == 300
    # the public id 0x1201 stands as a4 01: (0x24 << 7) | 1; read the other way round it would be 0x00a4
    assert T5[1:3] == bytes.fromhex("a401")
    assert "SyncML" in wbxml(T5)


def test_15_small_fields_with_a_personal_meaning(findings):
    found = findings(
        "settings-win.data.microsoft.com",
        "/settings/v3.0/WaaS/FeatureManagement",
        method="GET",
        query="AccountFirstChar=k&InstallDate=1700000000&OSVersion=10",
    )
    assert (found["query:AccountFirstChar"].property, found["query:AccountFirstChar"].code) == ("displayName", "Q1")
    assert "taken from personal data" in found["query:AccountFirstChar"].evidence[0].detail
    body = json.dumps({"destination": {"uri": "https://shop.example/cart?user=kim"}}).encode()
    page = findings("nav.smartscreen.microsoft.com", "/windows/browser/edge/service/navigate/4/sync", body)
    assert page["body:destination.uri"].code == "C1"


def test_16_a_pin_failure_may_carry_our_own_certificates_name(findings):
    event = {
        "ver": "3.0",
        "name": "TrackedOccurrence",
        "data": {"OCCURRENCE": "CERT_PINNING", "DETAIL": "CN=mitmproxy, O=mitmproxy"},
    }
    found = findings("mobile.events.data.microsoft.com", "/OneCollector/1.0", json.dumps(event).encode())
    assert found["body:[0].data.DETAIL"].code != "U1"


def test_a_jwt_in_a_soap_security_token_is_opened(findings):
    claims = base64.urlsafe_b64encode(b'{"upn":"kim@contoso.example"}').decode().rstrip("=")
    token = base64.b64encode(f"eyJhbGciOiJub25lIn0.{claims}.x".encode()).decode()
    body = f"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body><a>{token}</a></s:Body></s:Envelope>".encode()
    found = findings("enrollment.manage.microsoft.com", "/x", body, (("Content-Type", "application/soap+xml"),))
    assert any(key.endswith("jwt.upn") and finding.code == "D1" for key, finding in found.items())
