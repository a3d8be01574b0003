"""What is counted while a recording runs, on a real recording."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portalscope.analysis.pipeline import Pipeline
from portalscope.analysis.watch import Host, Watch
from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.read import read
from portalscope.capture.run import Run

SAMPLE = Path(__file__).parents[2] / "samples" / "js1ds_444_v1" / "js1ds_444_v1.mitm"
AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def exchanges():
    return [item for item in read(SAMPLE, "run") if isinstance(item, Exchange)]


def closed(why, transport="tls"):
    return Connection(id="c", run="r", at=AT, transport=transport, host="A.example", port=443, opaque_because=why)


def test_requests_and_bytes_by_host(exchanges):
    watch = Watch()
    for one in exchanges:
        watch.see(one)
    assert sum(host.requests for host in watch.hosts.values()) == len(exchanges)
    assert sum(host.size for host in watch.hosts.values()) == sum(len(one.body) for one in exchanges)
    assert watch.total() == {}


def test_events_and_kinds_of_data_by_host(exchanges):
    watch = Watch(Pipeline().judge(Run(id="run")))
    for one in exchanges:
        watch.see(one)
    (host,) = (host for host in watch.hosts.values() if host.events)
    assert host.events == 9  # as ORIGIN.md of the sample says
    assert host.kinds["personal"]
    assert watch.total()["personal"] == len(host.kinds["personal"])


def test_what_is_only_guessed_or_received_is_not_counted(exchanges):
    judge = Pipeline().judge(Run(id="run"))

    def guessing(exchange):
        message, findings = judge(exchange)
        return message, [[replace(one, candidate=True) for one in judged] for judged in findings]

    watch = Watch(guessing)
    watch.see(exchanges[0])
    assert all(not host.kinds for host in watch.hosts.values())


@pytest.mark.parametrize(
    ("why", "wanted"),
    [
        ("tls failed: the client does not trust the proxy", Host(refused=1)),
        ("established, then silent", Host(silent=1)),
        ("connected, then silent", Host(silent=1)),
        ("not intercepted: passed on as asked", Host(closed=1)),
        ("no connection: refused", Host(closed=1)),
    ],
)
def test_connections_by_why_they_stayed_closed(why, wanted):
    watch = Watch()
    watch.see(closed(why))
    assert watch.hosts == {"a.example": wanted}


def test_questions_to_dns_and_connections_that_were_read_are_no_news():
    watch = Watch()
    watch.see(closed("no answer", "dns"))
    watch.see(closed(None))
    assert watch.hosts == {}
