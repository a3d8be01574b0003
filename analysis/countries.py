"""Countries: which are in the EEA, what an area's name covers, and what the law says of a transfer to one."""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from portalscope.analysis.regions import DATA, table


class Transfer(NamedTuple):
    """What is known of transfers to a country, with the date and the citation. It is no legal judgement."""

    text: str
    as_of: str
    source: str


@cache
def rules() -> Mapping[str, Any]:
    """Read areas, texts, bounds and the date they are of."""
    return tomllib.loads((DATA / "transfers.toml").read_text("utf-8"))


@cache
def eea() -> frozenset[str]:
    """Return the countries of the European Economic Area: the EU, Iceland, Liechtenstein and Norway."""
    return frozenset(row["code"] for row in table("countries.csv") if row["area"] in {"EU", "EEA"})


@cache
def covered(place: str) -> frozenset[str]:
    """Return the countries of a place: of an area of `transfers.toml`, or the country itself."""
    area = rules()["area"].get(place)
    codes = area["countries"] if area else [place]
    return frozenset(code for word in codes for code in (eea() if word == "EEA" else [word]))


def is_place(word: str) -> bool:
    """Say whether a word is an area of ours or has the form of an ISO country code."""
    return word in rules()["area"] or (len(word) == 2 and word.isascii() and word.isalpha() and word.isupper())


def side(country: str) -> str:
    """Say on which side a country is: `EU` (the EEA), `US` or `other`."""
    return "EU" if country in eea() else "US" if country == "US" else "other"


def reads_as(place: str) -> str:
    """Say on which side most of a place is."""
    area = rules()["area"].get(place)
    return str(area["reads_as"]) if area else side(place)


def one_sided(place: str) -> bool:
    """Say whether a place is on one side altogether: `EU` is, `Europe` and `North America` are not."""
    return len({side(country) for country in covered(place)}) == 1


def transfer_status(country: str) -> Transfer:
    """Say what the law says of personal data going to a country (ISO code, empty when unknown).

    Never that there is no transfer: a server in the EEA can be read from elsewhere.
    """
    as_of, text = rules()["as_of"], rules()["text"]
    if not country:
        return Transfer(text["unknown"], as_of, "")
    if country in eea():
        return Transfer(text["eea"], as_of, "eea-agreement")
    decisions = (row for row in table("adequacy.csv") if row["code"] == country and row["status"] == "in force")
    decision = next(decisions, None)
    if decision is None:
        return Transfer(text["none"], as_of, "eu-adequacy")
    said = text["partial" if decision["scope"] else "adequacy"].format(**decision)
    return Transfer("; ".join(filter(None, [said, decision["note"]])), as_of, decision["source"])
