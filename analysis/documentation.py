"""What vendors have published about the events of their software: the tables of `data/documented`, on demand."""

import csv
import gzip
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "documented"
DOCUMENTATION = "documentation"

EXTENSION = re.compile(r"\Aext(?:_|(?=[A-Z]))(\w+)")  # `ext_app` in documentation, `extApp` in Bond, `ext.app` in JSON

type Versions = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One vendor's publication. `ground` is `documentation` or `source code`.

    `events`: event -> versions. `fields`: event -> field -> versions. `common`: the fields that may stand in any event
    of the product, under the name that they have in a record (`ext.app.id`). `loose`: names that the source code has
    somewhere, without saying in which event.
    """

    name: str
    title: str
    ground: str
    url: str
    versions: tuple[str, ...]
    adapters: tuple[str, ...]
    own: tuple[str, ...]
    free: tuple[str, ...]
    events: Mapping[str, Versions]
    fields: Mapping[str, Mapping[str, Versions]]
    common: Mapping[str, Versions]
    loose: frozenset[str]

    def speaks_of(self, adapter: str) -> bool:
        """Whether messages of this kind may hold the product's events."""
        return any(fnmatchcase(adapter, pattern) for pattern in self.adapters)


@cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """Return what is said of the publications."""
    return tomllib.loads((DATA / "products.toml").read_text("utf-8"))


@cache
def product(name: str) -> Product:
    """Return one publication with its tables. Raises ValueError for one that is not there."""
    if name not in table():
        raise ValueError(f"no documentation of {name}; there is that of {', '.join(table())}")
    said = table()[name]
    prefix = said.get("common", "")
    events = dict(events_of(said, prefix))
    fields, common = fields_of(said, prefix) if events else ({}, {})
    source = () if events else tuple(sdk(name))
    return Product(
        name=name,
        title=said["title"],
        ground=said["ground"],
        url=said["url"],
        versions=tuple(said.get("versions", ())),
        adapters=tuple(said["adapters"]),
        own=tuple(said.get("own", ())),
        free=tuple(said.get("free", ())),
        events=events,
        fields=fields,
        common=common | {place: frozenset() for container, field in source for place in placed(container, field)},
        loose=frozenset(field for container, field in source if name != "common-schema"),
    )


def products() -> Iterator[Product]:
    """Give all publications, documentation first."""
    return map(product, table())


def rows(name: str) -> Iterator[dict[str, str]]:
    """Give the rows of one packed table."""
    with gzip.open(DATA / name) as file:
        yield from csv.DictReader(io.TextIOWrapper(file, "utf-8", newline=""))


def events_of(said: Mapping[str, Any], common: str) -> Iterator[tuple[str, Versions]]:
    """Give the events of a publication with the versions that have them."""
    for row in rows(said["events"]) if "events" in said else ():
        if not common or not row["event"].startswith(common):
            yield row["event"], frozenset(row["versions"].split())


def fields_of(said: Mapping[str, Any], prefix: str) -> tuple[dict[str, dict[str, Versions]], dict[str, Versions]]:
    """Return the fields of each event, those of included events among them, and the fields that are common to all."""
    fields: dict[str, dict[str, Versions]] = {}
    common: dict[str, Versions] = {}
    for row in rows(said["fields"]):
        event, versions = row["event"], frozenset(row["versions"].split())
        if prefix and event.startswith(prefix):
            common |= dict.fromkeys(placed(event.removeprefix(prefix), row["field"]), versions)
        else:
            fields.setdefault(event, {})[row["field"]] = versions
    for row in rows(said["events"]):
        if row["includes"]:
            fields[row["event"]] = {**fields.get(row["includes"], {}), **fields.get(row["event"], {})}
    return fields, common


def sdk(name: str) -> Iterator[tuple[str, str]]:
    """Give container and field of all that the source code of a product names."""
    return ((row["container"], row["field"]) for row in rows("sdk-fields.csv.gz") if row["product"] == name)


def placed(container: str, field: str) -> tuple[str, ...]:
    """Return the places in a record where a field of a container stands: `ext.app.id`, `ver`, `Activity.CV`.

    A container of Common Schema is an extension, `Record` and `Envelope` are the record itself. What Office documents
    as `Activity.CV` stands as `data.Activity.CV`. A field that says its container is taken by its word.
    """
    if container in {"Envelope", "Record"}:
        return (field, *(f"ext.{name[0].lower()}{name[1:]}" for name in EXTENSION.findall(field)))
    if container == "data" or field.startswith(f"{container}."):
        return (f"data.{field}", f"tags.{field}")
    if " " in container:  # a heading of a page, no container
        return (f"data.{field}",)
    return (f"ext.{container[0].lower()}{container[1:]}.{field}", f"data.{container}.{field}")
