"""Header fields without secrets: schemes, users, names of tickets and cookies stay."""

import base64

import pytest

from portalscope.capture.secret_headers import clean_header
from portalscope.capture.secret_names import Names, table
from portalscope.capture.secret_text import Found, Text, shapes
from portalscope.capture.secret_tokens import StandIns
from portalscope.decoders.cookies import cookies, set_cookie
from portalscope.decoders.wire.tickets import tickets

MADE = StandIns(bytes(32))
TEXT = Text(Names(table()), shapes(table()), MADE, {})
TOKEN = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UifQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def clean(name, value):
    found = Found()
    return clean_header(name.encode(), value.encode(), TEXT, found).decode(), found


def secret(type_, value):
    return MADE.plain(type_, value.encode()).decode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Bearer 0.opaque-token", f"Bearer {secret('access_token', '0.opaque-token')}"),
        ("0.opaque-token", secret("access_token", "0.opaque-token")),
        ("XBL3.0 x=123;abcdef", f"XBL3.0 {secret('access_token', 'x=123;abcdef')}"),
        ("AidLogin 4711:998877", f"AidLogin 4711:{secret('password', '998877')}"),
        ("Negotiate YIIabcd=", f"Negotiate {secret('access_token', 'YIIabcd=')}"),
    ],
)
def test_credentials_keep_their_scheme(value, expected):
    assert clean("Authorization", value)[0] == expected


def test_a_token_keeps_its_claims():
    made, found = clean("authorization", f"Bearer {TOKEN}")
    assert made.startswith(f"Bearer {TOKEN.rpartition('.')[0]}.SECRET_signature_43_")
    assert found.types == {"access_token": 1}


def test_basic_keeps_the_user():
    value = base64.b64encode(b"anna@contoso.example:H0ney!").decode()
    made, found = clean("Proxy-Authorization", f"Basic {value}")
    user, _, password = base64.b64decode(made.removeprefix("Basic ")).partition(b":")
    assert (user, password) == (b"anna@contoso.example", MADE.plain("password", b"H0ney!"))
    assert found.types == {"password": 1}


def test_parameters_of_credentials():
    value = f'PKeyAuth AuthToken="{TOKEN}", Context="{"c" * 40}", Version="1.0"'
    made, _ = clean("Authorization", value)
    assert made.count("SECRET") == 2
    assert made.endswith('Version="1.0"')
    digest = 'Digest username="anna", realm="x", response="0123456789abcdef0123456789abcdef"'
    assert clean("Authorization", digest)[0].startswith('Digest username="anna", realm="x", response="SECRET.')


def test_tickets_keep_key_and_prefix():
    made, found = clean("Tickets", '"10001"="p:AAAAAAAA";"10003"="x:XBL3.0 x=BBBB"')
    assert [(one["key"], one["prefix"], one["ticket"][:7]) for one in tickets(made.encode())] == [
        ("10001", "p", "SECRET."),
        ("10003", "x", "SECRET."),
    ]
    assert found.types == {"ticket": 2}
    assert clean("X-Tickets", '{"9f8e": "d:token-in-json"}')[0].startswith('{"9f8e": "d:SECRET.ticket.')
    assert clean("Tickets", "something else")[0].startswith("SECRET.ticket.")


def test_cookies_are_judged_one_by_one():
    made, found = clean("Cookie", f'MUID=ABCDEF; ESTSAUTH="0.abc=="; fpc=xyz; other={TOKEN}')
    names = cookies(made)
    assert [name for name, _ in names] == ["MUID", "ESTSAUTH", "fpc", "other"]
    assert (names[0][1], names[2][1]) == ("ABCDEF", "xyz")
    assert names[1][1].startswith("SECRET.cookie.")
    assert "dBjft" not in names[3][1]
    assert found.types == {"cookie": 1, "token": 1}


def test_attributes_of_a_cookie_stay():
    made, _ = clean(
        "Set-Cookie", "ESTSAUTHPERSISTENT=0.abcdef; path=/; secure; HttpOnly; expires=Wed, 01 Jan 2030 00:00:00 GMT"
    )
    assert set_cookie(made)[0][1].startswith("SECRET.cookie.")
    assert made.endswith("; path=/; secure; HttpOnly; expires=Wed, 01 Jan 2030 00:00:00 GMT")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("apikey", "0123456789abcdef0123456789abcdef-00000000-1111-2222-3333-444444444444-1234"),
        ("client-request-id", "c6861503-892c-438b-8618-e95d832780f9"),
        (
            "WWW-Authenticate",
            'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
        ),
        ("X-AnchorMailbox", "upn:anna.honeypot@contoso-honey.example"),
    ],
)
def test_what_is_no_secret_stays(name, value):
    assert clean(name, value)[0] == value


def test_secrets_in_the_address_of_a_redirect():
    made, _ = clean("Location", f"msauth://app/?code=0.abcdef&state=1#id_token={TOKEN}")
    assert made.startswith("msauth://app/?code=SECRET.code.8.")
    assert "dBjft" not in made
