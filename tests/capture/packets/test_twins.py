from dataclasses import replace
from datetime import UTC, datetime, timedelta

from portalscope.capture.exchange import Exchange
from portalscope.capture.packets.twins import MOST_HELD, Twins, fingerprint

START = datetime(2026, 1, 1, tzinfo=UTC)


def exchange(name="", seconds=0, **more):
    usual = {
        "id": name, "run": "r", "at": START + timedelta(seconds=seconds), "method": "POST", "scheme": "https",
        "host": "a.example", "port": 443, "path": "/x", "body": b"body", "status": 200, "duration": 1.0,
    }  # fmt: skip
    return Exchange(**usual | more)


PROXY_SIDE = exchange("proxy", 1, server_ip="198.51.100.5", tls="TLSv1.2")


def take(twins, one, proxied, known=True):
    return [found.id for found in twins.take(one, proxied=proxied, proxy_known=known)]


def test_the_clients_side_is_kept_with_the_servers_address():
    twins = Twins()
    assert take(twins, PROXY_SIDE, proxied=False) == []
    (kept,) = twins.take(exchange("client"), proxied=True, proxy_known=True)
    assert kept == replace(exchange("client"), server_ip="198.51.100.5", tls="TLSv1.2")
    assert list(twins.rest()) == []


def test_in_the_other_order():
    twins = Twins()
    assert take(twins, exchange("client"), proxied=True) == ["client"]
    assert take(twins, PROXY_SIDE, proxied=False) == []
    assert take(twins, PROXY_SIDE, proxied=False) == []  # a second one is held
    assert [one.id for one in twins.rest()] == ["proxy"]


def test_without_a_proxy_nothing_waits():
    assert take(Twins(), PROXY_SIDE, proxied=False, known=False) == ["proxy"]


def test_the_same_request_twice_stays_two():
    twins = Twins()
    for n in range(2):
        take(twins, replace(PROXY_SIDE, id=f"p{n}", server_ip=f"192.0.2.{n}"), proxied=False)
    found = [one for n in range(2) for one in twins.take(exchange(f"c{n}"), proxied=True, proxy_known=True)]
    assert [(one.id, one.server_ip) for one in found] == [("c0", "192.0.2.0"), ("c1", "192.0.2.1")]


def test_different_requests_are_no_pair():
    twins = Twins()
    take(twins, PROXY_SIDE, proxied=False)
    assert take(twins, exchange("client", body=b"other"), proxied=True) == ["client"]
    assert [one.id for one in twins.rest()] == ["proxy"]
    marks = {fingerprint(exchange(**{key: "z"})) for key in ("method", "host", "path", "query")}
    assert len(marks | {fingerprint(exchange())}) == 5


def test_patience_ends():
    twins = Twins()
    take(twins, PROXY_SIDE, proxied=False)
    assert take(twins, exchange("later", 500, path="/y"), proxied=True) == ["proxy", "later"]
    take(twins, exchange("client"), proxied=True)
    assert take(twins, replace(PROXY_SIDE, at=START + timedelta(hours=1)), proxied=False) == []
    assert [one.id for one in twins.rest()] == ["proxy"]


def test_what_is_held_is_bounded():
    twins = Twins()
    for n in range(3):
        take(twins, exchange(str(n), response_body=bytes(MOST_HELD // 2)), proxied=False)
    assert take(twins, exchange("last", path="/z"), proxied=True)[-1] == "last"
    assert len(twins.held) < 3


def test_the_proxys_word_is_not_the_servers():
    twins = Twins()
    refusal = exchange("c", status=502, response_headers=(("Server", "mitmproxy 12.2.3"),), response_body=b"<html>")
    (one,) = twins.take(refusal, proxied=True, proxy_known=True)
    assert (one.status, one.response_body, one.error) == (None, b"", "proxy could not reach the server")
    real = exchange("c", status=502, response_headers=(("Server", "nginx"),))
    assert [found.status for found in twins.take(real, proxied=True, proxy_known=True)] == [502]
