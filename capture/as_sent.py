"""Text, addresses and times of a recording, in the form that our types hold."""

from datetime import UTC, datetime
from ipaddress import ip_address


def text(raw: bytes) -> str:
    """Return bytes of a header as text: UTF-8 if they are, else ISO 8859-1 (RFC 9110, 5.5). Nothing is lost."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def valid(string: str) -> str:
    """Return a string that UTF-8 can hold. Lone surrogates are bytes that were escaped (PEP 383), or else U+FFFD."""
    try:
        string.encode()
    except UnicodeEncodeError:
        return unescaped(string)
    return string


def unescaped(string: str) -> str:
    """Return the text of the bytes that the escapes of PEP 383 stand for; other lone surrogates become U+FFFD."""
    try:
        return text(string.encode(errors="surrogateescape"))
    except UnicodeEncodeError:
        return string.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def address(host: object) -> str | None:
    """Return an IP address in its usual form, None for names, nothing, and addresses that stand for none.

    Brackets are taken off; an IPv4 address that a dual-stack socket shows as `::ffff:192.0.2.1` is given as IPv4.
    """
    try:
        ip = ip_address(str(host).strip("[]"))
    except ValueError:
        return None
    mapped = getattr(ip, "ipv4_mapped", None)
    return None if ip.is_unspecified else str(mapped or ip)


def utc(seconds: float) -> datetime:
    """Return the UTC time of seconds since 1970. ValueError for what is no time (NaN, infinity, year 10000)."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, TypeError) as error:
        raise ValueError("not a time") from error
