"""OMA-DM messages. The XML is the OMA's own form with the alerts of Microsoft's MDM documentation; values are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.tree import leaves
from portalscope.decoders.wire.syncml import syncml
from tests.decoders.wire.vectors import T5, T5_XML

CHECK_IN = """<?xml version="1.0" encoding="utf-8"?>
<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</SessionID>
<MsgID>2</MsgID><Target><LocURI>https://r.manage.microsoft.com/x</LocURI></Target>
<Source><LocURI>imei:490154203237518</LocURI><LocName>kim</LocName></Source>
<Cred><Meta><Format xmlns="syncml:metinf">b64</Format></Meta><Data>c2VjcmV0</Data></Cred></SyncHdr><SyncBody>
<Alert><CmdID>2</CmdID><Data>1201</Data></Alert>
<Alert><CmdID>3</CmdID><Data>1224</Data><Item><Meta><Type xmlns="syncml:metinf">com.microsoft/MDM/LoginStatus</Type></Meta>
<Data>user</Data></Item></Alert>
<Status><CmdID>4</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>Get</Cmd>
<TargetRef>./Vendor/MSFT/DeviceStatus/NetworkIdentifiers/00-11-22-33-44-55</TargetRef><Data>200</Data></Status>
<Results><CmdID>5</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef><Item>
<Source><LocURI>./Vendor/MSFT/DeviceStatus/NetworkIdentifiers/00-11-22-33-44-55/Type</LocURI></Source>
<Meta><Format xmlns="syncml:metinf">int</Format></Meta><Data>1</Data></Item>
<Item><Source><LocURI>./DevDetail/SwV</LocURI></Source><Data>10.0.19045</Data></Item></Results><Final/></SyncBody></SyncML>"""


def found(text):
    data = text if isinstance(text, bytes) else text.encode()
    return {path: value for path, _, value, _ in leaves(syncml(data))}


def test_a_check_in():
    assert found(CHECK_IN) == {
        "header.VerDTD": "1.2",
        "header.VerProto": "DM/1.2",
        "header.SessionID": "1",
        "header.MsgID": "2",
        "header.Target": "https://r.manage.microsoft.com/x",
        "header.Source": "imei:490154203237518",
        "header.SourceLocName": "kim",
        "header.Cred.Meta.Format": "b64",
        "header.Cred.Data": "c2VjcmV0",
        "commands[0].Alert": "",
        "commands[0].CmdID": "2",
        "commands[0].Data": "1201",
        "commands[0].means": "session started by the client",
        "commands[1].Alert[0].com.microsoft/MDM/LoginStatus.Data": "user",
        "commands[1].CmdID": "3",
        "commands[1].Data": "1224",
        "commands[1].means": "client event",
        "commands[2].Status": "",
        "commands[2].CmdID": "4",
        "commands[2].MsgRef": "1",
        "commands[2].CmdRef": "0",
        "commands[2].Cmd": "Get",
        "commands[2].Data": "200",
        "commands[2].TargetRef[0].Vendor/MSFT/DeviceStatus/NetworkIdentifiers/*.locuri[0].mac": "00-11-22-33-44-55",
        "commands[3].Results[0].Vendor/MSFT/DeviceStatus/NetworkIdentifiers/*/Type.Format": "int",
        "commands[3].Results[0].Vendor/MSFT/DeviceStatus/NetworkIdentifiers/*/Type.Data": "1",
        "commands[3].Results[0].Vendor/MSFT/DeviceStatus/NetworkIdentifiers/*/Type.locuri[0].mac": "00-11-22-33-44-55",
        "commands[3].Results[1].DevDetail/SwV.Data": "10.0.19045",
        "commands[3].CmdID": "5",
        "commands[3].MsgRef": "1",
        "commands[3].CmdRef": "2",
        "commands[4].Final": "",
    }


def body(commands):
    return f"<SyncML><SyncHdr/><SyncBody>{commands}</SyncBody></SyncML>"


def test_what_the_server_asks_for_has_no_data():
    get = "<Get><CmdID>2</CmdID><Item><Target><LocURI>./DevDetail/SwV</LocURI></Target></Item></Get>"
    assert found(body(get))["commands[0].Get[0].DevDetail/SwV.LocURI"] == "./DevDetail/SwV"


def test_commands_in_commands():
    add = "<Add><CmdID>4</CmdID><Item><Target><LocURI>./a/b</LocURI></Target><Data>1</Data></Item></Add>"
    assert found(body(f"<Atomic><CmdID>3</CmdID>{add}</Atomic>")) == {
        "header": "",
        "commands[0].Atomic[0].Add[0].a/b.Data": "1",
        "commands[0].Atomic[0].CmdID": "4",
        "commands[0].CmdID": "3",
    }


def test_markup_in_data_is_unescaped_once_and_stays_text():
    item = (
        "<Replace><Item><Target><LocURI>./a</LocURI></Target><Data>&lt;p&gt;&amp;lt;&lt;/p&gt;</Data></Item></Replace>"
    )
    assert found(body(item))["commands[0].Replace[0].a.Data"] == "<p>&lt;</p>"


def test_an_alert_with_a_node_and_a_type_keeps_both():
    item = "<Item><Source><LocURI>./a</LocURI></Source><Meta><Type>t</Type></Meta><Data>1</Data></Item>"
    assert found(body(f"<Alert><Data>1226</Data>{item}</Alert>"))["commands[0].Alert[0].a.Type"] == "t"


def test_two_nodes_of_one_item_are_both_kept():
    both = "<Source><LocURI>./a</LocURI></Source><Target><LocURI>./b</LocURI></Target>"
    assert found(body(f"<Copy><Item>{both}</Item></Copy>"))["commands[0].Copy[0].a.TargetLocURI"] == "./b"


def test_nothing_of_an_odd_document_vanishes():
    odd = "<SyncML n='1'>2<SyncHdr>3</SyncHdr><SyncBody>4<Get g='5'>6<Item>7<Get>8</Get></Item><Get>9</Get></Get></SyncBody></SyncML>"
    assert set("123456789") <= set(found(odd).values())


def test_wbxml_says_what_the_xml_says():
    assert syncml(T5) == syncml(T5_XML)
    assert found(T5)["commands[0].Replace[0].DevInfo/DevId.Data"] == "urn:uuid:00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize("data", [CHECK_IN.encode()[:-200], T5[:-20]])
def test_a_truncated_message_keeps_what_was_read(data):
    with pytest.raises(DecodeError) as caught:
        syncml(data)
    assert caught.value.partial["header"]["SessionID"] == "1"
    assert caught.value.partial["commands"]


@pytest.mark.parametrize("size", range(0, len(CHECK_IN), 7))
def test_any_truncation(size):
    with pytest.raises(DecodeError):
        syncml(CHECK_IN.encode()[:size])


def test_another_document_is_not_syncml():
    with pytest.raises(DecodeError, match="not SyncML but html"):
        syncml(b"<html/>")


def test_many_nested_commands_are_bounded():
    deep = "<Atomic>" * 100 + "</Atomic>" * 100
    assert list(leaves(syncml(body(deep).encode())))


NAMES = (
    "SyncML",
    "SyncHdr",
    "SyncBody",
    "Alert",
    "Item",
    "Meta",
    "Data",
    "Source",
    "LocURI",
    "Atomic",
    "Status",
    "Type",
)


@given(
    st.recursive(
        st.sampled_from(("x", "./a/b", "1201")),
        lambda inner: st.tuples(st.sampled_from(NAMES), st.lists(inner, max_size=4)),
    )
)
def test_any_document_of_these_elements(document):
    def text(node):
        return node if isinstance(node, str) else f"<{node[0]}>{''.join(map(text, node[1]))}</{node[0]}>"

    try:
        assert "commands" in syncml(f"<SyncML>{text(document)}</SyncML>".encode())
    except DecodeError as error:
        assert error.why


@given(st.binary(max_size=120))
def test_any_bytes(data):
    with pytest.raises(DecodeError):
        syncml(data)
