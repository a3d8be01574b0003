from datetime import UTC, datetime

import pytest

from portalscope.capture.packets.conversations import Conversations
from portalscope.capture.packets.datagrams import Datagrams
from portalscope.capture.packets.dns import Names, parse_dns
from portalscope.capture.packets.seen import LATEST, Seen, moment, server
from portalscope.capture.packets.slicing import RST, SYN, slice_packet
from portalscope.capture.packets.talk import Talk
from tests.capture.packets.test_dns import message, name
from tests.capture.packets.test_quic import datagrams
from tests.capture.segments import CLIENT, SERVER, tcp, udp

CHAIN = parse_dns(
    message(
        "mobile.events.data.microsoft.com",
        (name("mobile.events.data.microsoft.com"), 5, name("t.example")),
        (name("t.example"), 1, bytes([198, 51, 100, 5])),
    )
)


@pytest.fixture
def seen():
    names = Names()
    names.learn(CHAIN)
    return Seen("x.pcap", "run", names)


def conversation(*segments, **facts):
    table = Conversations(lambda one: one.listen(Talk({})))
    for n, (client, more) in enumerate(segments):
        ends = (CLIENT, SERVER) if client else (SERVER, CLIENT)
        table.segment(1_700_000_000_000_000 + n, slice_packet(101, tcp(*ends, **more)))
    (one,) = table.rest()
    for key, value in facts.items():
        setattr(one.talk.facts, key, value)
    return one


ASK, ANSWER = (True, {"flags": SYN, "seq": 9}), (False, {"flags": SYN | 16, "seq": 19})


def test_tls(seen):
    one = conversation(
        ASK, ANSWER, (True, {"payload": b"abc", "seq": 10}), spoken="tls", sni="Mobile.events.data.microsoft.com", opaque="why"
    )  # fmt: skip
    found = seen.tcp(one, exchanges=3)
    assert (found.id, found.run, found.source) == ("x.pcap#tcp0", "run", "x.pcap")
    assert (found.transport, found.host, found.port, found.ip) == (
        "tls",
        "Mobile.events.data.microsoft.com",
        443,
        "198.51.100.5",
    )
    assert (found.sent, found.received, found.opaque_because, found.exchanges) == (3, 0, "why", 3)
    assert found.cnames == ("t.example",)
    assert found.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_through_a_proxy(seen):
    one = conversation(ASK, ANSWER, (True, {"payload": b"abc", "seq": 10}), proxied=True, host="h.example", port=8443)
    found = seen.tcp(one)
    assert (found.host, found.port, found.ip) == ("h.example", 8443, None)
    assert found.source == "x.pcap, through proxy 198.51.100.5:443"


def test_the_name_that_dns_gave(seen):
    one = conversation(ASK, ANSWER)
    assert seen.tcp(one).host == "198.51.100.5"
    one.asked = "mobile.events.data.microsoft.com"
    assert seen.tcp(one).host == "mobile.events.data.microsoft.com"


@pytest.mark.parametrize(
    ("segments", "why"),
    [
        ((ASK,), "no answer"),
        ((ASK, (False, {"flags": RST | 16})), "refused"),
        ((ASK, ANSWER), "established, then silent"),
        ((ASK, ANSWER, (True, {"flags": RST, "seq": 10})), "established, then silent"),
    ],
)
def test_silence(seen, segments, why):
    assert seen.tcp(conversation(*segments)).opaque_because == why


def test_dns_and_quic(seen):
    table = Datagrams(seen.names)
    resolver = ("192.0.2.53", 53)

    def put(source, target, payload):
        table.datagram(5, slice_packet(101, udp(source, target, payload)))

    put(CLIENT, resolver, message("gone.example", flags=0x100))
    put(resolver, CLIENT, message("gone.example", flags=0x8183))
    put(CLIENT, resolver, message("silent.example", flags=0x100))
    put(CLIENT, SERVER, datagrams()[0])
    table.sweep(6, idle=-1)
    gone, quic, silent = seen.datagrams(table.done)
    assert (gone.id, gone.transport, gone.host, gone.opaque_because) == (
        "x.pcap#dns0",
        "dns",
        "gone.example",
        "no such name",
    )
    assert (silent.id, silent.opaque_because, silent.received) == ("x.pcap#dns1", "no answer", None)
    assert (quic.id, quic.transport, quic.host, quic.alpn) == (
        "x.pcap#quic0",
        "quic",
        "mobile.events.data.microsoft.com",
        "h3",
    )
    assert (quic.cnames, quic.ip, quic.sent) == (("t.example",), "198.51.100.5", 1200)


def test_any_time_is_a_time():
    assert moment(LATEST * 1000).year == 9999
    assert moment(0) == datetime(1970, 1, 1, tzinfo=UTC)


def test_server():
    assert server(bytes([10, 0, 0, 1, 10, 0, 0, 2, 1, 2, 0, 53])) == ("10.0.0.2", 53)
    assert server(bytes(31) + b"\x01" + b"\1\2\1\xbb") == ("::1", 443)
