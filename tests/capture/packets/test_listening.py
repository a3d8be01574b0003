from portalscope.capture.packets.key_log import KeyLog
from portalscope.capture.packets.listening import CLOSED, Closed, Opened
from portalscope.capture.packets.packet_file import FileNotes, frames
from portalscope.capture.packets.talk import Talk
from portalscope.capture.pcap import read_with_keys
from portalscope.capture.problem import Problem
from tests.capture.packets.test_tunnel import ASK, YES
from tests.capture.segments import CLIENT, ORT132, SERVER, Dialogue, pcap

GET = b"GET %b HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3000\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def read(path):
    found = list(read_with_keys(path, [], "run"))
    return [one for one in found if hasattr(one, "method")], [one for one in found if isinstance(one, Problem)]


def test_in_clear_no_key_is_needed(tmp_path):
    dialogue = Dialogue(server=("198.51.100.5", 80)).open()
    dialogue.say(True, GET % b"/a").say(False, OK).say(True, GET % b"/b").close()
    exchanges, problems = read(dialogue.write(tmp_path / "x.pcap"))
    assert [(one.id, one.path, one.status) for one in exchanges] == [("x.pcap#0", "/a", 200), ("x.pcap#1", "/b", None)]
    assert exchanges[1].error == "no answer in the capture"
    assert problems == []


def test_both_sides_of_a_proxy_are_one_exchange(tmp_path):
    device = (
        Dialogue(server=("192.0.2.1", 8080))
        .open()
        .say(True, b"GET http://graph.microsoft.com/a HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n")
    )
    proxy = (
        Dialogue(client=("192.0.2.1", 40000), server=("198.51.100.5", 80))
        .open()
        .say(True, GET % b"/a")
        .say(False, OK)
        .close()
    )
    begun = len(device.frames)
    device.say(False, OK).close()
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(device.frames[:begun] + proxy.frames + device.frames[begun:]))
    ((one,), problems) = read(path)
    assert (one.scheme, one.host, one.port, one.path) == ("http", "graph.microsoft.com", 80, "/a")
    assert one.server_ip == "198.51.100.5"
    assert problems == []


def test_problems_of_a_side_that_is_dropped_are_dropped(tmp_path):
    device = Dialogue(server=("192.0.2.1", 8080)).open().say(True, ASK).say(False, YES).say(True, GET % b"/a")
    proxy = Dialogue(client=("192.0.2.1", 40000)).open().say(True, GET % b"/a").say(False, OK[:-1]).close()
    device.say(False, OK)
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(device.frames + proxy.frames))
    exchanges, problems = read(path)
    assert [(one.host, one.response_body) for one in exchanges] == [("graph.microsoft.com", b"ok")]
    assert problems == []


def test_a_loss_is_told_with_the_exchange(tmp_path):
    dialogue = Dialogue(server=("198.51.100.5", 80)).open()
    dialogue.say(True, POST + bytes(3000)).say(False, OK).close()
    del dialogue.frames[4]
    (one,), problems = read(dialogue.write(tmp_path / "x.pcap"))
    assert (one.path, one.status) == ("/a", 200)
    assert len(one.body) < 3000
    assert [problem.part for problem in problems if problem.exchange == one.id] == ["body"]
    assert sum(problem.size for problem in problems) == 3000 + len(POST) - 2 * 1400


def test_keys_that_turn_up_while_reading():
    secrets = [b"CLIENT_RANDOM " + b"00" * 32 + b" " + b"ab" * 48]
    opened = Opened("f", "run", KeyLog(), secrets)
    assert opened._keys().of(bytes(32))
    assert secrets == []


def test_closed_makes_a_talk_for_everybody():
    closed = Closed()
    assert isinstance(closed.listen(None), Talk)
    closed.finish()
    assert closed.out == []
    assert set(CLOSED) == {"tls", "tunnel", "http", "proxied", "h2"}


def test_ends_are_not_mixed_up(tmp_path):
    first = Dialogue(server=("198.51.100.5", 80)).open().say(True, GET % b"/1")
    second = Dialogue(client=(CLIENT[0], 50001), server=(SERVER[0], 80)).open().say(True, GET % b"/2")
    second.say(False, OK).close()
    first.say(False, OK.replace(b"200", b"201")).close()
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([frame for pair in zip(first.frames, second.frames, strict=True) for frame in pair]))
    assert {(one.path, one.status) for one in read(path)[0]} == {("/1", 201), ("/2", 200)}


def test_the_sample_is_whole():
    notes = FileNotes()
    assert len(list(frames(ORT132 / "ort132.pcap", notes))) == 107
    assert notes.damage == ""
