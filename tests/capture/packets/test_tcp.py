from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.packets.tcp import CERTAIN, HELD_SEGMENTS, SEQUENCE, UNKNOWN, Side


class Heard:
    """Writes down what a side hands on."""

    def __init__(self):
        self.said = []

    def data(self, at, chunk, *, client):
        self.said.append((at, chunk))

    def gap(self, size, *, client):
        self.said.append(("gap", size))

    def close(self):
        self.said.append("close")


def side(start=100):
    one = Side(start, client=True)
    one.listener = Heard()
    return one


def put(one, at, seq, payload, length=None):
    one.segment(at, seq & SEQUENCE, len(payload) if length is None else length, payload)


def test_in_order():
    one = side()
    put(one, 1, 100, b"ab")
    put(one, 2, 102, b"c")
    assert one.listener.said == [(1, b"ab"), (2, b"c")]
    assert (one.total, one.next) == (3, 103)


def test_out_of_order_keeps_the_time_of_each_segment():
    one = side()
    put(one, 1, 102, b"c")
    put(one, 2, 103, b"d")
    put(one, 3, 100, b"ab")
    assert one.listener.said == [(3, b"ab"), (1, b"c"), (2, b"d")]


def test_what_is_sent_again_counts_once():
    one = side()
    put(one, 1, 100, b"abc")
    put(one, 2, 100, b"abc")
    put(one, 3, 101, b"bcde")
    assert one.listener.said == [(1, b"abc"), (3, b"de")]
    assert one.total == 5


def test_numbers_wrap_around():
    one = side(SEQUENCE - 1)
    put(one, 1, SEQUENCE + 3, b"ef")
    put(one, 2, SEQUENCE - 1, b"abcd")
    assert b"".join(chunk for _, chunk in one.listener.said) == b"abcdef"
    assert (one.total, one.next) == (6, 4)


def test_a_start_in_the_middle():
    one = side(UNKNOWN)
    put(one, 1, 5000, b"ab")
    assert one.listener.said == [(1, b"ab")]


def test_a_loss_is_a_gap_at_the_end():
    one = side()
    put(one, 1, 105, b"f")
    assert one.listener.said == []
    one.finish()
    assert one.listener.said == [("gap", 5), (1, b"f")]
    assert one.total == 6


def test_a_loss_is_a_gap_when_the_other_side_has_it():
    one = side()
    put(one, 1, 105, b"f")
    for _ in range(CERTAIN - 1):
        one.acknowledge(106)
    assert one.listener.said == []
    one.acknowledge(106)
    assert one.listener.said == [("gap", 5), (1, b"f")]
    for _ in range(CERTAIN):
        one.acknowledge(107)  # a FIN
    assert one.total == 6


def test_all_of_it_lost():
    one = side()
    for _ in range(CERTAIN):
        one.acknowledge(400)
    assert one.listener.said == [("gap", 300)]
    assert (one.total, one.next) == (300, 400)


def test_a_capture_that_kept_the_start_of_each_packet():
    one = side()
    put(one, 1, 100, b"ab", length=10)
    put(one, 2, 110, b"cd", length=2)
    assert one.listener.said == [(1, b"ab"), ("gap", 8), (2, b"cd")]


def test_a_jump_beyond_every_window_is_a_new_start():
    one = side()
    put(one, 1, 100 + (1 << 28), b"ab")
    assert one.listener.said == [(1, b"ab")]
    assert one.total == 2


def test_what_waits_is_bounded():
    one = side()
    for number in range(HELD_SEGMENTS + 10):
        put(one, number, 200 + 2 * number, b"x")
    assert len(one.held) <= HELD_SEGMENTS
    assert ("gap", 100) in one.listener.said


def test_without_a_listener_it_only_counts():
    one = side()
    one.listener = None
    put(one, 1, 150, b"ab")
    put(one, 2, 100, b"ab")
    assert one.total == 52
    assert not one.held


@given(st.binary(min_size=1, max_size=200), st.randoms(use_true_random=False), st.integers(0, SEQUENCE))
def test_any_order_and_overlap_gives_the_stream(stream, random, start):
    one = side(start)
    pieces = []
    at = 0
    while at < len(stream):
        size = random.randint(1, 20)
        pieces.append((at, stream[at : at + size]))
        pieces.append((max(at - 3, 0), stream[max(at - 3, 0) : at + size]))
        at += size
    random.shuffle(pieces)
    for place, payload in pieces:
        put(one, place, start + place, payload)
    assert b"".join(chunk for _, chunk in one.listener.said) == stream
    assert one.total == len(stream)
    assert not one.held
