"""mitmproxy's flow files: real ones against what their makers say, damaged ones against arithmetic."""

import hashlib
import json
import struct
import tracemalloc
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mitmproxy import dns, http
from mitmproxy.io import FlowReader, FlowWriter, tnetstring
from mitmproxy.test import tflow, tutils

from portalscope.capture import flows as module
from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.flows import flows
from portalscope.capture.problem import Problem

SAMPLES = Path(__file__).parents[2] / "samples"
ORT = (SAMPLES / "ort132/ort132.mitm").read_bytes()
MSAL = (SAMPLES / "msal_py/msal_py.mitm").read_bytes()


def read(data, name="f.mitm"):
    return list(flows(BytesIO(data), name, "run"))


def stored(*some):
    """A flow file as mitmproxy writes it."""
    file = BytesIO()
    for one in some:
        FlowWriter(file).add(one)
    return file.getvalue()


def changed(data, **values):
    """A flow record with some of its top values replaced."""
    return tnetstring.dumps({**tnetstring.loads(data), **values})


@pytest.mark.parametrize("name", ["ort132", "ort132_disabled", "ai_py_v1", "msal_py"])
def test_real_recordings_say_what_their_makers_say(name):
    truth = json.loads((SAMPLES / name / "expected.json").read_bytes())
    seen = read((SAMPLES / name / f"{name}.mitm").read_bytes(), f"{name}.mitm")
    assert len(seen) == truth["n_flows"]
    for one, said in zip(seen, truth["flows"], strict=True):
        assert one.id == f"{name}.mitm#{said['i']}"
        assert one.path + (f"?{one.query}" if one.query else "") == said["path"]
        assert (one.method, one.scheme, one.host, one.port, one.http, one.status, one.error) == tuple(
            said[key] for key in ("method", "scheme", "host", "port", "http", "status", "error")
        )
        assert one.header("content-type") == (said["req_content_type"] or "")
        assert one.header("content-encoding") == (said["req_content_encoding"] or "")
        assert (len(one.body), hashlib.sha256(one.body).hexdigest()) == (
            said["req_wire_bytes"], said["req_wire_sha256"],
        )  # fmt: skip


def test_what_a_maker_does_not_say_of_a_real_recording():
    (one,) = read(ORT)
    assert (one.run, one.query, one.server_ip, one.tls) == ("run", "", "127.20.1.174", "TLSv1.3")
    assert one.at.isoformat() == "2026-11-23T05:11:36.571126+00:00"
    assert one.duration == pytest.approx(0.0064, abs=0.0002)
    assert one.headers[2][0] == "APIKey"
    assert (one.response_header("Server"), one.response_body) == ("Microsoft-HTTPAPI/2.0", b'{"acc": 1}')


@pytest.mark.parametrize("cut", [0, 1, 3, 4, 5, 6, 100, 5760, 5761, 5762])
def test_a_file_that_ends_too_early_is_one_problem_with_the_number_of_bytes(cut):
    two = read(ORT + ORT[:cut])
    assert isinstance(two[0], Exchange)
    assert [type(one) for one in two[1:]] == [Problem] * bool(cut)
    for problem in two[1:]:
        assert (problem.exchange, problem.part, problem.step, problem.rest) == ("f.mitm", "file", "flows", b"")
        assert f"{cut} bytes unread" in problem.why


@pytest.mark.parametrize("garbage", [b"hello", b"12;x", b":", b"1234567890123:x", b"\x00" * 3_000_000, b"-1:,"])
def test_what_is_no_flow_is_one_problem_at_the_end(garbage):
    first, problem = read(ORT + garbage)
    assert isinstance(first, Exchange)
    assert problem.why == f"not a flow file from flow 1 on: {len(garbage)} bytes unread"


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (changed(ORT, type="carrier-pigeon"), "Unknown flow type: carrier-pigeon"),
        (changed(ORT, version=9999), "flow format version 9999"),
        (changed(ORT, id=None, request=None), "TypeError"),
        (changed(ORT, client_conn={}), "KeyError"),
        (b"5:hello,", "ValueError"),
        (b"3:abc}", "ValueError"),
        (b"1:1#", "ValueError"),
    ],
)
def test_a_flow_that_cannot_be_read_keeps_its_bytes_and_the_next_one_is_read(record, why):
    first, problem, last = read(ORT + record + ORT)
    assert (first.id, problem.exchange, last.id) == ("f.mitm#0", "f.mitm#1", "f.mitm#2")
    assert first.body == last.body
    assert why in problem.why
    assert problem.rest == record


def test_a_problem_quotes_no_value():
    state = tnetstring.loads(ORT)
    state["request"]["port"] = "SECRET-VALUE"
    (problem,) = read(tnetstring.dumps(state))
    assert isinstance(problem, Problem)
    assert "SECRET" not in problem.why


def test_nesting_does_not_end_the_process():
    deep = b""
    for _ in range(5000):
        deep = b"%d:%s]" % (len(deep), deep)
    first, second = read(deep + ORT)
    assert (type(first), type(second)) == (Problem, Exchange)


def test_a_length_that_lies_takes_no_memory():
    tracemalloc.start()
    (problem,) = read(b"999999999999:" + ORT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert f"{13 + len(ORT)} bytes unread" in problem.why
    assert peak < 4_000_000


def test_a_flow_that_is_too_large_is_passed_over(monkeypatch):
    large = stored(tflow.tflow(req=tutils.treq(content=b"x" * 50_000)))
    monkeypatch.setattr(module, "LARGEST", 20_000)
    problem, last = read(large + ORT)
    assert (problem.exchange, last.id) == ("f.mitm#0", "f.mitm#1")
    assert "is too large" in problem.why


@pytest.mark.filterwarnings("ignore")  # certificates that were damaged make cryptography warn
@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(ORT) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_any_change_of_any_byte_gives_exchanges_and_problems(changes):
    damaged = bytearray(ORT)
    for place, byte in changes:
        damaged[place] = byte
    seen = read(bytes(damaged) + ORT)
    assert seen
    assert all(isinstance(one, Exchange | Connection | Problem) for one in seen)


@pytest.mark.filterwarnings("ignore")
@settings(deadline=None)
@given(st.data())
def test_any_change_of_any_value_leaves_the_next_flow_alone(data):
    state = tnetstring.loads(stored(data.draw(st.sampled_from(EVERY_TYPE))))
    place, key = data.draw(st.sampled_from(list(places(state))))
    wrong = [None, True, -1, 1e300, float("nan"), 10**20, b"\xff", "x", [], {}, [["a", 3]]]
    place[key] = data.draw(st.sampled_from(wrong))
    *seen, last = read(tnetstring.dumps(state) + ORT)
    assert seen
    assert isinstance(last, Exchange)


def places(node):
    """Every place in a stored flow where a value stands."""
    for key in node if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places(node[key])


def test_a_packed_body_stays_packed():
    body = bytes.fromhex("1f8b08000000000000ff") + b"\xff" * 20  # damaged on purpose: mitmproxy's `content` would raise
    request = tutils.treq(content=body, headers=((b"content-encoding", b"gzip"),))
    (one,) = read(stored(tflow.tflow(req=request)))
    assert one.body == body


def test_a_body_that_was_streamed_past_the_proxy_is_a_problem():
    streamed = tflow.tflow(req=tutils.treq(content=None), resp=tutils.tresp(content=None))
    one, body, response = read(stored(streamed))
    assert (one.body, one.response_body) == (b"", b"")
    assert [(p.exchange, p.part) for p in (body, response)] == [("f.mitm#0", "body"), ("f.mitm#0", "response")]


def test_bytes_that_are_no_utf8_become_valid_text():
    request = tutils.treq(path=b"/caf\xe9?q=%C3%A9", headers=((b"x-n\xffme", b"caf\xe9"), (b"x", b"caf\xc3\xa9")))
    (one,) = read(stored(tflow.tflow(req=request)))
    assert (one.path, one.query) == ("/café", "q=%C3%A9")
    assert one.headers == (("x-nÿme", "café"), ("x", "café"))


def test_the_query_is_what_stands_behind_the_first_question_mark():
    (one,) = read(stored(tflow.tflow(req=tutils.treq(path=b"//v2.1/track?a=%20?b=/"))))
    assert (one.path, one.query) == ("//v2.1/track", "a=%20?b=/")


def test_trailers_are_kept():
    response = tutils.tresp(trailers=http.Headers(((b"grpc-status", b"0"),)))
    (one,) = read(stored(tflow.tflow(resp=response)))
    assert one.response_headers[-1] == ("grpc-status", "0")


@pytest.mark.parametrize(("error", "wanted"), [(True, "error"), (False, "no answer in the recording")])
def test_a_request_without_answer_was_attempted(error, wanted):
    (one,) = read(stored(tflow.tflow(err=error)))
    assert (one.status, one.error, one.duration) == (None, wanted, None)


def test_an_answer_counts_even_if_the_connection_broke_later():
    (one,) = read(stored(tflow.tflow(resp=True, err=True)))
    assert (one.status, one.error) == (200, None)


def test_the_host_is_what_the_client_asked_for_and_the_address_what_answered():
    request = tutils.treq(host="192.0.2.9", headers=((b"host", b"portal.example:8443"),))
    transparent = tflow.tflow(req=request)
    transparent.server_conn.peername = ("::ffff:192.0.2.9", 443, 0, 0)
    (one,) = read(stored(transparent))
    assert (one.host, one.server_ip) == ("portal.example", "192.0.2.9")


@pytest.mark.parametrize("peer", [None, ("proxy.example", 8080)])
def test_a_peer_that_is_no_address_is_none(peer):
    unknown = tflow.tflow()
    unknown.server_conn.peername = peer
    (one,) = read(stored(unknown))
    assert one.server_ip is None


def test_an_ipv6_host_has_no_brackets():
    (one,) = read(stored(tflow.tflow(req=tutils.treq(host="::1", headers=((b"host", b"[::1]:8443"),)))))
    assert one.host == "::1"


def test_messages_of_a_websocket_are_exchanges():
    talk = tflow.twebsocketflow()
    talk.websocket.messages[1].dropped = True
    talk.websocket.messages[2].injected = True
    handshake, *said = read(stored(talk))
    assert (handshake.id, handshake.method, handshake.status) == ("f.mitm#0", "GET", 101)
    assert [(m.id, m.method, m.body, m.response_body, m.error) for m in said] == [
        ("f.mitm#0/ws0", "WEBSOCKET", b"hello binary", b"", None),
        ("f.mitm#0/ws1", "WEBSOCKET", b"hello text", b"", "dropped at the proxy"),
        ("f.mitm#0/ws2", "WEBSOCKET", b"", b"it's me", "injected at the proxy"),
    ]


def test_a_tcp_flow_is_a_connection():
    (one,) = read(stored(tflow.ttcpflow()))
    assert isinstance(one, Connection)
    assert (one.id, one.transport, one.opaque_because) == ("f.mitm#0", "tls", "not HTTP")
    assert (one.host, one.port, one.ip, one.sni) == ("address", 22, "192.168.0.1", "address")
    assert (one.sent, one.received) == (len(b"hello"), len(b"it's me"))


def test_a_udp_flow_is_a_connection():
    bare = tflow.tudpflow()
    bare.client_conn.tls_version = bare.client_conn.sni = None
    (one,) = read(stored(bare))
    assert (one.transport, one.opaque_because, one.host) == ("udp", "not HTTP", "address")


def test_quic_is_quic():
    quic = tflow.tudpflow()
    quic.client_conn.tls_version = "QUICv1"
    (one,) = read(stored(quic))
    assert one.transport == "quic"


def lookup(*answers):
    """A DNS flow for www.contoso.example."""
    asked = tflow.tdnsflow(resp=True)
    asked.request.questions = [dns.Question("www.contoso.example", dns.types.A, 1)]
    asked.response.answers = list(answers)
    asked.response.timestamp = asked.request.timestamp = 1_800_000_000.0
    return asked


def test_a_dns_flow_gives_a_connection_for_each_address_with_the_chain_of_names():
    record = dns.ResourceRecord
    two = lookup(
        record.CNAME("WWW.contoso.example", "a.edge.example"),
        record.CNAME("a.edge.example", "b.edge.example"),
        record.A("b.edge.example", IPv4Address("192.0.2.1")),
        record.AAAA("b.edge.example", IPv6Address("2001:db8::1")),
    )
    first, second = read(stored(two))
    assert (first.id, second.id) == ("f.mitm#0", "f.mitm#0/ip1")
    assert (first.ip, second.ip) == ("192.0.2.1", "2001:db8::1")
    assert (first.transport, first.host, first.opaque_because) == ("dns", "www.contoso.example", None)
    assert first.cnames == second.cnames == ("a.edge.example", "b.edge.example")
    assert first.at.isoformat() == "2027-01-15T08:00:00+00:00"


def test_a_loop_of_names_ends():
    record = dns.ResourceRecord
    loop = lookup(record.CNAME("www.contoso.example", "b.example"), record.CNAME("b.example", "www.contoso.example"))
    (one,) = read(stored(loop))
    assert (one.ip, one.cnames) == (None, ("b.example",))


def test_a_lookup_without_answer():
    asked = lookup()
    asked.response = None
    (one,) = read(stored(asked))
    assert (one.ip, one.opaque_because) == (None, "no answer")


def test_ids_count_all_flows_of_the_file():
    assert [one.id for one in read(stored(tflow.ttcpflow()) + ORT + MSAL)][:4] == [f"f.mitm#{i}" for i in range(4)]


def old_record():
    """A record of mitmproxy 0.18 (of 2016), synthetic: the fields that its converter expects, invented values."""

    def address(host, port):
        return {b"address": [host, port], b"use_ipv6": False}

    connection = {b"timestamp_start": 1482157522.5, b"timestamp_end": None, b"ssl_established": True}
    server = {
        **connection,
        b"address": address("old.example", 443),
        b"ip_address": address("192.0.2.34", 443),
        b"source_address": address("192.0.2.1", 5000),
        b"sni": "old.example",
        b"cert": None,
        b"via": None,
        b"timestamp_tcp_setup": 1482157522.6,
        b"timestamp_ssl_setup": 1482157522.7,
    }
    client = {**connection, b"address": address("192.0.2.1", 5001), b"clientcert": None, b"timestamp_ssl_setup": None}
    message = {b"http_version": b"HTTP/1.1", b"timestamp_start": 1482157523.0, b"timestamp_end": 1482157523.25}
    request = {
        **message,
        b"first_line_format": "relative",
        b"method": b"POST",
        b"scheme": b"https",
        b"host": b"old.example",
        b"port": 443,
        b"path": b"/upload?v=1",
        b"headers": [[b"Host", b"old.example"]],
        b"content": b"\x00body",
        b"is_replay": False,
        b"stickyauth": False,
        b"stickycookie": False,
    }
    response = {**message, b"status_code": 204, b"reason": b"No Content", b"headers": [], b"content": b""}
    top = {b"version": [0, 18, 2], b"type": "http", b"id": "55367415", b"marked": False, b"intercepted": False}
    return {**top, b"error": None, b"client_conn": client, b"server_conn": server, b"request": request,
            b"response": response}  # fmt: skip


def test_a_file_of_2016():
    (one,) = read(tnetstring.dumps(old_record()))
    assert isinstance(one, Exchange), one.why
    assert (one.method, one.host, one.path, one.query, one.status) == ("POST", "old.example", "/upload", "v=1", 204)
    assert (one.body, one.server_ip) == (b"\x00body", "192.0.2.34")
    assert one.at.isoformat() == "2016-12-19T14:25:23+00:00"


def test_a_websocket_of_before_mitmproxy_7_is_read_once():
    """The format of version 11: a handshake flow, and a second flow with the messages that names it (synthetic)."""
    handshake = tflow.twebsocketflow(messages=False)
    old = {**handshake.get_state(), "version": 11, "marked": False, "metadata": {"websocket": True}, "mode": "regular"}
    del old["websocket"], old["comment"], old["timestamp_created"], old["backup"]
    for side in ("client_conn", "server_conn"):
        old[side] = older(old[side], client=side == "client_conn")
    talk = {key: value for key, value in old.items() if key not in ("request", "response")}
    talk |= {"type": "websocket", "metadata": {"websocket_handshake": old["id"]}, "id": "second"}
    talk |= {"messages": [[1, True, b"hello", 946681202.0, False], [1, False, b"you", 946681203.0, False]]}
    talk |= {"close_sender": "client", "close_code": 1000, "close_reason": ""}
    seen = read(tnetstring.dumps(old) + tnetstring.dumps(talk))
    assert [(one.id, one.method) for one in seen] == [
        ("f.mitm#0", "GET"), ("f.mitm#1/ws0", "WEBSOCKET"), ("f.mitm#1/ws1", "WEBSOCKET"),
    ]  # fmt: skip
    assert (seen[1].body, seen[2].response_body) == (b"hello", b"you")


def older(connection, *, client):
    """A connection as version 11 wrote it."""
    old = {**connection, "state": 0, "tls_established": True, "cipher_name": connection["cipher"]}
    del old["cipher"], old["transport_protocol"]
    names = {"peername": "address"} if client else {"peername": "ip_address", "sockname": "source_address"}
    for new, before in names.items():
        old[before] = old.pop(new)
    if client:
        del old["proxy_mode"]
        return {**old, "tls_extensions": None}
    return {**old, "via2": None, "via": None}


EVERY_TYPE = [tflow.tflow(resp=True, err=True), tflow.twebsocketflow(), tflow.tdnsflow(resp=True), tflow.ttcpflow()]


def test_the_exceptions_that_we_catch_do_occur():
    """The list must not grow beyond what is seen: here the ones that only the mapping meets."""
    name = lookup(dns.ResourceRecord("www.contoso.example", dns.types.CNAME, 1, 60, b"\xff"))
    with pytest.raises(struct.error):
        list(module.of_flow(next(iter(FlowReader(BytesIO(stored(name))).stream())), "run", "f#0"))
    assert isinstance(read(stored(name))[0], Problem)
