"""The forms that a known value can take on the wire: spellings, raw bytes, base64 at any alignment, digests."""

import base64
import hashlib
import hmac
import re
import unicodedata
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

ALGORITHMS = ("md5", "sha1", "sha256", "sha512")
SHORTEST_CORE = 10  # base64 characters that a value's own bytes decide, at least
_GUID = re.compile(r"\{?([0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12})\}?")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_PHONE = re.compile(r"\+[\d ().-]{8,24}")


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a value: `text` as it stands in text or, byte by byte, in the latin-1 reading of bytes.

    `exact`: the case must agree, for base64 and raw bytes. `digest`: the value itself cannot be read from it.
    """

    name: str
    text: str
    exact: bool = False
    digest: bool = False


def forms(value: str, keys: Sequence[bytes] = ()) -> Iterator[Form]:
    """All forms of a value that can be looked for as such, no text twice; `keys` are tried for HMACs.

    Layers around a value (percent signs, escapes, base64, hex, compression, UTF-16) are taken off by `unwrap`, so there
    is no form for each of them.
    """
    seen: set[tuple[str, bool]] = set()
    for form in (*spelled(value), *aligned(value), *raw(value), *hashed(value, keys)):
        if form.text and (form.text, form.exact) not in seen:
            seen.add((form.text, form.exact))
            yield form


def spelled(value: str) -> Iterator[Form]:
    """The spellings, compared without regard to case; what is not ASCII also as UTF-8 and UTF-16 bytes."""
    for name, text in spellings(value).items():
        yield Form(name, text)
        for norm in ("NFC", "NFD"):
            yield Form(name, unicodedata.normalize(norm, text))
        if not text.isascii():
            yield Form(f"{name} in UTF-8", text.encode("utf-8", "replace").decode("latin-1"))
            for order in ("le", "be"):
                wide = text.encode(f"utf-16-{order}", "replace").decode("latin-1")
                yield Form(f"{name} in UTF-16", wide, exact=True)


def spellings(value: str) -> dict[str, str]:
    """How the same thing is written elsewhere: form -> text, the value as given first.

    A GUID without dashes and as S-1-12-1 SID (the Entra object ID in Windows), a MAC address with other signs, a phone
    number without signs, an IPv6 address written out, a guest's UPN, a path with other slashes, a name with plus signs.
    """
    found = {"plain": value.strip()}
    if guid := guid_of(value):
        found |= {"with dashes": str(guid), "without dashes": guid.hex, "as SID": sid_of(guid)}
    elif _MAC.fullmatch(value.strip()):
        pairs = re.split("[:-]", value.strip())
        found |= {"with colons": ":".join(pairs), "with dashes": "-".join(pairs), "without signs": "".join(pairs)}
        found["in fours"] = ".".join("".join(pairs[i : i + 2]) for i in (0, 2, 4))
    elif _PHONE.fullmatch(value.strip()):
        found |= dialled("".join(c for c in value if c.isdigit()))
    elif ":" in value and (six := six_of(value)):
        found |= {"compressed": six.compressed, "written out": six.exploded}
    elif "@" in value:
        found["as guest"] = value.strip().replace("@", "_") + "#EXT#"
    elif "\\" in value:
        found["with slashes"] = value.strip().replace("\\", "/")
    if " " in found["plain"]:
        found["with plus signs"] = found["plain"].replace(" ", "+")
    return found


def guid_of(value: str) -> uuid.UUID | None:
    """The GUID that a value is, in any of its spellings."""
    match = _GUID.fullmatch(value.strip())
    return uuid.UUID(match[1]) if match else None


def sid_of(guid: uuid.UUID) -> str:
    """The SID that Windows makes of an Entra object ID: four 32-bit numbers, little-endian."""
    parts = (int.from_bytes(guid.bytes_le[i : i + 4], "little") for i in (0, 4, 8, 12))
    return "S-1-12-1-" + "-".join(map(str, parts))


def six_of(value: str) -> IPv6Address | None:
    """The IPv6 address that a value is."""
    try:
        found = ip_address(value.strip())
    except ValueError:
        return None
    return found if isinstance(found, IPv6Address) else None


def dialled(digits: str) -> dict[str, str]:
    """A number with country code as it is dialled: a country code has one to three digits, so all three are tried."""
    found = {"with plus": f"+{digits}", "digits": digits, "with 00": f"00{digits}"}
    for length in (1, 2, 3):
        if len(digits) - length >= 8:
            found[f"national after {length}"] = f"0{digits[length:]}"
    return found


def aligned(value: str) -> Iterator[Form]:
    """Base64 of the value inside something longer: at each of the three alignments the characters that are its own."""
    text = value.strip()
    for data in {text.encode("utf-8", "replace"), text.lower().encode("utf-8", "replace")}:
        for shift in range(3):
            core = core_of(data, shift)
            if len(core) >= SHORTEST_CORE:
                yield Form("base64, inside", core, exact=True)
                yield Form("base64, inside", core.replace("+", "-").replace("/", "_"), exact=True)


def core_of(data: bytes, shift: int) -> str:
    """The base64 characters that only `data` decides when `shift` bytes stand before it and others may follow."""
    encoded = base64.b64encode(bytes(shift) + data).decode()
    first = -(-shift * 8 // 6)
    return encoded[first : (shift + len(data)) * 8 // 6]


def raw(value: str) -> Iterator[Form]:
    """Bytes of a GUID in .NET's and in network order, and of a MAC address."""
    if guid := guid_of(value):
        yield Form("raw bytes, .NET order", guid.bytes_le.decode("latin-1"), exact=True)
        yield Form("raw bytes, network order", guid.bytes.decode("latin-1"), exact=True)
    elif _MAC.fullmatch(value.strip()):
        yield Form("raw bytes", bytes.fromhex(re.sub("[:-]", "", value)).decode("latin-1"), exact=True)


def hashed(value: str, keys: Sequence[bytes] = ()) -> Iterator[Form]:
    """Digests of the usual normalisations, as bytes; hex and base64 of them are layers. With keys also HMACs."""
    for message in messages(value):
        for name in ALGORITHMS:
            digest = hashlib.new(name, message, usedforsecurity=False).digest()
            yield Form(name, digest.decode("latin-1"), exact=True, digest=True)
            for key in keys:
                mac = hmac.digest(key, message, name)
                yield Form(f"hmac-{name}", mac.decode("latin-1"), exact=True, digest=True)


def messages(value: str) -> set[bytes]:
    """What programs feed into a hash: each spelling as it is, in lower and upper case, in UTF-8 and in UTF-16."""
    texts: set[str] = {value}
    for text in spellings(value).values():
        texts |= cases(text)
    if guid := guid_of(value):
        texts |= cases(f"{{{guid}}}")
    found = {text.encode(code, "replace") for text in texts for code in ("utf-8", "utf-16-le")}
    return found | ({guid.bytes, guid.bytes_le} if guid else set())


def cases(text: str) -> set[str]:
    """As it is, in lower case, in upper case."""
    return {text, text.lower(), text.upper()}
