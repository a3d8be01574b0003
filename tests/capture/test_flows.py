"""mitmproxy's flow files: real ones against what their makers say, damaged ones against arithmetic."""

import hashlib
import json
import tracemalloc
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mitmproxy import http
from mitmproxy.io import FlowWriter, tnetstring
from mitmproxy.test import tflow, tutils

from portalscope.capture import flow_records as module
from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.flows import flows
from portalscope.capture.problem import Problem

SAMPLES = Path(__file__).parents[2] / "samples"
ORT = (SAMPLES / "ort132/ort132.mitm").read_bytes()
MSAL = (SAMPLES / "msal_py/msal_py.mitm").read_bytes()


def read(data, name="f.mitm"):
    return list(flows(BytesIO(data), name, "run"))


def stored(*some):
    """A flow file as mitmproxy writes it."""
    file = BytesIO()
    for one in some:
        FlowWriter(file).add(one)
    return file.getvalue()


def changed(data, **values):
    """A flow record with some of its top values replaced."""
    return tnetstring.dumps({**tnetstring.loads(data), **values})


EVERY_TYPE = [tflow.tflow(resp=True, err=True), tflow.twebsocketflow(), tflow.tdnsflow(resp=True), tflow.ttcpflow()]


@pytest.mark.parametrize("name", ["ort132", "ort132_disabled", "ai_py_v1", "msal_py"])
def test_real_recordings_say_what_their_makers_say(name):
    truth = json.loads((SAMPLES / name / "expected.json").read_bytes())
    seen = read((SAMPLES / name / f"{name}.mitm").read_bytes(), f"{name}.mitm")
    assert len(seen) == truth["n_flows"]
    for one, said in zip(seen, truth["flows"], strict=True):
        assert one.id == f"{name}.mitm#{said['i']}"
        assert one.path + (f"?{one.query}" if one.query else "") == said["path"]
        assert (one.method, one.scheme, one.host, one.port, one.http, one.status, one.error) == tuple(
            said[key] for key in ("method", "scheme", "host", "port", "http", "status", "error")
        )
        assert one.header("content-type") == (said["req_content_type"] or "")
        assert one.header("content-encoding") == (said["req_content_encoding"] or "")
        assert (len(one.body), hashlib.sha256(one.body).hexdigest()) == (
            said["req_wire_bytes"], said["req_wire_sha256"],
        )  # fmt: skip


def test_what_a_maker_does_not_say_of_a_real_recording():
    (one,) = read(ORT)
    assert (one.run, one.query, one.server_ip, one.tls) == ("run", "", "127.20.1.174", "TLSv1.3")
    assert one.at.isoformat() == "2026-11-23T05:11:36.571126+00:00"
    assert one.duration == pytest.approx(0.0064, abs=0.0002)
    assert one.headers[2][0] == "APIKey"
    assert (one.response_header("Server"), one.response_body) == ("Microsoft-HTTPAPI/2.0", b'{"acc": 1}')


@pytest.mark.parametrize("cut", [0, 1, 3, 4, 5, 6, 100, 5760, 5761, 5762])
def test_a_file_that_ends_too_early_is_one_problem_with_the_number_of_bytes(cut):
    two = read(ORT + ORT[:cut])
    assert isinstance(two[0], Exchange)
    assert [type(one) for one in two[1:]] == [Problem] * bool(cut)
    for problem in two[1:]:
        assert (problem.exchange, problem.part, problem.step, problem.rest) == ("f.mitm", "file", "flows", b"")
        assert f"{cut} bytes unread" in problem.why


@pytest.mark.parametrize("garbage", [b"hello", b"12;x", b":", b"1234567890123:x", b"\x00" * 3_000_000, b"-1:,"])
def test_what_is_no_flow_is_one_problem_at_the_end(garbage):
    first, problem = read(ORT + garbage)
    assert isinstance(first, Exchange)
    assert problem.why == f"not a flow file from flow 1 on: {len(garbage)} bytes unread"


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (changed(ORT, type="carrier-pigeon"), "Unknown flow type: carrier-pigeon"),
        (changed(ORT, version=9999), "flow format version 9999"),
        (changed(ORT, id=None, request=None), "TypeError"),
        (changed(ORT, client_conn={}), "KeyError"),
        (b"5:hello,", "ValueError"),
        (b"3:abc}", "ValueError"),
        (b"1:1#", "ValueError"),
    ],
)
def test_a_flow_that_cannot_be_read_keeps_its_bytes_and_the_next_one_is_read(record, why):
    first, problem, last = read(ORT + record + ORT)
    assert (first.id, problem.exchange, last.id) == ("f.mitm#0", "f.mitm#1", "f.mitm#2")
    assert first.body == last.body
    assert why in problem.why
    assert problem.rest == record


def test_a_problem_quotes_no_value():
    state = tnetstring.loads(ORT)
    state["request"]["port"] = "SECRET-VALUE"
    (problem,) = read(tnetstring.dumps(state))
    assert isinstance(problem, Problem)
    assert "SECRET" not in problem.why


def test_nesting_does_not_end_the_process():
    deep = b""
    for _ in range(5000):
        deep = b"%d:%s]" % (len(deep), deep)
    first, second = read(deep + ORT)
    assert (type(first), type(second)) == (Problem, Exchange)


def test_a_length_that_lies_takes_no_memory():
    tracemalloc.start()
    (problem,) = read(b"999999999999:" + ORT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert f"{13 + len(ORT)} bytes unread" in problem.why
    assert peak < 4_000_000


def test_a_flow_that_is_too_large_is_passed_over(monkeypatch):
    large = stored(tflow.tflow(req=tutils.treq(content=b"x" * 50_000)))
    monkeypatch.setattr(module, "LARGEST", 20_000)
    problem, last = read(large + ORT)
    assert (problem.exchange, last.id) == ("f.mitm#0", "f.mitm#1")
    assert "is too large" in problem.why


@pytest.mark.filterwarnings("ignore")  # certificates that were damaged make cryptography warn
@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(ORT) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_any_change_of_any_byte_gives_exchanges_and_problems(changes):
    damaged = bytearray(ORT)
    for place, byte in changes:
        damaged[place] = byte
    seen = read(bytes(damaged) + ORT)
    assert seen
    assert all(isinstance(one, Exchange | Connection | Problem) for one in seen)


@pytest.mark.filterwarnings("ignore")
@settings(deadline=None)
@given(st.data())
def test_any_change_of_any_value_leaves_the_next_flow_alone(data):
    state = tnetstring.loads(stored(data.draw(st.sampled_from(EVERY_TYPE))))
    place, key = data.draw(st.sampled_from(list(places(state))))
    wrong = [None, True, -1, 1e300, float("nan"), 10**20, b"\xff", "x", [], {}, [["a", 3]]]
    place[key] = data.draw(st.sampled_from(wrong))
    *seen, last = read(tnetstring.dumps(state) + ORT)
    assert seen
    assert isinstance(last, Exchange)


def places(node):
    """Every place in a stored flow where a value stands."""
    for key in node if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places(node[key])


def test_a_packed_body_stays_packed():
    body = bytes.fromhex("1f8b08000000000000ff") + b"\xff" * 20  # damaged on purpose: mitmproxy's `content` would raise
    request = tutils.treq(content=body, headers=((b"content-encoding", b"gzip"),))
    (one,) = read(stored(tflow.tflow(req=request)))
    assert one.body == body


def test_a_body_that_was_streamed_past_the_proxy_is_a_problem():
    streamed = tflow.tflow(req=tutils.treq(content=None), resp=tutils.tresp(content=None))
    one, body, response = read(stored(streamed))
    assert (one.body, one.response_body) == (b"", b"")
    assert [(p.exchange, p.part) for p in (body, response)] == [("f.mitm#0", "body"), ("f.mitm#0", "response")]


def test_bytes_that_are_no_utf8_become_valid_text():
    request = tutils.treq(path=b"/caf\xe9?q=%C3%A9", headers=((b"x-n\xffme", b"caf\xe9"), (b"x", b"caf\xc3\xa9")))
    (one,) = read(stored(tflow.tflow(req=request)))
    assert (one.path, one.query) == ("/café", "q=%C3%A9")
    assert one.headers == (("x-nÿme", "café"), ("x", "café"))


def test_the_query_is_what_stands_behind_the_first_question_mark():
    (one,) = read(stored(tflow.tflow(req=tutils.treq(path=b"//v2.1/track?a=%20?b=/"))))
    assert (one.path, one.query) == ("//v2.1/track", "a=%20?b=/")


def test_trailers_are_kept():
    response = tutils.tresp(trailers=http.Headers(((b"grpc-status", b"0"),)))
    (one,) = read(stored(tflow.tflow(resp=response)))
    assert one.response_headers[-1] == ("grpc-status", "0")


@pytest.mark.parametrize(("error", "wanted"), [(True, "error"), (False, "no answer in the recording")])
def test_a_request_without_answer_was_attempted(error, wanted):
    (one,) = read(stored(tflow.tflow(err=error)))
    assert (one.status, one.error, one.duration) == (None, wanted, None)


def test_an_answer_counts_even_if_the_connection_broke_later():
    (one,) = read(stored(tflow.tflow(resp=True, err=True)))
    assert (one.status, one.error) == (200, None)


def test_the_host_is_what_the_client_asked_for_and_the_address_what_answered():
    request = tutils.treq(host="192.0.2.9", headers=((b"host", b"portal.example:8443"),))
    transparent = tflow.tflow(req=request)
    transparent.server_conn.peername = ("::ffff:192.0.2.9", 443, 0, 0)
    (one,) = read(stored(transparent))
    assert (one.host, one.server_ip) == ("portal.example", "192.0.2.9")


@pytest.mark.parametrize("peer", [None, ("proxy.example", 8080)])
def test_a_peer_that_is_no_address_is_none(peer):
    unknown = tflow.tflow()
    unknown.server_conn.peername = peer
    (one,) = read(stored(unknown))
    assert one.server_ip is None


def test_an_ipv6_host_has_no_brackets():
    (one,) = read(stored(tflow.tflow(req=tutils.treq(host="::1", headers=((b"host", b"[::1]:8443"),)))))
    assert one.host == "::1"


def test_ids_count_all_flows_of_the_file():
    assert [one.id for one in read(stored(tflow.ttcpflow()) + ORT + MSAL)][:4] == [f"f.mitm#{i}" for i in range(4)]
