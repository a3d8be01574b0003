import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.packets.draft import Place
from portalscope.capture.packets.http1 import ORPHAN, SWITCHED, UNSURE, Http1
from portalscope.capture.packets.talk import Talk

POST = b"POST /one HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nabc"
GET = b"GET /two HTTP/1.1\r\nHOST: a.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = (
    b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n2;x=y\r\n!!\r\n0\r\nX-After: 1\r\n\r\n"
)


class Ears:
    """An HTTP/1 reader and what it publishes and reports."""

    def __init__(self):
        self.drafts, self.reports = [], []
        self.talk = Talk({})
        self.http = Http1(self.talk, self.drafts.append, lambda why, rest: self.reports.append((why, rest)))
        self.at = 0

    def client(self, data):
        self.at += 1
        self.http.data(self.at, data, client=True)

    def server(self, data):
        self.at += 1
        self.http.data(self.at, data, client=False)

    def lose(self, client):
        self.http.gap(100, client=client)

    @property
    def said(self):
        place = Place(file="f", run="r", ip="192.0.2.1", port=80, facts=self.talk.facts)
        found = [draft.exchange(place) for draft in self.drafts]
        return [(one.method, one.path, one.body, one.status, one.response_body) for one in found]

    @property
    def problems(self):
        return [(problem.part, problem.why) for draft in self.drafts for problem in draft.problems("")]


ONE, TWO = ("POST", "/one", b"abc", 200, b"ok"), ("GET", "/two", b"", 201, b"yes!!")


def test_one_after_the_other():
    ears = Ears()
    ears.client(POST)
    ears.server(OK)
    assert ears.said == [ONE]
    ears.client(GET)
    ears.server(CHUNKED)
    assert ears.said == [ONE, TWO]
    assert ears.drafts[1].request.headers == [(b"HOST", b"a.example")]
    assert ears.drafts[1].response.headers[-1] == (b"X-After", b"1")
    ears.http.close()
    assert (ears.reports, ears.problems) == ([], [])


@given(st.integers(1, 30))
def test_any_cutting_and_pipelining(size):
    ears = Ears()
    for part in (POST + GET,):
        for at in range(0, len(part), size):
            ears.client(part[at : at + size])
    for at in range(0, len(OK + CHUNKED), size):
        ears.server((OK + CHUNKED)[at : at + size])
    assert ears.said == [ONE, TWO]


def test_the_body_stays_as_sent():
    ears = Ears()
    body = gzip.compress(b"text")
    ears.client(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    ears.http.close()
    assert ears.said == [("POST", "/", body, None, b"")]


def test_continue_head_and_the_end_of_the_connection():
    ears = Ears()
    ears.client(POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
    ears.server(b"HTTP/1.1 100 Continue\r\n\r\n")
    ears.server(b"HTTP/1.1 204 No Content\r\n\r\n")
    ears.client(b"HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n")
    ears.server(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
    ears.client(GET)
    ears.server(b"HTTP/1.0 200 OK\r\n\r\nuntil the ")
    ears.server(b"end")
    assert len(ears.drafts) == 2
    ears.http.close()
    assert [one[3:] for one in ears.said] == [(204, b""), (200, b""), (200, b"until the end")]
    assert (ears.reports, ears.problems) == ([], [])


def test_an_upgrade_is_an_exchange_and_the_rest_is_told():
    ears = Ears()
    ears.client(b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    ears.server(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi")
    assert [one[3] for one in ears.said] == [101]
    assert ears.reports == [(SWITCHED, b"")]
    assert ears.talk.done


def test_what_was_never_answered():
    ears = Ears()
    ears.client(POST[:-1])
    ears.http.close()
    assert ears.said == [("POST", "/one", b"ab", None, b"")]
    assert ears.problems == [("body", "request is not complete in the capture")]


def test_a_response_that_is_cut_by_the_end():
    ears = Ears()
    ears.client(POST)
    ears.server(OK[:-1])
    ears.http.close()
    assert ears.said == [(*ONE[:4], b"o")]
    assert ears.problems == [("response", "malformed, or cut where the connection ends")]


def test_malformed_bytes_are_told_and_the_next_message_is_found():
    ears = Ears()
    ears.client(b"GET / HTTP/9.9 nonsense\r\n\r\n")
    ears.client(b"rubbish")
    ears.client(POST)
    ears.server(OK)
    assert ears.said == [ONE]
    assert b"".join(rest for _, rest in ears.reports) == b"GET / HTTP/9.9 nonsense\r\n\r\nrubbish"


def test_a_loss_in_a_response():
    ears = Ears()
    ears.client(POST)
    ears.server(OK[:-1])
    ears.lose(client=False)
    ears.client(GET)
    ears.server(CHUNKED)
    ears.http.close()
    assert ears.said == [(*ONE[:4], b"o"), TWO]
    assert ears.problems == [("response", "packets are missing: it is not complete"), ("response", UNSURE)]


def test_a_response_lost_in_whole_is_not_that_of_the_next_request():
    ears = Ears()
    ears.client(POST)
    ears.lose(client=False)
    ears.client(GET)
    ears.server(CHUNKED)
    ears.http.close()
    assert ears.said == [(*ONE[:3], None, b""), TWO]


def test_a_request_lost_in_whole_leaves_an_orphan():
    ears = Ears()
    ears.lose(client=True)
    ears.server(OK)
    ears.client(GET)
    ears.server(CHUNKED)
    ears.http.close()
    assert ears.said == [TWO]
    assert (ORPHAN, b"ok") in ears.reports


def test_a_request_that_is_cut():
    ears = Ears()
    ears.client(POST[:-1])
    ears.lose(client=True)
    ears.server(OK)
    ears.client(GET)
    ears.server(CHUNKED)
    ears.http.close()
    assert ears.said == [("POST", "/one", b"ab", 200, b"ok"), TWO]
    assert ears.problems[0] == ("body", "packets are missing: it is not complete")


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([POST, GET, OK, CHUNKED, None]) | st.binary(max_size=60)), max_size=12
    )
)
def test_any_bytes_in_any_order(said):
    ears = Ears()
    for client, data in said:
        if data is None:
            ears.lose(client)
        else:
            (ears.client if client else ears.server)(data)
    ears.http.close()
    assert all(one[0] and one[1] for one in ears.said)


@pytest.mark.parametrize("size", [1, 7])
def test_a_head_without_end_is_bounded(size):
    ears = Ears()
    for _ in range(300):
        ears.client(b"GET /" + b"x" * 1024 * size)
    assert sum(len(rest) for _, rest in ears.reports) > 200_000 * (size > 1)
