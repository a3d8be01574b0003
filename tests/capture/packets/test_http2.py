"""Both ends are the h2 library: it makes the bytes, our reader listens."""

import h2.config
import h2.connection
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalscope.capture.packets.draft import Place
from portalscope.capture.packets.http2 import Http2
from portalscope.capture.packets.talk import Talk

BODY = bytes(range(256)) * 200


def ask(path, method="POST", *more):
    return [(":method", method), (":scheme", "https"), (":authority", "a.example:8443"), (":path", path), *more]


class Ears:
    """An HTTP/2 reader between two ends of the h2 library."""

    def __init__(self):
        self.drafts, self.reports = [], []
        self.http = Http2(Talk({}), self.drafts.append, lambda why, rest: self.reports.append((why, rest)))
        self.ends = {
            side: h2.connection.H2Connection(h2.config.H2Configuration(client_side=side)) for side in (True, False)
        }
        self.at = 0
        self.deaf = None
        for side in (True, False):
            self.ends[side].initiate_connection()
        self.pass_on()

    def pass_on(self, size=None):
        """Carry bytes between the ends until none has more to say; `deaf` names a side that is not captured now."""
        while self.carry(True, size) + self.carry(False, size):
            pass

    def carry(self, side, size):
        data = self.ends[side].data_to_send()
        for at in range(0, len(data), size or len(data) or 1):
            self.at += 1
            chunk = data[at : at + (size or len(data))]
            if self.deaf is side:
                self.http.gap(len(chunk), client=side)
            else:
                self.http.data(self.at, chunk, client=side)
        if data:
            self.ends[not side].receive_data(data)
        return bool(data)

    def post(self, stream, body, path="/x", *more, end=True):
        client = self.ends[True]
        client.send_headers(stream, ask(path, "POST", *more))
        while body:
            size = min(client.local_flow_control_window(stream), client.max_outbound_frame_size, len(body))
            client.send_data(stream, body[:size])
            body = body[size:]
            self.pass_on()
            for end_ in self.ends.values():
                end_.acknowledge_received_data(size, stream) if end_ is self.ends[False] else None
            self.pass_on()
        if end:
            client.end_stream(stream)
        self.pass_on()

    def answer(self, stream, body=b"", status="200", *more):
        self.ends[False].send_headers(stream, [(":status", status), *more], end_stream=not body)
        if body:
            self.ends[False].send_data(stream, body, end_stream=True)
        self.pass_on()

    @property
    def said(self):
        place = Place(file="f", run="r", ip="192.0.2.1", port=443, facts=self.http.talk.facts)
        found = [draft.exchange(place) for draft in self.drafts]
        return [(one.method, one.path, one.body, one.status, one.response_body) for one in found]

    @property
    def problems(self):
        return [(problem.part, problem.why) for draft in self.drafts for problem in draft.problems("")]


def test_streams_that_cross():
    ears = Ears()
    ears.post(1, BODY, "/one?q", ("x-a", "1"), ("x-a", "2"))
    ears.post(3, b"", "/two", ("x-a", "1"))
    ears.answer(3, b"second", "201")
    ears.answer(1, b"first", "200", ("server", "s"))
    assert ears.said == [("POST", "/two", b"", 201, b"second"), ("POST", "/one", BODY, 200, b"first")]
    first = ears.drafts[1].exchange(Place(file="f", run="r", ip="i", port=1, facts=ears.http.talk.facts))
    assert (first.http, first.scheme, first.host, first.port, first.query) == (
        "HTTP/2.0",
        "https",
        "a.example",
        8443,
        "q",
    )
    assert first.headers == (("x-a", "1"), ("x-a", "2"))
    assert first.response_headers == (("server", "s"),)
    ears.http.close()
    assert (ears.problems, ears.reports) == ([], [])


@pytest.mark.parametrize("size", [1, 9, 10, 1000])
def test_any_cutting(size):
    ears = Ears()
    ears.ends[True].send_headers(1, ask("/x"))
    ears.ends[True].send_data(1, b"abc" * 100, end_stream=True)
    ears.pass_on(size)
    ears.ends[False].send_headers(1, [(":status", "100")])
    ears.ends[False].send_headers(1, [(":status", "200"), ("x", "y" * 20_000)])
    ears.ends[False].send_data(1, b"ok", end_stream=False, pad_length=7)
    ears.ends[False].send_headers(1, [("x-trailer", "t")], end_stream=True)
    ears.pass_on(size)
    assert ears.said == [("POST", "/x", b"abc" * 100, 200, b"ok")]
    assert ears.drafts[0].response.headers == [(b"x", b"y" * 20_000), (b"x-trailer", b"t")]


def test_a_larger_header_table():
    ears = Ears()
    ears.ends[False].update_settings({1: 65536})
    ears.pass_on()
    for stream in (1, 3, 5):
        ears.post(stream, b"", f"/{stream}", *((f"x-{n}", "v" * 100) for n in range(60)))
        ears.answer(stream)
    assert [one[1] for one in ears.said] == ["/1", "/3", "/5"]
    assert ears.reports == []


def test_resets():
    ears = Ears()
    ears.post(1, b"", "/refused")
    ears.ends[False].reset_stream(1, 7)
    ears.pass_on()
    assert [one[3] for one in ears.said] == [None]
    assert ears.drafts[0].response.trouble == "stream was reset by the server"
    ears.post(3, b"", "/left")
    ears.ends[True].reset_stream(3, 8)
    ears.pass_on()
    ears.http.close()
    assert [one[1:4] for one in ears.said] == [("/refused", b"", None), ("/left", b"", None)]


def test_an_unfinished_request():
    ears = Ears()
    ears.post(1, b"half", "/x", end=False)
    ears.http.close()
    assert ears.said == [("POST", "/x", b"half", None, b"")]
    assert ears.problems == [("body", "request is not complete in the capture")]


def test_after_a_loss_what_can_be_read_is_right():
    ears = Ears()
    ears.post(1, b"a", "/before", ("x-known", "1"))
    ears.answer(1, b"ok")
    ears.deaf = True
    ears.post(3, b"b", "/lost", ("x-lost", "secret"))
    ears.deaf = None
    ears.answer(3, b"ok")
    ears.post(5, b"c", "/refers", ("x-lost", "secret"))  # speaks of a table entry that nobody has seen
    ears.answer(5, b"ok")
    ears.post(7, b"d", "/new", ("x-new", "2"))
    ears.answer(7, b"ok")
    ears.http.close()
    assert set(ears.said) <= {
        ("POST", path, body, 200, b"ok") for path, body in (("/before", b"a"), ("/refers", b"c"), ("/new", b"d"))
    }
    assert ears.said[0][1] == "/before"
    assert any("cannot be unpacked" in why or "not read" in why for why, _ in ears.reports)


def test_a_loss_in_an_answer():
    ears = Ears()
    ears.post(1, b"a", "/x")
    ears.deaf = False
    ears.answer(1, b"ok")
    ears.deaf = None
    ears.http.close()
    assert ears.said == [("POST", "/x", b"a", None, b"")]
    place = Place(file="f", run="r", ip="i", port=1, facts=ears.http.talk.facts)
    assert "not captured" in ears.drafts[0].exchange(place).error


@settings(max_examples=50)
@given(st.binary(max_size=100), st.booleans(), st.integers(0, 300))
def test_any_bytes(noise, client, cut):
    ears = Ears()
    ears.ends[True].send_headers(1, ask("/x"), end_stream=True)
    data = ears.ends[True].data_to_send()
    ears.http.data(1, data[:cut], client=True)
    ears.http.data(2, noise, client=client)
    ears.http.gap(5, client=client)
    ears.http.data(3, noise, client=client)
    ears.http.data(3, data, client=True)
    ears.http.close()
    assert all(draft.method for draft in ears.drafts)


def test_absurd_frames_end_the_direction():
    ears = Ears()
    ears.http.data(1, b"\xff\xff\xff\0\0\0\0\0\1", client=True)
    assert ears.reports == [("HTTP/2 frame too large", b"\xff\xff\xff\0\0\0\0\0\1")]
    ears.http.data(2, b"\0\0\1\1\4\0\0\0\1\xff", client=False)  # headers with a broken table index
    assert len(ears.reports) == 1 or "unpacked" in ears.reports[1][0]
