"""States of mitmproxy's flows without secrets: they can be read again, and the flow itself does not change."""

from io import BytesIO

from mitmproxy import flow as flows
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader, tnetstring
from mitmproxy.test import tflow, tutils
from mitmproxy.websocket import WebSocketMessage
from wsproto.frame_protocol import Opcode

from portalscope.capture.secret_flow import MARK, clean_state
from portalscope.capture.secrets import Secrets

OF = Secrets(bytes(32))
BODY = b"grant_type=password&password=H0ney%21Pass&x=1"
HEADERS = ((b"authorization", b"Bearer 0.opaque-token"), (b"content-type", b"application/x-www-form-urlencoded"))


def signed_in():
    request = tutils.treq(method=b"POST", path=b"/token?sig=" + b"a" * 30, headers=HEADERS, content=BODY)
    answer = tutils.tresp(
        content=b'{"refresh_token": "0.HONEYRT.abcdef"}', headers=((b"set-cookie", b"ESTSAUTH=0.abc"),)
    )
    return tflow.tflow(req=request, resp=answer)


def written(flow):
    state, replaced = clean_state(OF, flow.get_state())
    data = tnetstring.dumps(state)
    return next(iter(FlowReader(BytesIO(data)).stream())), data, replaced


def test_a_flow_without_secrets_can_be_read_again():
    flow = signed_in()
    before = flow.get_state()
    again, data, replaced = written(flow)
    assert isinstance(again, HTTPFlow)
    assert not [secret for secret in (b"0.opaque", b"H0ney", b"HONEYRT", b"0.abc", b"a" * 30) if secret in data]
    assert again.request.headers["authorization"].startswith("Bearer SECRET.access_token.")
    assert again.request.path.startswith("/token?sig=SECRET.signature.30.")
    assert again.metadata[MARK]["body"]["size"] == len(BODY)
    assert again.metadata[MARK]["replaced"] == {
        "body: password": 1,
        "header authorization: access_token": 1,
        "path: signature": 1,
        "response body: refresh_token": 1,
        "response header set-cookie: cookie": 1,
    }
    assert flow.get_state() == before
    assert replaced.counts.total() == 5


def test_a_flow_without_anything_to_replace_is_not_marked():
    flow = tflow.tflow(resp=True)
    state, replaced = clean_state(OF, flow.get_state())
    assert (state, bool(replaced)) == (flow.get_state(), False)


def test_what_was_changed_at_the_proxy_is_cleaned_in_both_versions():
    flow = signed_in()
    flow.backup()
    flow.request.content = b"password=other-secret&a=1"
    _, data, _ = written(flow)
    assert not [secret for secret in (b"H0ney", b"other-secret", b"0.opaque") if secret in data]


def test_messages_of_a_websocket_and_of_tcp():
    flow = tflow.twebsocketflow()
    flow.websocket.messages.append(WebSocketMessage(Opcode.TEXT, True, b'{"password": "H0ney!Pass"}'))
    again, data, _ = written(flow)
    assert b"H0ney" not in data
    assert [said.content for said in again.websocket.messages][:3] == [b"hello binary", b"hello text", b"it's me"]
    packets = tflow.ttcpflow()
    packets.messages[0].content = b'{"password": "H0ney!Pass"}'
    again, data, _ = written(packets)
    assert b"H0ney" not in data
    assert again.messages[1].content == packets.messages[1].content


def test_errors_comments_and_metadata_of_other_addons():
    flow = tflow.tflow(err=True)
    flow.error = flows.Error("could not reach https://x/?access_token=0.opaque-token")
    flow.comment = "password=H0ney!Pass&x=1"
    flow.metadata["proxyauth"] = ("anna", "H0ney!Pass")
    flow.metadata["other"] = {"list": [b"Bearer " + b"0.opaque" * 5]}
    again, data, _ = written(flow)
    assert not [secret for secret in (b"0.opaque", b"H0ney") if secret in data]
    assert again.error.msg.startswith("could not reach https://x/?access_token=SECRET.")


def test_a_body_that_was_not_kept():
    flow = signed_in()
    flow.request.content = None
    again, _, _ = written(flow)
    assert again.request.raw_content is None


def test_names_that_were_looked_up_pass():
    flow = tflow.tdnsflow(resp=True)
    assert clean_state(OF, flow.get_state())[0] == flow.get_state()
