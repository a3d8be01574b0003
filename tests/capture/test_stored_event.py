"""An event that was seen on the device: an exchange with nobody."""

import pytest

from portalscope.capture.stored_event import HOST, METHOD, NO_TIME, moment, stated, stored


def test_what_it_says_without_anybody_to_say_it_to():
    (one,) = stored(b"{}", (("a", "b"),), run="r", where="e.db#7", path="/x", at=moment("2026-05-04T09:30:00Z"))
    assert (one.id, one.run, one.host, one.method, one.port) == ("e.db#7", "r", HOST, METHOD, 0)
    assert (one.body, one.headers, one.path) == (b"{}", (("a", "b"),), "/x")
    assert (one.status, one.response_body, one.server_ip) == (None, b"", None)


@pytest.mark.parametrize(
    ("payload", "iso"),
    [
        (b'{"ver":"4.0","time":"2021-05-18T15:31:42.5337494Z"}', "2021-05-18T15:31:42.533749+00:00"),
        (b'{"time" : "2021-05-18T15:31:42+02:00"}', "2021-05-18T13:31:42+00:00"),
        (b'{"time":"2021-05-18T15:31:42"}', None),
        (b'{"time":"0001-01-01T00:00:00+12:00"}', None),
        (b'{"time":"2021-99-99T99:99:99Z"}', None),
        (b'{"name":"x"}', None),
    ],
)
def test_the_time_that_a_payload_says(payload, iso):
    at = stated(payload)
    assert (at.isoformat() if at else None) == iso


def test_the_time_of_the_store_comes_first():
    at = moment("2026-05-04T09:30:00Z")
    (one,) = stored(b'{"time":"2021-05-18T15:31:42Z"}', (), run="r", where="x", path="/x", at=at)
    assert one.at == at


def test_what_is_missing_is_counted_and_takes_no_bytes():
    one, *problems = stored(b"", (), run="r", where="x#1", path="/x", at=None)
    assert one.at == NO_TIME
    assert [(p.exchange, p.part, p.size) for p in problems] == [("x#1", "body", 0)] * 2
