"""Named checks of value shapes that a regular expression cannot make: check digits, kinds of addresses, ranges."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

type Address = IPv4Address | IPv6Address

_V4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?")
_V6 = re.compile(r"\[?[0-9A-Fa-f:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?(?:%[\w.-]{1,20})?(?:\]:\d{1,5}|\])?")
_LIST = re.compile(r"[,;\s]+")
_E164 = re.compile(r"\+[1-9][\d ().-]{6,22}")
_PAIR = re.compile(r"([+-]?\d{1,2}\.\d{3,15})[,; ]{1,2}([+-]?\d{1,3}\.\d{3,15})(?:\D.*)?")
_NUMBER = re.compile(r"[+-]?\d{1,3}\.\d{1,15}")
MOST_ADDRESSES = 8
# RFC 5737, RFC 3849, RFC 9637: set aside for examples.
_EXAMPLES = tuple(
    ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)


def luhn(digits: str) -> bool:
    """The check digit of payment cards, IMEI and ICCID (ISO/IEC 7812-1 annex B)."""
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def imei(value: str) -> bool:
    """15 digits with check digit; the old spelling has dashes (3GPP TS 23.003)."""
    digits = value.replace("-", "")
    return len(digits) == 15 and digits.isascii() and digits.isdigit() and luhn(digits)


def iccid(value: str) -> bool:
    """18 to 20 digits that start with 89 (ITU-T E.118), the last one a check digit."""
    return value.isascii() and value.isdigit() and value.startswith("89") and len(value) <= 20 and luhn(value)


def e164(value: str) -> bool:
    """A plus and 7 to 15 digits, with or without signs between them (ITU-T E.164)."""
    return bool(_E164.fullmatch(value)) and 7 <= sum(c.isdigit() for c in value) <= 15


@lru_cache(maxsize=4096)
def addresses(value: str) -> tuple[Address, ...]:
    """The addresses of a value that holds nothing else: one, or a list of up to 8; a port is left out."""
    if "." not in value and ":" not in value:
        return ()
    parts = [part for part in _LIST.split(value, MOST_ADDRESSES) if part]
    found = [address(part) for part in parts[:MOST_ADDRESSES]]
    return tuple(a for a in found if a is not None) if None not in found and len(parts) <= MOST_ADDRESSES else ()


def address(part: str) -> Address | None:
    """One address without its port and zone. `12:30:45` is a time."""
    if _V4.fullmatch(part):
        part = part.partition(":")[0]
    elif _V6.fullmatch(part) and ("::" in part or part.count(":") == 7):
        part = part.lstrip("[").partition("]")[0].partition("%")[0]
    else:
        return None
    try:
        return ip_address(part)
    except ValueError:
        return None


def is_example(found: Address) -> bool:
    """Whether an address is set aside for documentation."""
    return any(found in net for net in _EXAMPLES if net.version == found.version)


def is_idle(found: Address) -> bool:
    """Whether an address stands for the device itself, for all, or for none."""
    return found.is_loopback or found.is_unspecified or found.is_multicast or (found.version == 4 and found.is_reserved)


def public_address(value: str) -> bool:
    """At least one address that is routed on the internet."""
    return any(a.is_global and not is_idle(a) for a in addresses(value))


def documentation_address(value: str) -> bool:
    """At least one address that is set aside for examples."""
    return any(map(is_example, addresses(value)))


def private_address(value: str) -> bool:
    """At least one address of a home, office or provider network, also link-local."""
    return any(not a.is_global and not is_idle(a) and not is_example(a) for a in addresses(value))


def loopback_address(value: str) -> bool:
    """Addresses, and none that names a device."""
    found = addresses(value)
    return bool(found) and all(map(is_idle, found))


def coordinates(value: str) -> bool:
    """A latitude and a longitude with at least three decimals, about a hundred metres."""
    pair = _PAIR.fullmatch(value)
    return pair is not None and abs(float(pair[1])) <= 90 and abs(float(pair[2])) <= 180


def latitude(value: str) -> bool:
    """Degrees between -90 and 90 with a fraction."""
    return bool(_NUMBER.fullmatch(value)) and abs(float(value)) <= 90


def longitude(value: str) -> bool:
    """Degrees between -180 and 180 with a fraction."""
    return bool(_NUMBER.fullmatch(value)) and abs(float(value)) <= 180


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "imei": imei,
    "iccid": iccid,
    "e164": e164,
    "public_address": public_address,
    "documentation_address": documentation_address,
    "private_address": private_address,
    "loopback_address": loopback_address,
    "coordinates": coordinates,
    "latitude": latitude,
    "longitude": longitude,
}
