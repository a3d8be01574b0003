import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.packets.dns import Names, parse_dns
from portalscope.capture.packets.packet_file import FileNotes, frames
from portalscope.capture.packets.slicing import UDP, slice_packet
from tests.capture.segments import ORT132


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def message(question, *records, flags=0x8180):
    head = struct.pack("!HHHHHH", 7, flags, 1, len(records), 0, 0)
    return (
        head
        + name(question)
        + b"\0\1\0\1"
        + b"".join(owner + struct.pack("!HHIH", kind, 1, 60, len(data)) + data for owner, kind, data in records)
    )


def test_real_answers():
    packets = [slice_packet(link, frame) for _, link, frame in frames(ORT132 / "ort132.pcap", FileNotes())]
    found = [parse_dns(packet[3]) for packet in packets if packet[0] == UDP]
    assert [one.response for one in found] == [False, False, True, True]
    assert {one.question for one in found} == {"mobile.events.data.microsoft.com"}
    chain = ("mobile.events.data.trafficmanager.net", "onedscolprdeus05.eastus.cloudapp.azure.com")
    assert found[2].cnames == found[3].cnames == chain
    assert (found[2].addresses, found[3].addresses) == (("127.20.1.174",), ())
    assert found[0].id == found[2].id


def test_the_chain_follows_the_question_whatever_the_order():
    parsed = parse_dns(
        message(
            "A.Example",
            (name("c.example"), 1, bytes([192, 0, 2, 1])),
            (name("b.example"), 5, name("C.example")),
            (name("a.example"), 5, name("b.example")),
            (name("other.example"), 5, name("no.example")),
        )
    )
    assert parsed.question == "a.example"
    assert parsed.cnames == ("b.example", "c.example")
    assert parsed.addresses == ("192.0.2.1",)


def test_a_chain_that_bites_its_tail_ends():
    loop = message("a.example", (name("a.example"), 5, name("b.example")), (name("b.example"), 5, name("a.example")))
    assert parse_dns(loop).cnames == ("b.example", "a.example")


def test_ipv6_and_errors():
    six = bytes.fromhex("20010db8000000000000000000000001")
    assert parse_dns(message("a.example", (b"\xc0\x0c", 28, six))).addresses == ("2001:db8::1",)
    assert parse_dns(message("a.example", flags=0x8183)).error == "no such name"
    assert parse_dns(message("a.example", flags=0x818F)).error == "error 15"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\0" * 11,
        message("a.example")[:20],
        struct.pack("!HHHHHH", 7, 0, 2, 0, 0, 0) + name("a") + b"\0\1\0\1",
        struct.pack("!HHHHHH", 7, 0, 1, 0, 0, 0) + b"\xc0\x0c\0\1\0\1",
        struct.pack("!HHHHHH", 7, 0, 1, 0, 0, 0) + b"\xc0\x20\0\1\0\1" + bytes(40),
        struct.pack("!HHHHHH", 7, 0, 1, 0, 0, 0) + name(".".join(["x" * 63] * 5)) + b"\0\1\0\1",
    ],
)
def test_what_is_no_message(payload):
    with pytest.raises(ValueError, match=r"DNS|question"):
        parse_dns(payload)


@given(st.binary(max_size=200))
def test_any_bytes(rest):
    for payload in (rest, struct.pack("!HHHHHH", 7, 0x8180, 1, 255, 0, 0) + rest):
        try:
            parsed = parse_dns(payload)
        except ValueError:
            continue
        assert len(parsed.question) <= 255 * 4


def test_names_remember_the_latest_and_forget_the_oldest():
    names = Names()
    names.MOST = 2
    for host, address in (("a.example", 1), ("b.example", 2), ("c.example", 2), ("d.example", 3)):
        owner = name(host)
        names.learn(
            parse_dns(message(host, (owner, 5, name("t.example")), (name("t.example"), 1, bytes([10, 0, 0, address]))))
        )
    assert names.host("10.0.0.2") == "c.example"
    assert names.host("10.0.0.1") is None
    assert names.chain("D.Example") == ("t.example",)
    assert names.chain("a.example") == ()
