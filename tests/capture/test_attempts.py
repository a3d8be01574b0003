"""What connections came to. The clients and servers are mitmproxy's own test objects."""

import pytest
from mitmproxy.connection import Client, Server
from mitmproxy.net.server_spec import ServerSpec
from mitmproxy.test import tflow

from portalscope.capture.attempts import LONGEST, Attempts, destination, handshake


def client(**known):
    given = {
        "peername": ("198.51.100.7", 40000),
        "sockname": ("198.51.100.1", 8080),
        "timestamp_start": 1_780_000_000.5,
    }
    return Client(**{**given, **known})


def server(name="a.example", ip="192.0.2.9", **known):
    return Server(address=(name, 443), peername=(ip, 443) if ip else None, **known)


def rows(attempts, of):
    return list(attempts.over(of, "connected, then silent"))


def test_exchanges_are_counted_for_each_server():
    attempts, one = Attempts(), client()
    for name in ("a.example", "b.example", "a.example"):
        attempts.recorded(tflow.tflow(client_conn=one, server_conn=server(name), resp=True), name)
    assert [(row.host, row.port, row.ip, row.exchanges, row.opaque_because) for row in rows(attempts, one)] == [
        ("a.example", 443, "192.0.2.9", 2, None),
        ("b.example", 443, "192.0.2.9", 1, None),
    ]
    assert rows(attempts, one) == []


def test_established_then_silent_is_a_handshake_without_a_request():
    attempts, one = Attempts(), client(tls=True, timestamp_tls_setup=1_780_000_001.0, sni="pinned.example", alpn=b"h2")
    attempts.of(one, server("192.0.2.9"))
    (row,) = rows(attempts, one)
    assert (row.transport, row.host, row.sni, row.alpn) == ("tls", "pinned.example", "pinned.example", "h2")
    assert (row.opaque_because, row.exchanges, row.at.timestamp()) == ("established, then silent", 0, 1_780_000_000.5)


def test_without_tls_and_request_it_means_what_the_caller_says():
    attempts, one = Attempts(), client()
    attempts.of(one, server())
    assert rows(attempts, one)[0].opaque_because == "connected, then silent"


def test_the_first_reason_is_the_cause():
    attempts, one = Attempts(), client()
    attempts.failed(one, server(), "tls failed: first")
    attempts.failed(one, server(), "tls failed: second")
    assert [row.opaque_because for row in rows(attempts, one)] == ["tls failed: first"]


def test_an_exchange_says_more_than_a_reason():
    attempts, one = Attempts(), client()
    attempts.failed(one, server(ip=None), "no connection: refused")
    nowhere = Server(address=None)
    flow = tflow.tflow(client_conn=one, server_conn=nowhere, err=True)
    flow.request.host, flow.request.port = "a.example", 443
    attempts.recorded(flow, "a.example")
    assert [(row.port, row.exchanges, row.opaque_because) for row in rows(attempts, one)] == [(443, 1, None)]


def test_a_refused_request_without_connection_has_a_host():
    attempts, one = Attempts(), client()
    flow = tflow.tflow(client_conn=one, server_conn=Server(address=None), err=True)
    flow.request.host, flow.request.port = "stranger.example", 8000
    attempts.refused(flow, "stranger.example", "not intercepted: out of scope")
    (row,) = rows(attempts, one)
    assert (row.host, row.port, row.exchanges, row.opaque_because) == (
        "stranger.example",
        8000,
        0,
        "not intercepted: out of scope",
    )


def test_raw_flows_stand_in_the_flow_file_already():
    attempts = Attempts()
    for flow in (tflow.ttcpflow(), tflow.tudpflow(), tflow.tdnsflow(resp=True)):
        attempts.recorded(flow, "x")
        assert rows(attempts, flow.client_conn) == []


def test_what_is_open_at_the_end_is_told_once():
    attempts, clients = Attempts(), [client(), client()]
    for one in clients:
        attempts.of(one, server())
    assert len(list(attempts.rest("silent"))) == 2
    assert list(attempts.rest("silent")) == []


@pytest.mark.parametrize(
    ("protocol", "tls", "transport"),
    [("tcp", True, "tls"), ("tcp", False, "tcp"), ("udp", True, "quic"), ("udp", False, "udp")],
)
def test_transport(protocol, tls, transport):
    attempts, one = Attempts(), client(transport_protocol=protocol, tls=tls)
    attempts.of(one, server())
    assert rows(attempts, one)[0].transport == transport


def test_the_address_of_another_proxy_is_not_the_servers():
    attempts, one = Attempts(), client()
    attempts.of(one, server(via=ServerSpec(("http", ("proxy.example", 3128)))))
    assert rows(attempts, one)[0].ip is None


def test_reasons_are_bounded_and_can_be_written():
    attempts, one = Attempts(), client()
    attempts.failed(one, server(), "no connection: " + "\udcff" * 5000)
    reason = rows(attempts, one)[0].opaque_because
    assert len(reason) == LONGEST
    assert reason.encode()


def test_a_client_hello_is_not_quoted():
    assert handshake("Cannot parse ClientHello: 16030100") == "tls failed: Cannot parse ClientHello"
    assert handshake("Certificate verify failed: expired") == "tls failed: Certificate verify failed: expired"
    assert handshake(None) == "tls failed: no reason given"


def test_destination_is_what_the_client_asked_for():
    http, tcp = tflow.tflow(), tflow.ttcpflow()
    http.request.host, http.request.headers["host"] = "192.0.2.9", "asked.example"
    assert destination(http) == "asked.example"
    assert destination(tcp) == "address"
    tcp.client_conn.sni = None
    tcp.server_conn = server("192.0.2.9")
    assert destination(tcp) == "192.0.2.9"
