"""Words for people: labels of properties, categories and classes, names of countries, titles of sources."""

from collections.abc import Iterable, Mapping
from functools import cache

from portalscope.analysis import regions
from portalscope.analysis.local import NOT_ON_WIRE
from portalscope.capture import endpoints
from portalscope.decoders import knowledge
from portalscope.decoders.properties import Properties, properties

NAMES = frozenset(("Apple", "Entra", "Intune", "Exchange", "Windows", "Microsoft", "Xbox"))  # keep their capital
AREAS = {"EU": "European Economic Area", "US": "United States", "other": "Outside EEA and United States"}
ARTICLE = ("United", "European", "Netherlands", "Philippines", "Bahamas", "Gambia", "Maldives", "Seychelles", "Isle")


@cache
def vocabulary() -> Properties:
    """Return our words for kinds of data."""
    return properties(knowledge.load().tables["properties"])


def property_label(name: str) -> str:
    """Return a property's label, its name when the vocabulary does not have it."""
    known = vocabulary().properties.get(name)
    return known.label if known else name


def category_label(name: str) -> str:
    """Return a category's label."""
    known = vocabulary().categories.get(name)
    return known.label if known else name


def class_label(code: str) -> str:
    """Return a class's label."""
    known = vocabulary().classes.get(code)
    return known.label if known else code


def rank(code: str, name: str = "") -> tuple[int, int, int]:
    """Return the place of a class, and of a property in it, in lists that name people before things."""
    known = vocabulary()
    places = [(n, item.classes.index(code)) for n, item in enumerate(known.categories.values()) if code in item.classes]
    return *(places[0] if places else (len(known.categories), 0)), positions().get(name, 0)


@cache
def positions() -> Mapping[str, int]:
    """Return the position of every property in the vocabulary, which begins with what names people best."""
    return {name: n for n, name in enumerate(vocabulary().properties)}


def severity(code: str) -> int:
    """Return how protective a class is, 0 for one that the vocabulary does not have."""
    known = vocabulary().classes.get(code)
    return known.severity if known else 0


@cache
def countries() -> Mapping[str, str]:
    """Return the names of countries by ISO 3166 code."""
    return {row["code"]: row["name"] for row in regions.table("countries.csv")}


def place(country: str, location: str) -> str:
    """Return a verdict's place: the country, else the area, else that it is not located."""
    if country:
        return countries().get(country, country)
    if location.startswith("undetermined"):
        return "Not located (anycast)"
    if location == NOT_ON_WIRE:
        return "Not on the wire"
    return AREAS.get(location.partition(" ")[0], "Not located")


def in_place(country: str, location: str) -> str:
    """Return the place inside a sentence: `in the United States`, `at a place that is not known`."""
    name = place(country, location)
    if name.startswith("Not located"):
        return "at one of many places (anycast)" if "anycast" in name else "at a place that is not known"
    if name.startswith("Outside"):
        return lowered(name)
    if location == NOT_ON_WIRE:
        return "(stored on the device, not on the wire)"
    return f"in the {name}" if name.startswith(ARTICLE) else f"in {name}"


def certainty(location: str) -> str:
    """Return `proven` or `likely`, nothing when there is no place to be sure of."""
    word = location.rpartition(" ")[2]
    return word if word in ("proven", "likely") else ""


def citation(source: str) -> tuple[str, str]:
    """Return title and address of a source, the key itself and nothing when no table has it."""
    found = knowledge.load().sources.get(source) or endpoints.sources().get(source) or {}
    return found.get("title", source), found.get("url", "")


def lowered(label: str) -> str:
    """Return a label as it stands inside a sentence."""
    word = label.split(" ", 1)[0]
    return label if word in NAMES or not word[1:].islower() else label[0].lower() + label[1:]


def listed(names: Iterable[str], most: int = 6) -> str:
    """Return `a, b and c`; of a long list the first and how many more."""
    found = list(names)
    shown = found if len(found) <= most else [*found[: most - 1], f"{len(found) - most + 1} more"]
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def counted(number: int, thing: str) -> str:
    """Return `1 host`, `2 hosts`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
