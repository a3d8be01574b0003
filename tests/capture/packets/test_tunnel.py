import pytest

from portalscope.capture.packets.talk import Talk
from portalscope.capture.packets.tunnel import LONGEST_HEAD, Tunnel
from tests.capture.packets.test_talk import Heard

ASK = b"CONNECT Graph.Microsoft.com:443 HTTP/1.1\r\nHost: graph.microsoft.com:443\r\n\r\n"
YES = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Inner(Heard):
    """The reader in the tunnel."""

    last: "Inner"

    def __init__(self, talk):
        super().__init__(talk)
        Inner.last = self


def tunnel():
    return Talk({"tunnel": Tunnel, "http": Inner})


def test_what_is_inside_goes_to_a_reader_of_its_own():
    talk = tunnel()
    talk.data(1, ASK[:20], client=True)
    talk.data(2, ASK[20:] + b"GET /", client=True)
    talk.data(3, YES[:10], client=False)
    talk.data(4, YES[10:], client=False)
    talk.data(5, b" HTTP/1.1\r\n", client=True)
    talk.gap(7, client=False)
    talk.close()
    assert Inner.last.said == [(4, b"GET /", True), (5, b" HTTP/1.1\r\n", True), ("gap", 7, False), "close"] or (
        Inner.last.said == [(5, b"GET / HTTP/1.1\r\n", True), ("gap", 7, False), "close"]
    )
    facts = talk.facts
    assert (facts.host, facts.port, facts.proxied, facts.opaque) == ("graph.microsoft.com", 443, True, None)


def test_an_ipv6_target():
    talk = tunnel()
    talk.data(1, b"CONNECT [2001:db8::1]:8443 HTTP/1.1\r\n\r\n", client=True)
    assert (talk.facts.host, talk.facts.port) == ("2001:db8::1", 8443)


def test_a_refusal_and_a_second_try():
    talk = tunnel()
    talk.data(1, ASK, client=True)
    talk.data(2, b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\nbody", client=False)
    assert talk.facts.opaque == "proxy refused the tunnel: 407"
    talk.data(3, ASK, client=True)
    talk.data(4, b"HTTP/1.1 100 Continue\r\n\r\n" + YES, client=False)
    talk.data(5, b"GET / HTTP/1.1\r\n", client=True)
    assert Inner.last.said == [(5, b"GET / HTTP/1.1\r\n", True)]
    assert talk.facts.opaque is None


def test_thousands_of_heads_in_one_segment():
    talk = tunnel()
    talk.data(1, ASK, client=True)
    talk.data(2, b"HTTP/1.1 100\r\n\r\n" * 3000 + YES, client=False)
    talk.data(3, b"GET / HTTP/1.1\r\n", client=True)
    assert Inner.last.said == [(3, b"GET / HTTP/1.1\r\n", True)]


@pytest.mark.parametrize(
    ("client", "server", "why"),
    [
        (ASK, b"", "proxy was asked and did not answer"),
        (b"CONNECT \r\n\r\n", b"", "malformed CONNECT"),
        (ASK, b"rubbish\r\n\r\n", "proxy refused the tunnel: nonsense"),
        (ASK, bytes(LONGEST_HEAD + 1), "proxy was asked, and no answer can be read"),
    ],
)
def test_no_tunnel(client, server, why):
    talk = tunnel()
    talk.data(1, client, client=True)
    if server:
        talk.data(2, server, client=False)
    talk.close()
    assert talk.facts.opaque == why


def test_a_lost_head():
    talk = tunnel()
    talk.data(1, ASK[:20], client=True)
    talk.gap(20, client=True)
    assert talk.facts.opaque == "start of the tunnel was not captured"
