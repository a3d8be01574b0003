"""Header fields without their secrets: credentials, tickets, cookies, and whatever else stands in a field."""

import re
from dataclasses import replace

from portalscope.capture.secret_names import Kind
from portalscope.capture.secret_text import Found, Text
from portalscope.capture.secret_written import based, unbased

CREDENTIALS = re.compile(rb"(?:([A-Za-z][\w.-]*) +)?(.*)", re.DOTALL)
PARAMETER = re.compile(rb'(=\s*")([^"]*)')
TICKET = re.compile(rb'("\s*[:=]\s*"(?:[a-z]{1,2}:)?)([^"]*)')
LONG = 20  # characters of a parameter of credentials that may be one: user names and realms are shorter


def clean_header(name: bytes, value: bytes, text: Text, found: Found) -> bytes:
    """Return the value of a header field without its secrets."""
    lower = name.lower()
    if lower == b"cookie":
        return b";".join(cookie(piece, text, found) for piece in value.split(b";"))
    if lower == b"set-cookie":
        first, *attributes = value.split(b";")
        return b";".join((cookie(first, text, found), *attributes))
    kind = text.names.headers.find(name)
    if kind is None:
        return text.clean(value, found)
    if kind.form == "tickets" and TICKET.search(value):
        return TICKET.sub(lambda match: match[1] + secret(match[2], kind, text, found), value)
    if kind.form == "credentials":
        return credentials(value, kind, text, found)
    return secret(value, kind, text, found)


def cookie(piece: bytes, text: Text, found: Found) -> bytes:
    """One cookie without its secret (RFC 6265)."""
    name, sign, value = piece.partition(b"=")
    kind = text.names.cookies.find(name.strip())
    return name + sign + (secret(value, kind, text, found) if kind else text.clean(value, found))


def secret(value: bytes, kind: Kind, text: Text, found: Found) -> bytes:
    """What is to stand in the place of a secret; signs around it stay."""
    bare = value.strip(b' "')
    return value.replace(bare, text.replaced(bare, kind, "", found, fixed=False, depth=0), 1) if bare else value


def credentials(value: bytes, kind: Kind, text: Text, found: Found) -> bytes:
    """Credentials (RFC 9110, 11.4): the scheme stays, and with Basic the user (RFC 7617)."""
    match = CREDENTIALS.fullmatch(value.strip())
    if match is None or not match[1]:
        return secret(value, kind, text, found)
    scheme, rest = match[1] + b" ", match[2]
    if PARAMETER.search(rest):
        return scheme + PARAMETER.sub(lambda one: one[1] + parameter(one[2], kind, text, found), rest)
    user, sign, password = pair(match[1], rest)
    if not sign:
        return scheme + secret(rest, kind, text, found)
    made = user + sign + secret(password, replace(kind, type="password", least=1), text, found)
    return scheme + (based(made, rest) if match[1].lower() == b"basic" else made)


def parameter(value: bytes, kind: Kind, text: Text, found: Found) -> bytes:
    """A quoted parameter of credentials."""
    return secret(value, kind, text, found) if len(value) >= LONG else value


def pair(scheme: bytes, rest: bytes) -> tuple[bytes, bytes, bytes]:
    """User, colon and password; nothing three times if there is no pair. `AidLogin id:token` is Firebase's."""
    plain = unbased(rest) if scheme.lower() == b"basic" else rest if scheme == b"AidLogin" else None
    return plain.partition(b":") if plain and b":" in plain else (b"", b"", b"")
