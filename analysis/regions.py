"""Regions: Azure's regions, which of them an address is in, and what host names say about places."""

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from portalscope.analysis.addresses import AddressTable, address_of, anycast_services, built_in

DATA = Path(__file__).parent / "data"
LONGEST = 254  # characters of a name with its last dot, RFC 1035 section 2.3.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """An Azure region: `country` is an ISO code, empty when Microsoft has not said which.

    `tag_name` is how the service tags spell it, when they spell it otherwise; `host_codes` are the codes that host
    names carry for it, separated by spaces, with the ground for them in `codes_because`.
    """

    name: str
    display: str
    country: str
    geography: str
    place: str
    tag_name: str
    host_codes: str
    codes_because: str
    because: str
    source: str


class Located(NamedTuple):
    """What the list of addresses says of one: `region` None when it gives none; `tags` innermost range first."""

    region: Region | None
    tags: tuple[str, ...]
    anycast: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """A rule that reads a place from a name, or from the header `name`; `host-naming.toml` explains its keys."""

    pattern: re.Pattern[str]
    meaning: str
    strength: int
    because: str
    source: str
    places: Mapping[str, str] = field(default_factory=dict)
    anycast: bool = False
    name: str = ""


class Reading(NamedTuple):
    """What a rule reads: `place` is an ISO country or an area of `transfers.toml`, empty when it reads none."""

    rule: Naming
    place: str
    region: Region | None


def region_of_address(ip: str, addresses: AddressTable | None = None) -> Located:
    """Say in which Azure region an address is, by the built-in list or another; ValueError when it is no address.

    An anycast range gives no region, whatever is around it: the same address is in many places.
    """
    tags = (addresses or built_in()).tags(address_of(ip))
    anycast = any(tag.partition(".")[0] in anycast_services() for tag in tags)
    names = [tag.partition(".")[2] for tag in tags if tag.startswith("AzureCloud.")]
    return Located(regions().get(names[0]) if names and not anycast else None, tags, anycast)


@cache
def regions() -> Mapping[str, Region]:
    """Read the regions; keys are the name, the spelling of the service tags and the displayed name without spaces."""
    found = [Region(**row) for row in table("azure-regions.csv")]
    return {key: region for region in found for key in (squeezed(region.display), region.tag_name, region.name) if key}


@cache
def regions_by_code() -> Mapping[str, Region]:
    """Return the regions by the codes that host names carry: `weu`, `eus2`."""
    return {code: region for region in regions().values() for code in region.host_codes.split()}


def table(name: str) -> list[dict[str, str]]:
    """Read one of our tables, a row a dictionary."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def squeezed(name: str) -> str:
    """Return a region's name as keys are: `West Europe` -> `westeurope`."""
    return name.replace(" ", "").lower()


@cache
def namings(kind: Literal["host", "header"]) -> tuple[Naming, ...]:
    """Read the rules for host names or for response headers, in their order."""
    rules = tomllib.loads((DATA / "host-naming.toml").read_text("utf-8"))[kind]
    return tuple(Naming(**{**rule, "pattern": re.compile(rule["pattern"])}) for rule in rules)


def read_name(host: str) -> Reading | None:
    """Return what the first rule that fits a host name reads from it, None when no rule fits."""
    name = host.rstrip(".").lower()
    if len(name) > LONGEST:
        return None
    matches = ((rule, rule.pattern.fullmatch(name)) for rule in namings("host"))
    return next((reading(rule, match) for rule, match in matches if match), None)


def read_header(name: str, value: str) -> Reading | None:
    """Return what a response header says about the place of the server, None when no rule fits."""
    matches = ((rule, rule.pattern.search(value[:1000])) for rule in namings("header") if rule.name == name.lower())
    return next((reading(rule, match) for rule, match in matches if match), None)


def reading(rule: Naming, match: re.Match[str]) -> Reading:
    """Return place and region of what a rule captured; empty and None when our tables do not know it."""
    caught = match.groupdict()
    if "place" in caught:
        return Reading(rule, rule.places.get(caught["place"], ""), None)
    code, name = caught.get("code"), caught.get("region")
    region = regions_by_code().get(code.lower()) if code else regions().get(squeezed(name)) if name else None
    return Reading(rule, region.country if region else "", region)
