import h11
import pytest

from portalscope.capture.packets.draft import Draft, Half
from portalscope.capture.packets.http1_direction import LOST, Direction, of_client, of_server, raw


def test_times_belong_to_chunks():
    side = Direction()
    side.feed(5, b"GET /a HTTP/1.1\r\nHost: a\r\n")
    side.feed(9, b"\r\nGET /b")
    assert side.peek() == (5, b"GET /a HTTP/1.1\r\nHost: a\r\n")
    side.begin(of_server())
    event = side.event()
    assert isinstance(event, h11.Request)
    assert side.at == 9
    half = Half()
    side.head(half, event.target, raw(event))
    assert isinstance(side.event(), h11.EndOfMessage)
    side.finish()
    assert (half.first, half.headers, half.at, half.last, half.done) == (b"/a", [(b"Host", b"a")], 9, 9, True)
    assert side.peek() == (9, b"GET /b")
    assert side.size == 6


def test_a_loss_is_met_in_its_place():
    side = Direction()
    side.feed(1, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
    side.lose()
    side.feed(2, b"later")
    side.begin(of_server())
    assert isinstance(side.event(), h11.Request)
    assert bytes(side.event().data) == b"abc"
    assert side.event() is LOST
    assert side.drop() == b""
    assert not side.seeking
    assert side.peek() == (2, b"later")
    assert side.ever_lost
    assert side.drop_all() == b"later"
    assert side.size == 0


def test_a_loss_before_a_message_makes_it_seek():
    side = Direction()
    side.lose()
    side.feed(2, b"later")
    assert side.peek() == (2, b"later")
    assert side.seeking


@pytest.mark.parametrize(("method", "rest"), [("HEAD", b"next"), ("GET", b"xt")])
def test_the_question_tells_where_the_answer_ends(method, rest):
    side = Direction()
    side.feed(1, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nnext")
    side.begin(of_client(Draft(http="HTTP/1.1", method=method)))
    while not isinstance(side.event(), h11.EndOfMessage):
        pass
    assert side.drop() == rest


def test_nothing_to_read():
    side = Direction()
    assert side.event() is None
    assert side.peek() == (0, b"")
    assert side.drop() == b""
