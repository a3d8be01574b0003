"""Exchange, Connection, Step."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from portalscope.capture.exchange import Exchange, first

AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
HEADERS = (("Content-Type", "a/b"), ("X-Twice", "1"), ("x-twice", "2"))


def exchange(**more):
    known = {"method": "GET", "scheme": "https", "host": "example.com", "port": 443, "path": "/"}
    return Exchange(id="a#0", run="r", at=AT, **known, **more)


@pytest.mark.parametrize(("name", "value"), [("content-type", "a/b"), ("X-TWICE", "1"), ("absent", "")])
def test_the_first_header_of_a_name_in_any_case(name, value):
    assert first(HEADERS, name) == value
    assert exchange(headers=HEADERS).header(name) == value
    assert exchange(response_headers=HEADERS).response_header(name) == value


def test_request_and_response_headers_are_not_mixed():
    assert exchange(headers=HEADERS).response_header("content-type") == ""


def test_an_exchange_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        exchange().host = "other"
