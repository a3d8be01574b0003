from datetime import UTC, datetime

import pytest

from portalscope.capture.packets.draft import LARGEST_BODY, Draft, Half, Place
from portalscope.capture.packets.talk import Facts


def place(**facts):
    return Place(file="x.pcap", run="run", ip="198.51.100.5", port=443, facts=Facts(**facts))


def draft(target=b"/a/b?c=d&e", headers=((b"Host", b"Graph.Microsoft.com"),), **more):
    request = Half(first=target, headers=list(headers), at=1_700_000_000_000_000, last=1_700_000_000_100_000, done=True)
    return Draft(http="HTTP/1.1", method="GET", request=request, **more)


def test_a_whole_exchange():
    one = draft()
    one.request.body += b"sent"
    one.response = Half(
        first=b"204", headers=[(b"X-A", b"1")], body=bytearray(b"got"), last=1_700_000_000_500_000, done=True
    )
    exchange = one.exchange(place(version=0x304))
    assert exchange.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (exchange.scheme, exchange.host, exchange.port, exchange.path, exchange.query) == (
        "https", "graph.microsoft.com", 443, "/a/b", "c=d&e",
    )  # fmt: skip
    assert (exchange.body, exchange.status, exchange.response_body) == (b"sent", 204, b"got")
    assert (exchange.headers, exchange.response_headers) == ((("Host", "Graph.Microsoft.com"),), (("X-A", "1"),))
    assert (exchange.server_ip, exchange.tls, exchange.error, exchange.duration) == (
        "198.51.100.5",
        "TLSv1.3",
        None,
        0.5,
    )
    assert list(one.problems("x")) == []


@pytest.mark.parametrize(
    ("one", "facts", "want"),
    [
        (draft(b"http://a.example/x?y"), {"proxied": True}, ("http", "a.example", 80, "/x", "y")),
        (draft(b"https://a.example:8443"), {"proxied": True}, ("https", "a.example", 8443, "/", "")),
        (draft(b"//v2.1/track"), {"version": 0x303}, ("https", "graph.microsoft.com", 443, "//v2.1/track", "")),
        (draft(b"*", ()), {"sni": "s.example", "version": 0x303}, ("https", "s.example", 443, "*", "")),
        (draft(b"/", ()), {}, ("http", "198.51.100.5", 443, "/", "")),
        (draft(b"/", scheme="https", authority="[2001:db8::1]:99"), {}, ("https", "2001:db8::1", 99, "/", "")),
        (draft(b"/"), {"proxied": True, "host": "t.example", "port": 444, "version": 0x304}, ("https", "graph.microsoft.com", 444, "/", "")),
    ],
)  # fmt: skip
def test_where_it_went(one, facts, want):
    exchange = one.exchange(place(**facts))
    assert (exchange.scheme, exchange.host, exchange.port, exchange.path, exchange.query) == want


def test_through_a_proxy_there_is_no_server_address():
    assert draft().exchange(place(proxied=True)).server_ip is None


def test_what_is_missing_is_told():
    one = draft()
    one.request.done = False
    assert one.exchange(place()).error == "no answer in the capture"
    one.response = Half(first=b"200", trouble="cut")
    assert one.exchange(place()).error is None
    assert one.exchange(place()).duration is None
    assert [(problem.part, problem.why) for problem in one.problems("id")] == [
        ("body", "request is not complete in the capture"),
        ("response", "cut"),
    ]


def test_bodies_are_bounded():
    half = Half()
    half.add(bytes(LARGEST_BODY))
    half.add(b"more")
    assert len(half.body) == LARGEST_BODY
    assert half.trouble.startswith("body is larger")
