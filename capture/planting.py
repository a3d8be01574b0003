"""Values to plant: what there is, how one is made up, and why a value would prove nothing when it is found."""

import math
import re
import secrets
import tomllib
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "plant.toml"
LEAST_SIGNS, LEAST_BITS = 8, 18.0  # letters and digits; Shannon's entropy of the value itself, in bits
LEAST_OWN = 6  # letters and digits that belong to no everyday word
CONSONANTS, VOWELS = "bdfgklmnprstvwz", "aeiou"
LABELS = "BCDFGHJKLMNPQRSTVWXZ23456789"  # nothing that is taken for another sign, and no vowels: no words
GUIDS = re.compile(r"\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plantable:
    """One thing that can be planted. `make` is how it is made up, empty if it can only be read back from a device."""

    name: str
    title: str
    make: str = ""
    most: int = 0
    where: Mapping[str, str] = field(default_factory=dict)

    def place(self, platform: str) -> str:
        """Return where the value is typed in, or read, on a platform."""
        return self.where.get(platform.lower()) or self.where["any"]


@cache
def table() -> Mapping[str, Any]:
    """Return the table of what can be planted."""
    return tomllib.loads(DATA.read_text("utf-8"))


def plantable() -> tuple[Plantable, ...]:
    """Return what can be planted, in the order in which it is asked for."""
    return tuple(Plantable(**entry) for entry in table()["value"])


def made_up(domain: str = "") -> dict[str, str]:
    """Return made-up values by name, all of one invented person in one invented organisation; none has faults.

    `domain` is that of the test tenant; without it one that cannot exist (RFC 2606) is made up.
    """
    first, last, company = (word().capitalize() for _ in range(3))
    known = {"first": first, "last": last, "company": company, "domain": domain or f"{company.lower()}.example"}
    return {one.name: sound(one, known) for one in plantable() if one.make}


def sound(one: Plantable, known: Mapping[str, str]) -> str:
    """Return a made-up value without faults; the domain is what it is."""
    value = MAKE[one.make](known)
    while one.make != "domain" and any(faults(one.name, value, {})):
        value = MAKE[one.make](known)
    return value


def word(syllables: int = 4) -> str:
    """Return a word that can be said and that no language has."""
    return "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(syllables))


def label(length: int) -> str:
    """Return signs that nobody mistakes."""
    return "".join(secrets.choice(LABELS) for _ in range(length))


def digits(length: int) -> str:
    """Return random digits, the first no zero."""
    return str(secrets.randbelow(9 * 10 ** (length - 1)) + 10 ** (length - 1))


def imei() -> str:
    """Return an IMEI that no device has: its first digits, 00, are kept for tests (GSMA TS.06)."""
    body = "00" + digits(12)
    return body + luhn(body)


def luhn(body: str) -> str:
    """Return the check digit of a number (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-sum(number - 9 if number > 9 else number for number in doubled) % 10)


def mac() -> str:
    """Return a MAC address that no maker gave out (locally administered, IEEE 802)."""
    first = (secrets.randbelow(64) << 2) | 0b10
    return ":".join(f"{one:02x}" for one in (first, *secrets.token_bytes(5)))


def phone() -> str:
    """Return a number that rings nowhere: the range that Ofcom keeps for television and films, 447700 900000–900999."""
    return f"+447700900{secrets.randbelow(1000):03}"


MAKE: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "person": lambda known: f"{known['first']} {known['last']}",
    "upn": lambda known: f"{known['first']}.{known['last']}@{known['domain']}".lower(),
    "mail": lambda known: f"{word()}.{word(3)}@{known['domain']}",
    "device": lambda _: f"{word(3).upper()}-{label(6)}",
    "phone": lambda _: phone(),
    "number": lambda _: f"{label(2)}-{digits(8)}",
    "company": lambda known: f"{known['company']} {word(3).capitalize()}",
    "domain": lambda known: known["domain"],
    "ssid": lambda _: f"{word(3)}-{label(5)}",
    "file": lambda _: f"{word()} {word(3)} {label(4)}.docx",
    "sentence": lambda _: f"{word()} {word(3)} {word()}",
    "serial": lambda _: label(12),
    "imei": lambda _: imei(),
    "mac": lambda _: mac(),
    "guid": lambda _: str(uuid.uuid4()),
}


def faults(name: str, value: str, others: Mapping[str, str]) -> Iterator[str]:
    """Yield why a value would prove nothing, or would be mistaken for another; `others` are planted already.

    No value is quoted in what is yielded.
    """
    signs = "".join(sign for sign in value.lower() if sign.isalnum())
    if len(signs) < LEAST_SIGNS:
        yield f"it has fewer than {LEAST_SIGNS} letters and digits: found, it could be chance"
    elif bits(signs) < LEAST_BITS:
        yield "its letters and digits are too much alike: found, it could be chance"
    if value != value.strip() or not value.isprintable():
        yield "it begins or ends with a space, or holds signs that cannot be seen"
    yield from everyday(name, value.lower())
    yield from malformed(name, value)
    for other, given in others.items():
        if other != name and value.lower() == given.lower():
            yield f"it is the value of {other} as well: it could not be said which of them was sent"


def bits(signs: str) -> float:
    """Return how much a text tells, in bits: its length times the entropy of its signs."""
    return sum(-count * math.log2(count / len(signs)) for count in Counter(signs).values())


def everyday(name: str, value: str) -> Iterator[str]:
    """Yield that a value is made of everyday words, or is what devices are called by themselves."""
    refused = table()["refused"]
    local = value.partition("@")[0]
    usual = sum(len(one) for one in re.split(r"[^a-zà-ÿ]+", local) if one in refused["words"])
    if usual and sum(sign.isalnum() for sign in local) - usual < LEAST_OWN:
        yield "it is made of everyday words: they are in many messages anyway"
    if name == "device_name" and any(re.fullmatch(pattern, value) for pattern in refused["device_names"]):
        yield "devices are called like that by themselves: it would be found without having been planted"


def malformed(name: str, value: str) -> Iterator[str]:
    """Yield that a value is not what its name says."""
    known = {one.name: one for one in plantable()}.get(name)
    if known and known.most and len(value) > known.most:
        yield f"it has more than {known.most} characters: that is not taken there"
    if name == "imei" and not (re.fullmatch(r"\d{15}", value) and luhn(value[:-1]) == value[-1]):
        yield "it is no IMEI: 15 digits, of which the last one is the check digit"
    if name in ("email_upn", "alias", "upn", "email") and not MAIL.fullmatch(value):
        yield "it is no address: name@domain"
    if known and not known.make and not GUIDS.fullmatch(value):
        yield "it is no GUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
    if GUIDS.fullmatch(value) and len(set(value) - set("-{}")) < 6:
        yield "it is a GUID that stands for nothing"
