import pytest

from portalscope.capture.packets.conversations import IDLE, LINGER, MOST, Conversations, reverse, sent_by_client
from portalscope.capture.packets.slicing import ACK, FIN, RST, SYN, slice_packet
from portalscope.capture.packets.talk import Talk
from tests.capture.packets.test_talk import Heard
from tests.capture.segments import CLIENT, SERVER, tcp

REQUEST = b"GET / HTTP/1.1\r\n"


class Table:
    """Conversations with a talk for each, and segments by hand."""

    def __init__(self):
        self.table = Conversations(lambda one: one.listen(Talk({"http": Heard})))

    def put(self, at, *, client=True, ends=(CLIENT, SERVER), **segment):
        source, target = ends if client else ends[::-1]
        packet = slice_packet(101, tcp(source, target, **segment))
        self.table.segment(at, packet)

    def open(self, at=0, **more):
        self.put(at, flags=SYN, seq=999, **more)
        self.put(at + 1, client=False, flags=SYN | ACK, seq=4999, ack=1000, **more)

    def ends(self):
        return list(self.table.rest())


def test_one_connection():
    table = Table()
    table.open(5)
    table.put(8, payload=REQUEST, seq=1000, ack=5000)
    table.put(9, client=False, payload=b"answer", seq=5000, ack=1016)
    (one,) = table.ends()
    assert (one.start, one.last, one.answered, one.closed) == (5, 9, True, False)
    assert (one.client.total, one.server.total) == (16, 6)
    assert one.talk.reader.said == [(8, REQUEST, True), (9, b"answer", False), "close"]


def test_who_is_the_client_without_a_beginning():
    table = Table()
    table.put(1, client=False, payload=b"data", seq=7)
    table.put(2, payload=b"data", seq=77)
    (one,) = table.ends()
    assert (one.client.total, one.server.total) == (4, 4)
    assert one.key[-2:] == (443).to_bytes(2)


@pytest.mark.parametrize(
    ("payload", "want"),
    [
        (REQUEST, True),
        (b"\x16\x03\x01\0\x05\x01", True),
        (b"\x16\x03\x01\0\x05\x02", False),
        (b"HTTP/1.1 200", True),
        (b"?", True),
    ],
)
def test_requests_come_from_clients(payload, want):
    from_high_port = bytes(8) + (50000).to_bytes(2) + (443).to_bytes(2)
    assert sent_by_client(from_high_port, payload) is (want and not payload.startswith(b"HTTP/"))


def test_a_request_from_a_low_port_is_still_from_a_client():
    assert sent_by_client(bytes(8) + (80).to_bytes(2) + (50000).to_bytes(2), REQUEST)
    assert not sent_by_client(bytes(8) + (80).to_bytes(2) + (50000).to_bytes(2), b"?")


def test_an_answer_to_a_syn_that_was_not_captured():
    table = Table()
    table.put(1, client=False, flags=SYN | ACK, seq=4999)
    (one,) = table.ends()
    assert one.answered
    assert one.key[-2:] == (443).to_bytes(2)


def test_stray_segments_without_payload_are_no_connection():
    table = Table()
    table.put(1, flags=ACK)
    table.put(2, flags=RST)
    assert table.ends() == []


def test_a_refusal():
    table = Table()
    table.put(1, flags=SYN, seq=999)
    table.put(2, client=False, flags=RST | ACK)
    (one,) = table.ends()
    assert one.reset
    assert not one.answered


def test_the_same_syn_again_and_a_port_used_again():
    table = Table()
    table.open()
    table.put(2, flags=SYN, seq=999)
    table.put(3, payload=REQUEST, seq=1000)
    table.put(4, flags=SYN, seq=70_000)
    first, second = table.ends()
    assert (first.number, first.client.total) == (0, 16)
    assert (second.number, second.client.total, second.start) == (1, 0, 4)


def test_the_end_comes_after_a_while():
    table = Table()
    table.open()
    table.put(2, flags=FIN | ACK, seq=1000)
    table.put(3, client=False, flags=FIN | ACK, seq=5000)
    assert list(table.table.sweep(3 + LINGER)) == []
    (one,) = table.table.sweep(4 + LINGER)
    assert one.closed
    table.put(5 + LINGER, flags=ACK, seq=1001)
    assert table.ends() == []


def test_quiet_ones_end_and_their_number_is_bounded():
    table = Table()
    table.open()
    assert list(table.table.sweep(IDLE)) == []
    assert len(list(table.table.sweep(IDLE + 2))) == 1
    for number in range(MOST + 5):
        table.put(number, flags=SYN, seq=1, ends=((f"10.0.{number >> 8}.{number & 255}", 1000), SERVER))
    assert [one.start for one in table.table.sweep(MOST)] == [0, 1, 2, 3, 4]
    assert len(table.table.live) == MOST


def test_a_talk_that_has_heard_enough_is_left_alone():
    table = Table()
    table.open()
    table.put(2, payload=b"SSH-2.0-x", seq=1000)
    table.put(3, payload=b"more", seq=1009)
    table.put(4, payload=b"later", seq=1020)
    (one,) = table.ends()
    assert one.client.listener is None
    assert one.client.total == 25


def test_reverse():
    assert reverse(b"aaaabbbbcCdD") == b"bbbbaaaadDcC"
    assert reverse(reverse(bytes(range(36)))) == bytes(range(36))
