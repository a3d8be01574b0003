"""Where things went: hosts with addresses, counted once each."""

from datetime import UTC, datetime

from portalscope.analysis.destinations import Destinations
from portalscope.capture.exchange import Connection, Exchange

AT = datetime(2026, 1, 1, tzinfo=UTC)


def exchange(host: str, server_ip: str | None) -> Exchange:
    given = {"id": "f#1", "run": "a", "at": AT, "method": "GET", "scheme": "https", "port": 443, "path": "/"}
    return Exchange(host=host, server_ip=server_ip, body=b"12345", **given)  # type: ignore[arg-type]


def connection(transport: str, cnames: tuple[str, ...] = (), opaque: str | None = None) -> Connection:
    given = {"id": "c#1", "run": "a", "at": AT, "port": 443, "ip": "192.0.2.1", "host": "a.example"}
    return Connection(transport=transport, cnames=cnames, opaque_because=opaque, **given)  # type: ignore[arg-type]


def test_requests_and_connections_are_counted_for_each_host_and_address() -> None:
    found = Destinations()
    assert found.exchange(exchange("A.example", "192.0.2.1")) == "a.example@192.0.2.1"
    assert found.exchange(exchange("a.example", "192.0.2.1")) == "a.example@192.0.2.1"
    assert found.exchange(exchange("a.example", None)) == "a.example"
    assert found.connection(connection("tls", opaque="tls failed")) == "a.example@192.0.2.1"
    assert found.connection(connection("tcp")) == "a.example@192.0.2.1"
    first, second = found.all()
    assert (first.requests, first.request_bytes, first.connections, first.closed) == (2, 10, 2, 1)
    assert (second.requests, second.connections) == (1, 0)


def test_dns_tells_names_and_is_no_connection() -> None:
    found = Destinations()
    found.exchange(exchange("a.example", "192.0.2.1"))
    assert found.connection(connection("dns", ("b.example", "c.example"))) == ""
    found.connection(connection("dns", ("b.example",)))
    (place,) = found.all()
    assert (place.cnames, place.connections) == (("b.example", "c.example"), 0)


def test_what_never_left_the_device_reaches_no_destination() -> None:
    found = Destinations()
    for host in ("127.0.0.1", "[::1]"):
        given = {"id": "c#1", "run": "a", "at": AT, "port": 8080, "ip": "127.0.0.1", "host": host}
        assert found.connection(Connection(transport="tcp", opaque_because="refused", **given)) == ""  # type: ignore[arg-type]
    assert found.all() == []
