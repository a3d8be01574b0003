import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.packets.talk import DEEPEST, PATIENCE, Talk, protocol


class Heard:
    """Writes down what a talk hands on."""

    def __init__(self, talk):
        self.talk = talk
        self.said = []
        talk.heard = self

    def data(self, at, chunk, *, client):
        self.said.append((at, chunk, client))

    def gap(self, size, *, client):
        self.said.append(("gap", size, client))

    def close(self):
        self.said.append("close")


class Openable(Talk):
    """A talk that a test can look into."""

    heard: Heard


def talk(*names):
    return Openable(dict.fromkeys(names or ("tls", "tunnel", "proxied", "http", "h2"), Heard))


@pytest.mark.parametrize(
    ("start", "want"),
    [
        (b"\x16\x03\x01\x02\0\x01", "tls"),
        (b"\x16", ""),
        (b"\x16\x02\x01", "other"),
        (b"GET / HTTP/1.1\r\n", "http"),
        (b"POST //v2.1/track HTTP/1.1", "http"),
        (b"GET http://host/x HTTP/1.1", "proxied"),
        (b"POST https://host/x HTTP/1.1", "proxied"),
        (b"GET htt", ""),
        (b"CONNECT host:443 HTTP/1.1", "tunnel"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "h2"),
        (b"PRI * HT", ""),
        (b"GE", ""),
        (b"OPTIONS", ""),
        (b"SSH-2.0-x", "other"),
        (b"\0\0\0\0", "other"),
        (b"get / http", "other"),
        (b"", ""),
    ],
)
def test_protocols(start, want):
    assert protocol(start) == want


@given(st.from_regex(rb"[A-Z]{2,9} ?(?i:https?://|/|\\* HTTP/2.0)?.{0,9}") | st.binary(max_size=40))
def test_more_bytes_never_change_a_verdict(start):
    verdicts = [protocol(start[:size]) for size in range(len(start) + 1)]
    assert len({verdict for verdict in verdicts if verdict}) <= 1


def test_what_came_early_is_handed_on_with_the_rest():
    one = talk()
    one.data(1, b"banner", client=False)
    one.data(2, b"GET", client=True)
    assert one.reader is None
    one.data(3, b" / HTTP/1.1\r\n", client=True)
    one.gap(9, client=False)
    one.close()
    assert one.heard.said == [
        (3, b"GET / HTTP/1.1\r\n", True),
        (3, b"banner", False),
        ("gap", 9, False),
        "close",
    ]
    assert one.facts.spoken == "http"


def test_an_unknown_protocol_ends_it():
    one = talk()
    one.data(1, b"SSH-2.0-OpenSSH\r\n", client=True)
    assert one.done
    assert (one.facts.spoken, one.facts.opaque) == ("other", "neither HTTP nor TLS")
    one.data(2, b"more", client=True)
    assert one.reader is None


def test_a_protocol_that_nobody_reads_ends_it():
    one = talk("tls")
    one.data(1, b"GET / HTTP/1.1\r\n", client=True)
    assert one.done


def test_a_server_that_talks_first():
    one = talk()
    one.data(1, bytes(PATIENCE + 1), client=False)
    assert one.facts.opaque == "server speaks first: neither HTTP nor TLS"


def test_a_lost_start():
    one = talk()
    one.gap(5, client=True)
    assert one.facts.opaque == "start of the connection was not captured"


def test_a_start_that_never_ends():
    one = talk()
    one.data(1, b"GE", client=True)
    one.close()
    assert one.facts.opaque == "neither HTTP nor TLS"


def test_a_client_that_never_speaks():
    one = talk()
    one.data(1, b"settings", client=False)
    one.close()
    assert one.facts.opaque == "established, then silent"


def test_layers_share_facts_and_are_bounded():
    one = talk()
    one.facts.spoken = "tls"
    inner = one.inside()
    inner.data(1, b"GET / HTTP/1.1\r\n", client=True)
    assert one.facts.spoken == "tls"
    for _ in range(DEEPEST):
        inner = inner.inside()
    assert inner.done
