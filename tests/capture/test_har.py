"""HAR files: mitmproxy's against its flow file of the same traffic, browsers' by hand."""

import json
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalscope.capture.exchange import Exchange
from portalscope.capture.flows import flows
from portalscope.capture.har import har
from portalscope.capture.problem import Problem

SAMPLES = Path(__file__).parents[2] / "samples"


def read(data, name="f.har"):
    return list(har(BytesIO(data), name, "run"))


def document(*entries, **log):
    return json.dumps({"log": {"version": "1.2", **log, "entries": entries}}).encode()


def entry(url="https://example.com/", request=(), response=(), **more):
    """A whole entry, synthetic, with the keys that Chrome writes."""
    return {
        "startedDateTime": "2026-05-04T09:30:00.250Z",
        "time": 107,
        "request": {"method": "GET", "url": url, "httpVersion": "http/2.0", "headers": [], "bodySize": 0, **dict(request)},
        "response": {"status": 200, "headers": [], "content": {"size": 0, "mimeType": ""}, "bodySize": 0, **dict(response)},
        **more,
    }  # fmt: skip


def only(*args, **more):
    (one,) = read(document(entry(*args, **more)))
    assert isinstance(one, Exchange), one.why
    return one


@pytest.mark.parametrize("name", ["ort132", "ort132_disabled", "ai_py_v1", "msal_py"])
def test_mitmproxys_har_says_what_its_flow_file_says(name):
    recorded = list(flows(BytesIO((SAMPLES / name / f"{name}.mitm").read_bytes()), name, "run"))
    exported = list(har(BytesIO((SAMPLES / name / f"{name}.har").read_bytes()), name, "run"))
    for one, other in zip(recorded, exported, strict=True):
        body = zlib.decompress(one.body, -15) if one.header("content-encoding") == "deflate" else one.body
        assert other.body == body
        for key in (
            "id", "run", "method", "scheme", "host", "port", "path", "query", "http", "headers", "status", "error",
            "response_headers", "response_body", "server_ip",
        ):  # fmt: skip
            assert getattr(other, key) == getattr(one, key), key
        assert abs(other.at - one.at).total_seconds() < 1e-5


def test_the_bond_body_of_a_real_recording():
    (one,) = read((SAMPLES / "ort132/ort132.har").read_bytes())
    assert one.body.startswith(b")\x033.0I\x0cRuntimeErrorq\xe8\x9e\x9c\xa5\x87\xc8\xa4\xdf\x11")
    assert len(one.body) == 1489


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://example.com/a/b?c=%20d?e", ("https", "example.com", 443, "/a/b", "c=%20d?e")),
        ("http://example.com", ("http", "example.com", 80, "/", "")),
        ("https://example.com?q", ("https", "example.com", 443, "/", "q")),
        ("https://example.com:8443//v2.1/track#x?y", ("https", "example.com", 8443, "//v2.1/track", "")),
        ("HTTPS://user:word@Example.COM:/%2F", ("https", "Example.COM", 443, "/%2F", "")),
        ("https://[2001:db8::1]:444/x", ("https", "2001:db8::1", 444, "/x", "")),
        ("wss://example.com/s", ("https", "example.com", 443, "/s", "")),
        ("https://example.com/a:b@c/d", ("https", "example.com", 443, "/a:b@c/d", "")),
    ],
)
def test_a_url_is_taken_apart_as_it_stands(url, wanted):
    one = only(url)
    assert (one.scheme, one.host, one.port, one.path, one.query) == wanted


def test_a_tunnel():
    one = only("example.com:8443", request={"method": "CONNECT"})
    assert (one.method, one.host, one.port, one.path) == ("CONNECT", "example.com", 8443, "/")


@pytest.mark.parametrize(
    ("written", "wanted"),
    [("http/2.0", "HTTP/2.0"), ("h2", "HTTP/2.0"), ("HTTP/1.1", "HTTP/1.1"), ("http/1.1", "HTTP/1.1"), ("h3", "HTTP/3"),
     ("", ""), (None, "")],
)  # fmt: skip
def test_http_versions(written, wanted):
    assert only(request={"httpVersion": written}).http == wanted


@pytest.mark.parametrize(
    ("written", "wanted"), [("192.0.2.7", "192.0.2.7"), ("[2001:db8::1]", "2001:db8::1"), ("", None), ("proxy", None)]
)
def test_server_addresses(written, wanted):
    assert only(serverIPAddress=written).server_ip == wanted
    assert only().server_ip is None


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("2026-05-04T09:30:00.250Z", "2026-05-04T09:30:00.250000+00:00"),
        ("2023-03-29T17:37:42.482-07:00", "2023-03-30T00:37:42.482000+00:00"),  # Charles
        ("2026-05-04T09:30:00", "2026-05-04T09:30:00+00:00"),
    ],
)
def test_times_are_utc(written, wanted):
    assert only(startedDateTime=written).at.isoformat() == wanted


@pytest.mark.parametrize(("time", "wanted"), [(107, 0.107), (0, 0), (-1, None)])
def test_durations_are_seconds(time, wanted):
    assert only(time=time).duration == wanted


def test_headers_as_they_stand_without_pseudo_headers():
    names = [(":authority", "example.com"), ("Accept", "a"), ("accept", "b"), ("x", "caf\udce9")]
    one = only(request={"headers": [{"name": name, "value": value} for name, value in names]})
    assert one.headers == (("Accept", "a"), ("accept", "b"), ("x", "café"))


def test_headers_in_pairs():
    assert only(request={"headers": [["Accept", "a"]]}).headers == (("Accept", "a"),)


@pytest.mark.parametrize(
    ("said", "wanted"), [("net::ERR_FAILED", "net::ERR_FAILED"), (None, "no answer in the recording")]
)
def test_a_request_without_answer_was_attempted(said, wanted):
    one = only(response={"status": 0, "content": {}, "_error": said})
    assert (one.status, one.error) == (None, wanted)


def test_an_error_behind_an_answer_is_none():
    assert only(response={"_error": "net::ERR_ABORTED"}).error is None


def test_tls_as_playwright_notes_it():
    assert only(_securityDetails={"protocol": "TLS 1.3"}).tls == "TLSv1.3"
    assert only().tls is None


def test_a_get_with_a_body():
    one = only(request={"postData": {"mimeType": "text/plain", "text": "hello"}})
    assert (one.method, one.body) == ("GET", b"hello")


def test_what_a_har_file_leaves_out_is_a_problem():
    one, sent, received = read(document(entry(request={"bodySize": 5}, response={"content": {"size": 7}})))
    assert (one.body, one.response_body) == (b"", b"")
    assert (sent.exchange, sent.part, received.exchange, received.part) == ("f.har#0", "body", "f.har#0", "response")
    assert "5 bytes" in sent.why
    assert "7 bytes" in received.why


@pytest.mark.parametrize(
    "local", [entry(_fromCache="disk"), entry("data:text/plain,x"), entry("chrome-extension://a/b")]
)
def test_what_came_from_the_browser_itself_was_not_sent(local):
    (problem,) = read(document(local))
    assert isinstance(problem, Problem)
    assert problem.rest == b""
    assert "nothing was sent" in problem.why


def test_messages_of_a_websocket():
    messages = [
        {"type": "send", "time": 1800000000.5, "opcode": 1, "data": "hé"},
        {"type": "receive", "time": 1800000001, "opcode": 2, "data": "AP8="},
    ]
    handshake, sent, received = read(
        document(entry("wss://example.com/s?t=1", response={"status": 101}, _webSocketMessages=messages))
    )
    assert (handshake.method, handshake.query, handshake.status) == ("GET", "t=1", 101)
    assert (sent.id, sent.body, sent.response_body) == ("f.har#0/ws0", "hé".encode(), b"")
    assert (received.id, received.body, received.response_body) == ("f.har#0/ws1", b"", b"\x00\xff")
    assert sent.at.isoformat() == "2027-01-15T08:00:00.500000+00:00"


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"request": {}}, "the entry has no 'url'"),
        ({}, "the entry has no 'request'"),
        ([], "damaged entry (AttributeError)"),
        (None, "damaged entry (AttributeError)"),
        (entry("example.com/x"), "damaged entry (ValueError)"),
        (entry("example.com:443"), "damaged entry (ValueError)"),
        (entry("https://example.com:99x/"), "damaged entry (ValueError)"),
        (entry(startedDateTime="yesterday"), "damaged entry (ValueError)"),
        (entry(response={"status": None}), "damaged entry (TypeError)"),
        (entry(request={"headers": [{"name": "a", "value": None}]}), "damaged entry (AttributeError)"),
        (entry(request={"method": 1}), "damaged entry (AttributeError)"),
    ],
)
def test_a_damaged_entry_keeps_its_json_and_the_next_one_is_read(broken, why):
    first, problem, last = read(document(entry(), broken, entry()))
    assert (first.id, problem.exchange, last.id) == ("f.har#0", "f.har#1", "f.har#2")
    assert why in problem.why
    assert json.loads(problem.rest) == broken


def test_a_problem_quotes_no_value():
    (problem,) = read(document(entry("SECRET", startedDateTime="SECRET")))
    assert "SECRET" not in problem.why


@pytest.mark.parametrize("cut", [-1, -2, -3, -4, -50])
def test_a_file_that_ends_too_early_keeps_what_was_before(cut):
    whole = document(entry(), entry())
    seen = read(whole[:cut])
    if cut >= -2:  # only what stands behind the entries is missing
        assert [one.id for one in seen] == ["f.har#0", "f.har#1"]
    else:
        assert seen[0].id == "f.har#0"
        assert (seen[-1].exchange, seen[-1].part) == ("f.har", "file")
        assert "the file ends inside entry" in seen[-1].why


def test_json_that_is_no_har_file():
    (problem,) = read(b'{"hello": 1}')
    assert problem.why == "not a HAR file from entry 0 on: 1 bytes unread"


@settings(deadline=None)
@given(st.data())
def test_any_change_of_any_value_leaves_the_next_entry_alone(data):
    broken = entry(
        "https://example.com/?a=b", request={"headers": [{"name": "a", "value": "b"}]}, serverIPAddress="::1"
    )
    broken["request"]["postData"] = {"mimeType": "a/b", "text": "é", "params": [{"name": "n", "value": "v"}]}
    broken["_webSocketMessages"] = [{"type": "send", "time": 1.5, "opcode": 1, "data": "x"}]
    place, key = data.draw(st.sampled_from(list(places(broken))))
    place[key] = data.draw(st.sampled_from([None, True, -1, 1e300, 10**400, "\ud800", "x", [], {}, [["a", 3]]]))
    *seen, last = read(document(broken, entry()))
    assert seen
    assert isinstance(last, Exchange)
    for one in seen:
        if isinstance(one, Exchange):
            assert isinstance(one.body, bytes)
            assert [type(part) for part in (one.method, one.scheme, one.host, one.path, one.query, one.http)] == [
                str
            ] * 6
            assert isinstance(one.error, str | None)


def places(node):
    """Every place in an entry where a value stands."""
    for key in node if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places(node[key])
