"""Joins: what each recipient can join to a direct identifier, value by value, and over which records."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portalscope.analysis import paths
from portalscope.analysis.identifiers import RANK, SHARED, WHOLE, Identifiers, Words
from portalscope.analysis.occurrences import Flags, Numbers, Occurrences
from portalscope.analysis.paths import Layer, Ways

FIRM, GUESS, POSSIBLE, NONE = range(4)  # how sure a way is
EVENT, EXCHANGE, PLANT, ADDRESS = range(4)  # layers of records, the closest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """The values as nodes, one entry each.

    `code` is the class on all grounds, `identifier` the one that the value belongs to; `direct` names a person for
    sure, `guessed` perhaps; `joins`: two records that hold it are about the same somebody. `rows` are those of the
    occurrences that are nodes, `sure` how sure a way over each can be at best.
    """

    code: Words
    identifier: Numbers
    direct: Flags
    guessed: Flags
    joins: Flags
    rows: Numbers
    sure: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one recipient saw: its `values`, how `sure` the way of each is, and where it goes (positions in `values`).

    `affiliates`: the companies of a group taken together, `company` is then the group's name. `recipients` are the
    numbers of the companies.
    """

    company: str
    group: str
    affiliates: bool
    recipients: tuple[int, ...]
    values: Numbers
    sure: Numbers
    ways: Ways


def nodes(found: Occurrences, known: Identifiers) -> Nodes:
    """Return the nodes. A request identifier is one if it stands in several exchanges (R4)."""
    value, code, firm = found.rows["value"].to_numpy(), known.code.astype("U2"), known.firm
    size = len(found.values)
    pairs = found.rows[["value", "exchange"]].drop_duplicates()
    telling = np.bincount(value[~found.rows["telling"].to_numpy(bool)], minlength=size) == 0
    again = (np.bincount(pairs["value"], minlength=size) > 1) & telling
    naming = np.isin(code, ("D1", "D2", "D3", "D4")) | ((code == "D5") & again[value])
    chosen = naming | np.isin(code, ("S1", "L1"))
    order = np.lexsort((pd.Series(RANK).reindex(code).fillna(0).to_numpy(), firm, value))
    codes, identifier = np.full(size, "", "U2"), np.full(size, -1, np.int64)
    codes[value[order]] = code[order]  # the last assignment stays: the best of each value
    identifier[value[order]] = known.of_row[order]
    shared = ((known.table["possible"] & ~SHARED) == 0) & ~known.table["contradictory"]
    direct, guessed = (np.bincount(value[flag], minlength=size) > 0 for flag in ((code == "D1") & firm, code == "D1"))
    return Nodes(
        code=codes,
        identifier=identifier,
        direct=direct,
        guessed=guessed & ~direct,
        joins=(~shared.to_numpy(bool)[identifier] & telling) | direct,
        rows=np.flatnonzero(chosen),
        sure=np.where(code == "L1", POSSIBLE, np.where(firm, FIRM, GUESS))[chosen],
    )


def seen(found: Occurrences, points: Nodes, *, address: bool = True) -> Iterator[Seen]:
    """Give what each company saw, then what each group of several companies saw together.

    What was seen on the device only proves no recipient. `address`: also what the source address alone may join.
    """
    rows = found.rows.iloc[points.rows].assign(sure=points.sure)
    exchanges = found.exchanges.iloc[rows["exchange"].to_numpy()]
    rows = rows.assign(recipient=exchanges["recipient"].to_numpy())[exchanges["proven"].to_numpy(bool)]
    forms = planted_forms(found)
    whose = found.exchanges[["recipient", "company", "group"]].drop_duplicates("recipient").sort_values("recipient")
    for recipient, company, group in whose.itertuples(index=False):
        part = rows[rows["recipient"] == recipient]
        yield of_recipient(part, points, forms, (company, group, False, (int(recipient),)), address=address)
    for group, companies in whose.groupby("group", sort=True):
        if len(companies) > 1:
            numbers = tuple(int(one) for one in companies["recipient"])
            part = rows[rows["recipient"].isin(numbers)]
            yield of_recipient(part, points, forms, (str(group), str(group), True, numbers), address=address)


def of_recipient(
    rows: pd.DataFrame,
    points: Nodes,
    forms: pd.DataFrame,
    whose: tuple[str, str, bool, tuple[int, ...]],
    *,
    address: bool,
) -> Seen:
    """Return what these rows tell who saw them: first over firm grounds, then over guesses, then over addresses."""
    values, value = np.unique(rows["value"].to_numpy(np.int64), return_inverse=True)
    value = np.asarray(value, np.int64)
    direct, guessed, joins = points.direct[values], points.guessed[values], points.joins[values]
    sure = rows["sure"].to_numpy()
    ways = paths.nothing(len(values))
    sures = np.full(len(values), NONE, np.int64)
    for stage, start in ((FIRM, direct), (GUESS, direct | guessed), (POSSIBLE, direct | guessed)):
        allowed = sure <= stage
        layers = list(records(rows[allowed], value[allowed], values, forms))
        if stage == POSSIBLE and address:
            layers.append(paths.layer(value, rows["run"].to_numpy(np.int64)))
        there = np.zeros(len(values), bool)
        there[value[allowed]] = True
        ways = paths.ways(ways, np.flatnonzero(start & there), layers, joins)
        sures[(ways.hops >= 0) & (sures == NONE)] = stage
    company, group, affiliates, recipients = whose
    return Seen(
        company=company,
        group=group,
        affiliates=affiliates,
        recipients=recipients,
        values=values,
        sure=sures,
        ways=ways,
    )


def records(rows: pd.DataFrame, value: Numbers, values: Numbers, forms: pd.DataFrame) -> Iterator[Layer]:
    """Give the layers: events, exchanges, and forms of one planted value in one run."""
    yield paths.layer(value, rows["event"].to_numpy(np.int64))
    yield paths.layer(value, rows["exchange"].to_numpy(np.int64))
    known = forms[forms["value"].isin(values)]
    yield paths.layer(np.searchsorted(values, known["value"].to_numpy(np.int64)), known["plant"].to_numpy(np.int64))


def planted_forms(found: Occurrences) -> pd.DataFrame:
    """Return values that are forms of a planted one, with a number for run and name (`plant`) and the form.

    A name with several values in one run says nothing: which of them a hash is of is not kept.
    """
    said = [(kind, name, form) for kind, grounds in enumerate(found.kinds["grounds"]) for name, form in whole(grounds)]
    forms = pd.DataFrame(said, columns=["kind", "name", "form"]).merge(
        found.rows[["kind", "run", "value"]].drop_duplicates()
    )
    plain = forms[forms["form"] == "plain"].groupby(["run", "name"])["value"].nunique()
    clear = plain[plain == 1].reset_index()[["run", "name"]]
    clear["plant"] = np.arange(len(clear))
    return forms.merge(clear, on=["run", "name"])[["value", "plant", "form"]].drop_duplicates()


def whole(grounds: str) -> Iterator[tuple[str, str]]:
    """Give name and form of the planted values that the whole value is a form of."""
    for ground in json.loads(grounds):
        if ground["because"] == "planted" and ground["detail"].startswith(WHOLE):
            name, _, form = ground["detail"].removeprefix(WHOLE).partition(", ")
            yield name, form


def attributed(recipients: list[Seen], size: int) -> dict[int, Numbers]:
    """Return for each recipient's number how sure the way of every value is there."""
    found = {}
    for one in recipients:
        if not one.affiliates:
            sures = np.full(size, NONE, np.int64)
            sures[one.values] = one.sure
            found[one.recipients[0]] = sures
    return found
