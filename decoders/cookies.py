"""Cookies: names and values of both headers (RFC 6265)."""

_ATTRIBUTES = frozenset(
    ("expires", "max-age", "domain", "path", "secure", "httponly", "samesite", "priority", "partitioned")
)


def cookies(header: str) -> list[tuple[str, str]]:
    """(name, value) of a Cookie header."""
    found = (piece.strip().partition("=") for piece in header.split(";") if piece.strip())
    return [(name, unquoted(value)) for name, _, value in found]


def set_cookie(header: str) -> list[tuple[str, str]]:
    """The cookie of a Set-Cookie header, and its attributes as `NAME.path`, `NAME.expires` …"""
    (name, value), *attributes = cookies(header) or [("", "")]
    named = [(f"{name}.{key.lower()}", content) for key, content in attributes if key.lower() in _ATTRIBUTES]
    other = [(key, content) for key, content in attributes if key.lower() not in _ATTRIBUTES]
    return [(name, value), *named, *other]


def unquoted(value: str) -> str:
    """A value without the quotes around it."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
