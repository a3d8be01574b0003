"""What is written in the place of a secret: its type, its length and a keyed hash. Tokens keep what they claim.

`SECRET.refresh_token.1432.9f3ab2c4` is ASCII and safe in JSON, XML, forms, headers and cookies. Of a JSON web token
(RFC 7515, 7516) header and claims stay readable, and the signature or ciphertext is replaced.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable

MARK = b"SECRET"
DONE = re.compile(rb"SECRET([._])[a-z0-9_]+\1\d+\1[0-9a-f]{8}_*")
JWT = re.compile(rb"(?P<header>ey[A-Za-z0-9_-]{8,})\.(?P<second>[A-Za-z0-9_-]+)(?P<rest>(?:\.[A-Za-z0-9_-]*){1,3})")
NOTHING = frozenset((b"true", b"false", b"null", b"none", b"undefined", b"bearer", b"optional", b"required"))
MARKS = (b"alg", b"typ", b"enc", b"kid")  # one of them is in the header of every token

type Inside = Callable[[bytes, bool], bytes]


class StandIns:
    """Makes replacements. `key` is the inspection's: without it nobody can try out what a short secret was."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    def hashed(self, value: bytes) -> bytes:
        """Return eight hexadecimal digits that are the same wherever the same secret stood."""
        return hmac.digest(self.key, value, "sha256").hex()[:8].encode()

    def plain(self, kind: str, value: bytes, sign: bytes = b".") -> bytes:
        """Return the replacement of a secret; one that is a replacement already stays."""
        if done(value):
            return value
        return sign.join((MARK, kind.encode(), str(len(value)).encode(), self.hashed(value)))

    def fitted(self, kind: str, value: bytes, size: int, sign: bytes = b".") -> bytes:
        """Return a replacement of exactly so many bytes, for formats that say beforehand how long a value is."""
        made = self.plain(kind, value, sign)
        return made[:size].ljust(size, b"_")

    def token(self, kind: str, value: bytes, inside: Inside, *, fixed: bool = False) -> bytes:
        """Return the replacement of a secret that may be a JSON web token.

        `inside` cleans the claims: a token may carry another one. `fixed`: the replacement is as long as the secret.
        """
        found = JWT.fullmatch(value)
        made = self.jwt(found, inside, fixed=fixed) if found else None
        if made is not None:
            return made
        return self.fitted(kind, value, len(value)) if fixed else self.plain(kind, value)

    def jwt(self, found: re.Match[bytes], inside: Inside, *, fixed: bool) -> bytes | None:
        """Return a token without what proves it, None if it is none."""
        header = decoded(found["header"])
        if header is None or not header.lstrip().startswith(b"{") or not any(mark in header for mark in MARKS):
            return None
        parts = found["rest"].split(b".")[1:]
        if len(parts) == 3:  # header, key, initialisation vector, ciphertext, tag
            pieces = [self.part("key", found["second"], fixed=fixed), *self.encrypted(parts, fixed=fixed)]
        else:
            claims = claimed(found["second"], inside, fixed=fixed)
            pieces = [claims, *(self.part("signature", part, fixed=fixed) for part in parts)]
        return b".".join((found["header"], *pieces))

    def encrypted(self, parts: list[bytes], *, fixed: bool) -> list[bytes]:
        """The last three parts of an encrypted token."""
        vector, text, tag = parts
        made = self.part("ciphertext", text, fixed=fixed)
        return [vector, made, self.fitted("tag", tag, len(tag), b"_") if fixed else b""]

    def part(self, kind: str, part: bytes, *, fixed: bool) -> bytes:
        """A part of a token, still of base64url and of a possible length."""
        if not part or done(part):
            return part
        made = self.fitted(kind, part, len(part), b"_") if fixed else self.plain(kind, part, b"_")
        return made if fixed or len(made) % 4 != 1 else made + b"_"


def done(value: bytes) -> bool:
    """Whether a value is a replacement already."""
    return value.startswith(MARK) and DONE.fullmatch(value) is not None


def nothing(value: bytes, least: int) -> bool:
    """Whether what stands under the name of a secret is none: too short, a word that says yes or no, an address."""
    return len(value) < least or value.lower() in NOTHING or value[:8].lower().startswith((b"http://", b"https://"))


def claimed(part: bytes, inside: Inside, *, fixed: bool) -> bytes:
    """The claims of a token, cleaned; unchanged to the byte when no secret is in them."""
    claims = decoded(part)
    if claims is None:
        return part
    clean = inside(claims, fixed)
    return part if clean == claims else base64.urlsafe_b64encode(clean).rstrip(b"=")


def decoded(part: bytes) -> bytes | None:
    """Base64url without padding, None if it is none."""
    try:
        return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
