"""What is no plain request in a flow file: WebSocket, TCP, UDP, DNS, and files of old versions."""

import struct
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address

import pytest
from mitmproxy import dns
from mitmproxy.io import FlowReader, FlowWriter, tnetstring
from mitmproxy.test import tflow

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.flows import flows, of_flow
from portalscope.capture.problem import Problem


def read(data):
    return list(flows(BytesIO(data), "f.mitm", "run"))


def stored(one):
    """A flow file as mitmproxy writes it."""
    file = BytesIO()
    FlowWriter(file).add(one)
    return file.getvalue()


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


def test_the_exceptions_that_we_catch_do_occur():
    """The list must not grow beyond what is seen: here the ones that only the mapping meets."""
    name = lookup(dns.ResourceRecord("www.contoso.example", dns.types.CNAME, 1, 60, b"\xff"))
    with pytest.raises(struct.error):
        list(of_flow(next(iter(FlowReader(BytesIO(stored(name))).stream())), "run", "f#0"))
    assert isinstance(read(stored(name))[0], Problem)
