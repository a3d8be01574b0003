"""Adapters: which message is this, and which rule for this field."""

from datetime import UTC, datetime

import pytest

from portalscope.capture.exchange import Exchange
from portalscope.decoders.adapters import Adapters, adapter, ruleset


def exchange(host="a.example", path="/x", method="POST", content_type="application/json"):
    return Exchange(
        id="f#0",
        run="r",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        method=method,
        scheme="https",
        host=host,
        port=443,
        path=path,
        headers=(("Content-Type", content_type),),
    )


def made(name="a", **table):
    return adapter(name, {"title": "t", "because": "documented", "source": "s", "match": [{}], **table}, {})


def test_every_key_of_a_match_must_hold():
    one = made(match=[{"hosts": ["*.Example"], "paths": ["/X"], "methods": ["post"], "types": ["application/json"]}])
    adapters = Adapters([one])
    assert adapters.find(exchange())[0] is one
    for other in (
        exchange(host="b.test"),
        exchange(path="/x/y"),
        exchange(method="GET"),
        exchange(content_type="text/plain"),
    ):
        assert adapters.find(other)[0].id == "generic"


def test_templates_catch_segments_and_doubled_slashes():
    adapters = Adapters([made(match=[{"paths": ["/{tenantId}/oauth2/v2.0/token", "/common/{rest_}/*"]}])])
    assert adapters.find(exchange(path="/T1/oauth2/v2.0/token"))[1].groupdict() == {"tenantId": "T1"}
    assert adapters.find(exchange(path="//T1/oauth2//v2.0/token"))[1].groupdict() == {"tenantId": "T1"}
    assert adapters.find(exchange(path="/Common/a/b/c"))[1].groupdict() == {"rest_": "a", "rest": "b/c"}


def test_the_lower_order_wins_then_the_name():
    first, second, third = made("z", order=10), made("a"), made("b")
    assert [a.id for a in Adapters([third, second, first]).all] == ["z", "a", "b"]
    assert Adapters([third, second, first]).find(exchange())[0] is first


def test_the_exact_key_counts_then_the_longest_glob():
    rules = {
        "body:*": {"is": "any", "because": "documented", "source": "s"},
        "body:[].ext.*": {"is": "ext", "because": "documented", "source": "s"},
        "body:[].ext.a": {"is": "exact", "because": "documented", "source": "s", "class": "D3"},
    }
    one = made(rules=rules)
    assert one.rule("body:[].ext.a").is_ == "exact"
    assert one.rule("body:[].ext.a").code == "D3"
    assert one.rule("body:[].ext.b").is_ == "ext"
    assert one.rule("body:x").is_ == "any"
    assert one.rule("header:x") is None


def test_shared_rules_are_used_and_overridden():
    shared = {"http": ruleset("http", {"header:a": {"is": "old", "because": "documented", "source": "s"}})}
    table = {"title": "t", "because": "documented", "source": "s", "match": [{}], "use": ["http"]}
    assert adapter("a", table, shared).rule("header:a").origin == "http"
    table["rules"] = {"header:a": {"is": "new", "because": "observed", "source": "s"}}
    assert adapter("a", table, shared).rule("header:a").is_ == "new"


@pytest.mark.parametrize(
    "wrong", [{"bodi": {}}, {"match": [{"host": ["x"]}]}, {"use": ["nothing"]}, {"rules": {"a": {}}}]
)
def test_what_is_wrong_is_said(wrong):
    with pytest.raises((KeyError, ValueError)):
        made(**wrong)
