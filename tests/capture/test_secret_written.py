"""How values are written in the text around them, there and back."""

import json
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.secret_written import (
    READ,
    WRITE,
    based,
    of_entities,
    of_json,
    of_percent,
    to_percent,
    unbased,
)


def test_what_is_written_is_read():
    assert of_percent(b"H0ney%21+Passw0rd") == b"H0ney! Passw0rd"
    assert of_json(rb"pa\"ss\u00e4") == 'pa"ssä'.encode()
    assert of_json(b"broken\\") == b"broken\\"
    assert of_entities(b"a&lt;b&#33;") == b"a<b!"


@given(st.text())
def test_percent_signs_are_read_as_a_form_is(text):
    written = to_percent(text.encode("utf-8", "replace"))
    assert parse_qsl(b"a=" + written, keep_blank_values=True) == [(b"a", text.encode("utf-8", "replace"))]


@given(st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_writing_and_reading_give_the_same(value):
    for name in ("json", "percent", "entities"):
        assert READ[name](WRITE[name](value)) == value
    assert json.loads(b'"' + WRITE["json"](value) + b'"').encode() == value


@given(st.binary(min_size=1), st.sampled_from([b"abcd", b"ab-_", b"abc"]))
def test_base64_is_written_as_it_was(data, like):
    made = based(data, like)
    assert unbased(made) == data
    assert not (set(made) & set(b"+/") if b"-" in like else set(made) & set(b"-_"))


def test_base64_in_lines_and_without_padding_is_read():
    assert unbased(b"AAEC\n AwQ") == bytes(range(5))
    assert unbased(b"not base64!") is None
