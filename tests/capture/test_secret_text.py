"""Texts without secrets: JSON, forms and XML stay what they are, but for the leaves that were replaced."""

import base64
import json
from urllib.parse import parse_qsl, quote, urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.secret_names import Names, table
from portalscope.capture.secret_text import Found, Text, shapes
from portalscope.capture.secret_tokens import StandIns

SECRET = "Zq8~hOneY-7731_x"
TOKEN = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
SIGNATURE = TOKEN.rpartition(".")[2]
MADE = StandIns(bytes(32))
TEXT = Text(Names(table()), shapes(table()), MADE, {})
PLANTED = Text(Names(table()), shapes(table()), MADE, {"secret_pin": (b"91-77-31",)})


def clean(text, of=TEXT, **options):
    return of.clean(text.encode(), Found(), **options).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"grant_type=x&client_secret={quote(SECRET)}&a=1",
        f'{{"refresh_token": "{SECRET}"}}',
        f'{{"p": "{{\\"password\\": \\"{SECRET}\\"}}"}}',
        f'{{"p": "{{\\u0022password\\u0022: \\u0022{SECRET}\\u0022}}"}}',
        f"<Password>{SECRET}</Password>",
        f"/callback?code={SECRET}&state=1",
        f"next=https%3A%2F%2Fx%2F%3Fcode%3D{SECRET}%26state%3D1",
        f"next=https%253A%252F%252Fx%252F%253Fcode%253D{SECRET}%2526state%253D1",
        f"log: Authorization: Bearer {SECRET * 2} sent",
        "data=" + quote(base64.b64encode(f'{{"id_token": "{SECRET}", "more": "and more text"}}'.encode())),
        json.dumps({"a": base64.b64encode(f"<a><Password>{SECRET}</Password><b>text</b></a>".encode()).decode()}),
    ],
)
def test_no_way_of_writing_hides_a_secret(text):
    found = Found()
    once = TEXT.clean(text.encode(), found).decode()
    assert SECRET not in once
    assert found.types.total() == 1
    assert clean(once) == once


def test_the_same_secret_has_the_same_hash_however_it_was_written():
    value = "p a&ss+w0rd/ö"
    texts = [
        json.dumps({"password": value}),
        f"user=x&password={quote(value)}",
        f"<Password>{value.replace('&', '&amp;')}</Password>",
    ]
    assert {MADE.plain("password", value.encode()).decode() in clean(text) for text in texts} == {True}


def test_tokens_are_found_without_a_name():
    text = f'{{"note": "got {TOKEN} today"}}'
    assert SIGNATURE not in clean(text)
    assert TOKEN.rpartition(".")[0] in clean(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"error": {"code": "InvalidAuthenticationToken"}, "country_code": "NL", "apiKey": "0123-abcd"}',
        '{"password": "", "hasPassword": true, "refresh_token": null, "passwordResetUrl": "https://x.example/"}',
        "<RequestSecurityToken><TokenType>http://x</TokenType></RequestSecurityToken>",
        "e30 eyJ. Bearer of news and t=Ew",
        '{"iKey": "o:0123456789abcdef", "data": {"pageToken": "abcdefghijklmnop"}}',
    ],
)
def test_what_is_no_secret_stays_to_the_byte(text):
    found = Found()
    assert TEXT.clean(text.encode(), found) == text.encode()
    assert not found.types


def test_a_planted_secret_is_replaced_wherever_it_stands_and_says_its_name():
    text = '{"pageTitle": "call 91-77-31", "password": "x91-77-31x"}'
    made = clean(text, PLANTED)
    assert "91-77-31" not in made
    assert made.count("SECRET.secret_pin.") == 2


def test_a_replacement_of_fixed_size_keeps_the_length():
    text = f'{{"refresh_token": "{SECRET}", "password": 4711, "t": "{TOKEN}"}}'
    made = clean(text, fixed=True)
    assert (len(made), SECRET in made, SIGNATURE in made) == (len(text), False, False)


def test_what_was_found_is_counted():
    found = Found()
    TEXT.clean(f'{{"refresh_token": "{SECRET}", "password": "{SECRET}", "token_type": "x"}}'.encode(), found)
    assert found.types == {"refresh_token": 1, "password": 1}
    assert found.values == {SECRET.encode()}


KEYS = st.sampled_from(["a", "name", "refresh_token", "password", "tokens", "code", "userPassword", "Tickets", "ok"])
WORDS = (
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
    | st.just(SECRET)
    | st.just(TOKEN)
)
LEAVES = WORDS | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def alike(before, after):
    """Whether two trees are one, but for leaves that were replaced."""
    if isinstance(before, dict):
        return list(before) == list(after) and all(alike(before[key], after[key]) for key in before)
    if isinstance(before, list):
        return len(before) == len(after) and all(map(alike, before, after))
    return before == after or (isinstance(after, str) and "SECRET" in after)


@given(TREES, st.sampled_from([None, 1]), st.booleans())
def test_json_stays_the_same_tree(tree, indent, ascii_only):
    text = json.dumps(tree, indent=indent, ensure_ascii=ascii_only)
    assert alike(tree, json.loads(clean(text)))
    assert clean(clean(text)) == clean(text)


@given(TREES)
def test_json_in_a_string_of_json_stays_the_same_tree(tree):
    outer = {"payload": json.dumps(tree), "v": 1}
    after = json.loads(clean(json.dumps(outer)))
    assert after["payload"].startswith("SECRET") or alike(tree, json.loads(after["payload"]))
    assert after["v"] == 1


@given(st.lists(st.tuples(KEYS, WORDS), min_size=1, max_size=6))
def test_a_form_keeps_its_fields(fields):
    after = parse_qsl(clean(urlencode(fields), form=True), keep_blank_values=True)
    assert [name for name, _ in after] == [name for name, _ in fields]
    assert all(alike(old, new) for (_, old), (_, new) in zip(fields, after, strict=True))


@given(st.lists(st.tuples(st.sampled_from(["a", "Password", "Data", "TicketType"]), WORDS), max_size=6))
def test_xml_keeps_its_elements(elements):
    root = ET.Element("root")
    for name, value in elements:
        ET.SubElement(root, name, {"id": "1"}).text = value
    text = ET.tostring(root, encoding="unicode")
    after = ET.fromstring(clean(text))
    assert [child.tag for child in after] == [name for name, _ in elements]
    assert all(alike(child.text or "", new.text or "") for child, new in zip(root, after, strict=True))


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda data: data.decode("latin-1")))
def test_any_text_is_taken(text):
    data = text.encode("utf-8", "surrogatepass")
    assert len(TEXT.clean(data, Found(), fixed=True)) == len(data)
    TEXT.clean(data, Found())
