import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.packets.packet_file import FileNotes, frames
from portalscope.capture.packets.slicing import CUT, FRAGMENTED, NOT_IP, NOT_TCP_UDP, TCP, UDP, slice_packet
from tests.capture.segments import DATA, ethernet, ip, tcp, udp

FOUR = tcp(("192.0.2.1", 1025), ("198.51.100.2", 80), b"hello", seq=7, ack=9)
SIX = tcp(("2001:db8::1", 1025), ("2001:db8::2", 80), b"hello", seq=7, ack=9)
KEY4 = bytes([192, 0, 2, 1, 198, 51, 100, 2, 4, 1, 0, 80])
KEY6 = bytes.fromhex("20010db800000000000000000000000120010db800000000000000000000000204010050")
WANT4 = (TCP, KEY4, 5, b"hello", 7, 9, 24)
WANT6 = (TCP, KEY6, 5, b"hello", 7, 9, 24)
MACS = bytes(12)
PPPOE = b"\x88\x64\x11\x00\x00\x01\x00\x07"


@pytest.mark.parametrize(
    ("link", "frame", "want"),
    [
        (1, ethernet(FOUR), WANT4),
        (1, ethernet(SIX), WANT6),
        (1, ethernet(FOUR) + bytes(6), WANT4),  # padding to the least size of a frame
        (1, MACS + b"\x81\x00\x00\x05\x08\x00" + FOUR, WANT4),
        (1, MACS + b"\x88\xa8\x00\x01\x81\x00\x00\x05\x86\xdd" + SIX, WANT6),
        (1, MACS + PPPOE + b"\x00\x21" + FOUR, WANT4),
        (0, b"\x02\x00\x00\x00" + FOUR, WANT4),
        (0, b"\x1e\x00\x00\x00" + SIX, WANT6),
        (108, b"\x00\x00\x00\x02" + FOUR, WANT4),
        (101, FOUR, WANT4),
        (12, SIX, WANT6),
        (228, FOUR, WANT4),
        (229, SIX, WANT6),
        (113, bytes(14) + b"\x08\x00" + FOUR, WANT4),
        (276, b"\x86\xdd" + bytes(18) + SIX, WANT6),
    ],
)
def test_link_types(link, frame, want):
    assert slice_packet(link, frame) == want


@pytest.mark.parametrize("name", ["sll.pcap", "sll2.pcap"])
def test_cooked_captures_of_linux(name):
    packets = [slice_packet(link, frame) for _, link, frame in frames(DATA / name, FileNotes())]
    assert all(packet[0] == TCP for packet in packets)
    payloads = [packet[3] for packet in packets if packet[2]]
    assert payloads[0].startswith(b"GET /clear?x=1 HTTP/1.1\r\n")
    assert payloads[-1].endswith(b"plain")


def test_ip_options_and_extension_headers_are_skipped():
    with_options = (
        bytes([0x46]) + FOUR[1:2] + struct.pack("!H", len(FOUR) + 4) + FOUR[4:20] + b"\x94\x04\0\0" + FOUR[20:]
    )
    assert slice_packet(101, with_options) == WANT4
    inner = SIX[40:]
    authentication = bytes([6, 4]) + bytes(22)
    extended = ip(
        "2001:db8::1", "2001:db8::2", 0, bytes([60, 0]) + bytes(6) + bytes([51, 1]) + bytes(14) + authentication + inner
    )
    assert slice_packet(101, extended) == WANT6


def test_udp():
    assert slice_packet(101, udp(("192.0.2.1", 1025), ("198.51.100.2", 80), b"hi")) == (UDP, KEY4, 2, b"hi", 0, 0, 0)


def test_a_length_of_zero_means_that_the_card_cut_it_up():
    assert slice_packet(101, FOUR[:2] + b"\0\0" + FOUR[4:]) == WANT4
    assert slice_packet(101, SIX[:4] + b"\0\0" + SIX[6:]) == WANT6


def test_a_short_capture_keeps_the_length_of_the_wire():
    packet = slice_packet(1, ethernet(FOUR)[:-3])
    assert packet[2:4] == (5, b"he")


@pytest.mark.parametrize(
    ("link", "frame", "why"),
    [
        (1, MACS + b"\x08\x06" + bytes(28), NOT_IP),
        (101, ip("192.0.2.1", "192.0.2.2", 1, b"ping" * 4), NOT_TCP_UDP),
        (101, FOUR[:6] + b"\x20\x00" + FOUR[8:], FRAGMENTED),
        (101, FOUR[:6] + b"\x00\x10" + FOUR[8:], FRAGMENTED),
        (101, ip("2001:db8::1", "2001:db8::2", 44, bytes(8) + SIX[40:]), FRAGMENTED),
        (1, ethernet(FOUR)[:40], CUT),
        (1, b"", CUT),
        (101, b"", CUT),
        (147, FOUR, "link type 147 is not known"),
    ],
)
def test_what_is_no_segment_says_why(link, frame, why):
    assert slice_packet(link, frame) == why


@given(st.sampled_from([0, 1, 12, 101, 108, 113, 228, 229, 276, 9999]), st.binary(max_size=120))
def test_any_bytes(link, frame):
    packet = slice_packet(link, frame)
    assert isinstance(packet, str) or (packet[2] >= 0 and len(packet[3]) <= len(frame) and len(packet[1]) in (12, 36))


@given(st.integers(0, len(FOUR) + 13), st.integers(0, 255))
def test_a_changed_byte(place, value):
    frame = bytearray(ethernet(FOUR))
    frame[place] = value
    assert slice_packet(1, bytes(frame))
