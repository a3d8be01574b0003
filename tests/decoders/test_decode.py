"""The whole way from an exchange to a message."""

import base64
import gzip
import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.exchange import Exchange
from portalscope.decoders.decode import decode
from portalscope.decoders.knowledge import load
from tests.decoders.wire.vectors import T1, T2, T3_GZIP, T3_RAW


def exchange(body=b"", headers=(), host="mobile.events.data.microsoft.com", path="/OneCollector/1.0/", **more):
    return Exchange(
        id="f#0",
        run="r",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        method=more.pop("method", "POST"),
        scheme="https",
        host=host,
        port=443,
        path=path,
        headers=headers,
        body=body,
        **more,
    )


def decoded(*args, **more):
    return decode(exchange(*args, **more), load().adapters)


def values(message, part="body"):
    return {f.path: f.value for e in message.events for f in e.fields if f.part == part}


BOND = (("Content-Type", "application/bond-compact-binary"), ("Content-Encoding", "deflate"))


def test_bond_labelled_deflate_is_gzip():
    for body in (T3_RAW, T3_GZIP, T1 + T2):
        message = decoded(body, BOND)
        assert message.adapter == "onecollector-bond"
        assert [e.name for e in message.events] == ["Common Schema events to OneCollector, Bond", "Demo.Event", "n"]
        assert message.problems == ()
        assert message.accounts["body"].size == message.accounts["body"].decoded == 108


def test_records_before_a_bad_tail_are_kept_and_the_tail_is_counted():
    message = decoded(T1 + T2[:-3], BOND)
    assert [e.name for e in message.events if e.kind == "record"] == ["Demo.Event"]
    (problem,) = message.problems
    assert problem.rest == T2[:-3]
    assert (message.accounts["body"].decoded, message.accounts["body"].unread) == (len(T1), len(T2) - 3)


def test_what_the_adapter_expects_and_does_not_get():
    message = decoded(b'{"error": "x"}', BOND)
    assert values(message)["error"] == "x"
    assert [(p.why.split(":")[0], p.size) for p in message.problems] == [("not what the adapter expects", 0)]


def test_bytes_that_nothing_opens_are_a_problem_with_their_look():
    noise = bytes(range(256)) * 40
    message = decoded(noise, (("Content-Type", "application/octet-stream"),), host="x.example", path="/u")
    (problem,) = message.problems
    assert (problem.step, problem.size) == ("sniff", len(noise))
    assert "encrypted or compressed" in problem.why
    assert message.accounts["body"].unread == len(noise)


def test_path_query_headers_and_cookies_are_leaves():
    message = decoded(
        host="x.example",
        path="/users/anna%40contoso.example/a+b",
        query="upn=anna%40contoso.example&empty=&upn=b",
        headers=(("Cookie", "MUID=0A; x=y"), ("X-Thing", "v")),
        method="GET",
    )
    assert values(message, "path") == {"1": "users", "2": "anna@contoso.example", "3": "a+b"}
    query = [(f.path, f.value) for e in message.events for f in e.fields if f.part == "query"]
    assert query == [("upn", "anna@contoso.example"), ("empty", ""), ("upn", "b")]
    assert values(message, "header") == {"x-thing": "v"}
    assert values(message, "cookie") == {"MUID": "0A", "x": "y"}


def test_a_template_names_the_segments():
    message = decoded(host="x.example", path="/OneCollector/1.0")
    assert values(message, "path") == {"1": "OneCollector", "2": "1.0"}
    message = decoded(T1, BOND, path="/onecollector/1.0")
    assert values(message, "path") == {"literal": "/onecollector/1.0"}


def test_values_inside_values_carry_the_way_in_their_path():
    inner = json.dumps({"upn": "a@b.example", "deep": json.dumps({"x": 1})})
    message = decoded(json.dumps({"payload": inner}).encode(), host="x.example", path="/x")
    found = values(message)
    assert found["payload|json.upn"] == "a@b.example"
    assert found["payload|json.deep|json.x"] == 1
    outer = next(f for e in message.events for f in e.fields if f.path == "payload")
    assert (outer.depth, outer.opened) == (0, True)


def test_the_ticket_header_is_taken_apart():
    message = decoded(T1, (*BOND, ("Tickets", '"10001"="p:AAA"')))
    assert values(message, "header")["tickets|tickets[0].kind"] == "MSA user"


def test_answers_are_decoded_too():
    message = decoded(
        T1, BOND, status=200, response_headers=(("Set-Cookie", "fpc=1; path=/"),), response_body=b'{"acc": 1}'
    )
    assert values(message, "response") == {"acc": 1}
    assert values(message, "response-cookie") == {"fpc": "1", "fpc.path": "/"}
    assert message.events[-1].kind == "response"


def test_a_truncated_gzip_body_keeps_what_came_out():
    packed = gzip.compress(b'{"a": 1}\n' * 2000)
    message = decoded(packed[:-30], (("Content-Encoding", "gzip"),), host="x.example", path="/x")
    assert any(p.step == "content-encoding" for p in message.problems)
    assert values(message)


def test_one_exchange_opens_a_bounded_number_of_bytes():
    nested = "x"
    for _ in range(12):
        nested = json.dumps({"a": nested})
    message = decoded(json.dumps([nested]).encode(), host="x.example", path="/x")
    assert max(f.depth for e in message.events for f in e.fields) == 6


@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            "",
            "application/json",
            "application/bond-compact-binary",
            "text/xml",
            "multipart/form-data",
            "application/x-protobuf",
        ]
    ),
    st.sampled_from(["", "gzip", "deflate", "br"]),
)
def test_any_body(body, kind, label):
    message = decoded(body, (("Content-Type", kind), ("Content-Encoding", label)), status=200, response_body=body)
    for part in ("body", "response"):
        account = message.accounts[part]
        assert account.size == account.decoded + account.unread
        assert account.unread == sum(p.size for p in message.problems if p.part == part)
        assert account.decoded >= 0


@given(st.integers(0, len(T3_GZIP)))
def test_any_truncation(cut):
    message = decoded(T3_GZIP[:cut], BOND)
    account = message.accounts["body"]
    assert account.size == account.decoded + account.unread


def test_a_part_with_its_structure_says_more_than_a_text():
    message = decoded(b'{"a":1}{"a":2}garbage', host="x.example", path="/x")
    assert values(message) == {"[0].a": 1, "[1].a": 2}
    assert message.accounts["body"].unread == len(b"garbage")


def test_json_that_is_none_is_kept_as_text_and_said_to_be():
    message = decoded(b'{"upn": nonsense', host="x.example", path="/x")
    assert list(values(message).values()) == ['{"upn": nonsense']
    assert [p.step for p in message.problems] == ["text"]


def test_packed_values_cannot_cost_more_than_a_body():
    bomb = base64.b64encode(gzip.compress(bytes(15_000_000), mtime=0)).decode()
    body = json.dumps([f"{bomb}" for _ in range(20)]).encode()
    message = decoded(body, host="x.example", path="/x")
    assert len(values(message)) == 20
