"""Where values of secret names stand in JSON, in URLs and in forms; also in broken and hostile text, in bounded time."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.secret_names import Names, table
from portalscope.capture.secret_places import closing, members, pairs, parameters

NAMES = Names(table())


def found(look, data):
    return [data[place.start : place.end] for place in look(data, NAMES) if place.start < place.end]


def test_members_of_json():
    data = b'{"a": {"refresh_token" : "abc\\"d"}, "password": 12345, "client_secret": null, "x": "password"}'
    assert found(members, data) == [b'abc\\"d', b"12345"]


@given(st.text(), st.integers(0, 3))
def test_a_member_is_found_however_deep_the_json_is_nested_in_strings(value, depth):
    text = json.dumps({"n": 1, "refresh_token": value, "z": 2})
    for _ in range(depth):
        text = json.dumps({"payload": text})
    (place,) = (p for p in members(text.encode(), NAMES) if p.start <= p.end)
    written = text.encode()[place.start : place.end].decode()
    for _ in range(depth + 1):
        written = json.loads(f'"{written}"')
    assert written == value


def test_a_string_that_is_cut_off_goes_to_the_end():
    assert found(members, b'{"password":"abcdef') == [b"abcdef"]
    assert closing(b'"abc\\"', 1, 0) == 6


def test_lists_and_what_is_held():
    assert found(members, b'{"refresh_token": ["one", "two"]}') == [b"one", b"two"]
    assert found(members, b'{"Tickets": {"key": "p:one", "more": ["two"]}, "a": "b"}') == [b"p:one", b"two"]
    assert found(members, b'{"password": {"minLength": "eight", "history": ["none"]}}') == []
    assert found(members, b'{"password": [{"id": "one"}]}') == []


def test_parameters_of_urls():
    data = b"see https://x.example/?client_id=1&code=abcd1234&state=5#access_token=eyJ and ?code=US"
    assert found(parameters, data) == [b"abcd1234", b"eyJ", b"US"]
    assert found(parameters, b"https://x.example/?country=NL&code=US") == []
    assert found(parameters, b'"u":"https:\\/\\/x\\/?a=1\\u0026access_token=abcd"') == [b"abcd"]


def test_names_that_stand_far_away_are_not_beside():
    assert found(parameters, b"?state=1 " + b"x" * 20_000 + b" ?code=abcd") == []


def test_fields_of_a_form():
    assert found(pairs, b"password=a+b%21&grant_type=x&code=123456&refresh_token=") == [b"a+b%21", b"123456", b""][:2]
    assert found(pairs, b"code=123456&country=NL") == []


HOSTILE = [
    b'"password":"',
    b'"password\\":\\"',
    b'"Tickets":{',
    b'"password":[',
    b"?code=",
    b"&code=a",
    b'"a\\\\\\',
    b'"',
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_text_and_no_faster(piece):
    data = piece * (400_000 // len(piece))
    start = time.perf_counter()
    for look in (members, parameters, pairs):
        list(look(data, NAMES))
    assert time.perf_counter() - start < 5  # what is quadratic takes minutes
