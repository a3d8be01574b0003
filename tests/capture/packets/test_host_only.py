import time

import pytest

from portalscope.capture.packets.host_only import HostOnly
from portalscope.capture.packets.talk import Talk


def facts_of(*chunks):
    talk = Talk({"http": HostOnly, "proxied": HostOnly})
    for chunk in chunks:
        talk.data(1, chunk, client=True)
    talk.close()
    assert talk.done
    return talk.facts


def test_the_host_header():
    facts = facts_of(b"GET /a HTTP/1.1\r\nAccept: */*\r\nhOST:\t Portal.Manage.Microsoft.com:8080 \r\n", b"\r\n")
    assert (facts.host, facts.proxied, facts.opaque) == ("portal.manage.microsoft.com", False, None)


@pytest.mark.parametrize(
    ("line", "host", "port"),
    [
        (b"GET http://Host.example/a?b HTTP/1.1", "host.example", 80),
        (b"POST https://host.example HTTP/1.1", "host.example", 443),
        (b"GET http://[2001:db8::1]:81/ HTTP/1.1", "2001:db8::1", 81),
        (b"GET http://user@host.example:82/ HTTP/1.1", "host.example", 82),
    ],
)
def test_a_full_url_means_a_proxy(line, host, port):
    facts = facts_of(line + b"\r\nHost: other.example\r\n\r\n")
    assert (facts.host, facts.port, facts.proxied) == (host, port, True)


def test_what_has_no_host():
    assert facts_of(b"GET / HTTP/1.0\r\n\r\n").host is None


def test_a_loss_ends_it_with_what_there_is():
    talk = Talk({"http": HostOnly})
    talk.data(1, b"GET / HTTP/1.1\r\nHost: host.example\r\nCookie: ", client=True)
    talk.gap(100, client=True)
    assert talk.done
    assert talk.facts.host == "host.example"


def test_hostile_heads_take_linear_time():
    began = time.perf_counter()
    facts_of(b"GET / HTTP/1.1\r\nHost: a" + b" " * 60_000 + b"b\r\n\r\n")
    facts_of(b"GET http://" + b"a@" * 30_000 + b"] HTTP/1.1\r\n\r\n")
    assert time.perf_counter() - began < 2
