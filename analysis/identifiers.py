"""Identifiers: which fields hold the same thing, what it is on all grounds together, and how long it lasts."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portalscope.analysis import labels
from portalscope.analysis.occurrences import Flags, Numbers, Occurrences, numbered
from portalscope.analysis.scopes import BIT, Series

LEVELS = ("E1", "E2", "E3", "E4", "E5", "E6", "H3", "H2", "H1", "")  # strongest first
RANK = {"D1": 5, "D2": 4, "D3": 3, "D4": 2, "D5": 1}  # of two classes of one value the higher holds
NAMING = ("D1", "D2", "D3", "D4")
GUESSED = ("D2", "D3", "D4", "D5")  # an experiment says which of these a guess is; a name needs more than that
PERSONS = BIT["user"] | BIT["user+device"]
LASTING = PERSONS | BIT["install"] | BIT["device"]
SHARED = BIT["tenant"] | BIT["constant"]
WHOLE = "planted "  # how the detail of a ground begins when the value is a planted one, not just holds it
E5, E6 = 1 << LEVELS.index("E5"), 1 << LEVELS.index("E6")
EVERYWHERE = ("header", "response-header")  # parts where a name means the same in every message
LABEL = ["property", "class", "candidate", "evidence_level", "because"]

type Words = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiers:
    """The identifiers.

    `table` has a row each: `key`, `property`, `class`, `candidate`, `evidence_level`, `because`, `levels` (all that
    apply), `possible` and `tested` (bits, see scopes), `compared` and `contradictory`.

    For each row of the occurrences: `of_row` is its identifier, `code` its class on all grounds, `firm` whether more
    than heuristics speak for that.
    """

    table: pd.DataFrame
    of_row: Numbers
    code: Words
    firm: Flags


def identifiers(found: Occurrences, lines: Series) -> Identifiers:
    """Return the identifiers. Series that share a value, or forms of a planted one, under one property are one."""
    known = known_values(found)
    named = elsewhere(found, lines, labelled(found, lines), known)
    group, possible = united(found, lines, named["property"])
    table, group = ordered(tested(merged(named, lines, group, possible)), group)
    of_row = group[lines.of_row]
    code, firm = judged(found, table, of_row, known)
    return Identifiers(table=table.drop(columns=["shown", "guessed"]), of_row=of_row, code=code, firm=firm)


def ordered(table: pd.DataFrame, group: Numbers) -> tuple[pd.DataFrame, Numbers]:
    """Return the identifiers in the order of the lists, with keys, and the new position of each series' own."""
    ranks = [labels.rank(code, name) for code, name in zip(table["class"], table["property"], strict=True)]
    places = sorted(range(len(table)), key=lambda n: (bool(table["candidate"].iat[n]), ranks[n], n))
    position = np.empty(len(table), np.int64)
    position[places] = np.arange(len(table))
    table = table.iloc[places].reset_index(drop=True)
    return table.assign(key=[f"I{n + 1}" for n in range(len(table))]), position[group]


def known_values(found: Occurrences) -> Numbers:
    """Return for each value the most protective kind that firmly says what it is, -1 for none."""
    kinds = found.kinds
    rank = np.where(kinds["candidate"], 0, kinds["class"].map(RANK).fillna(0)).astype(np.int64)
    rank[rank == RANK["D5"]] = 0
    pairs = found.rows.loc[found.rows["telling"], ["value", "kind"]].drop_duplicates()
    pairs = pairs.assign(rank=rank[pairs["kind"].to_numpy()])
    best = pairs[pairs["rank"] > 0].sort_values(["value", "rank", "kind"], ascending=[True, False, True])
    best = best.drop_duplicates("value")
    known = np.full(len(found.values), -1, np.int64)
    known[best["value"].to_numpy()] = best["kind"].to_numpy()
    return known


def labelled(found: Occurrences, lines: Series) -> pd.DataFrame:
    """Return for each series its label: firm before guessed, then the most protective, then the most frequent."""
    kinds = found.kinds
    counted = pd.DataFrame({"series": lines.of_row, "kind": found.rows["kind"].to_numpy()})
    counted = counted.groupby(["series", "kind"]).size().rename("count").reset_index()
    kind = counted["kind"].to_numpy()
    counted["firm"] = ~kinds["candidate"].to_numpy()[kind]
    counted["severity"] = kinds["class"].map(labels.severity).to_numpy()[kind]
    counted["level"] = bits(kinds["evidence_level"])[kind]
    order = ["firm", "severity", "count", "kind"]
    best = counted.sort_values(["series", *order], ascending=[True, False, False, False, True]).drop_duplicates(
        "series"
    )
    levels = np.zeros(len(best), np.int64)
    np.bitwise_or.at(levels, counted["series"].to_numpy(), counted["level"].to_numpy())
    return kinds.loc[best["kind"].to_numpy(), LABEL].reset_index(drop=True).assign(levels=levels)


def bits(levels: "pd.Series[str]") -> Numbers:
    """Return evidence levels as bits of `LEVELS`."""
    return np.asarray(levels.map({level: 1 << n for n, level in enumerate(LEVELS)}).fillna(0), np.int64)


def words(levels: int) -> str:
    """Return evidence levels by name, the strongest first."""
    return " ".join(level for n, level in enumerate(LEVELS) if levels & 1 << n).strip()


def elsewhere(found: Occurrences, lines: Series, named: pd.DataFrame, known: Numbers) -> pd.DataFrame:
    """Return the labels, with guesses replaced (E6) where all values firmly are one and the same thing elsewhere."""
    kinds = found.kinds
    sets = pd.DataFrame({"series": lines.of_row, "known": known[found.rows["value"].to_numpy()]}).drop_duplicates()
    sets["property"] = kinds["property"].reindex(sets["known"]).to_numpy()
    sets["unknown"] = sets["known"] < 0
    by_series = sets.groupby("series").agg(
        properties=("property", "nunique"), unknown=("unknown", "any"), kind=("known", "max")
    )
    sure = (by_series["properties"] == 1) & ~by_series["unknown"] & named["candidate"]
    other = kinds[["property", "class"]].reindex(by_series["kind"].to_numpy()).reset_index(drop=True)
    changed = {name: named[name].mask(sure, other[name]) for name in other.columns}
    changed |= {"candidate": named["candidate"] & ~sure, "levels": named["levels"] | np.where(sure, E6, 0)}
    changed |= {"evidence_level": named["evidence_level"].mask(sure, "E6")}
    return named.assign(**changed, because=named["because"].mask(sure, "co-occurrence"))


def united(found: Occurrences, lines: Series, properties: "pd.Series[str]") -> tuple[Numbers, Numbers]:
    """Return the identifier of each series, and its possible scopes.

    Series that share a value see the same thing: what is impossible for one is impossible for all. If nothing is left
    then, they stay apart. Series at one place with the same scopes (several apps with one SDK) are one identifier.
    """
    size = len(properties)
    node, key = shared(found, lines, pd.factorize(properties)[0].astype(np.int64))
    part = components(size, node, key)
    together = np.full(size, -1, np.int64)
    np.bitwise_and.at(together, part, lines.possible)
    possible = np.where(together[part] > 0, together[part], lines.possible)
    kinds = found.kinds.loc[lines.kind, ["adapter", "part", "shape"]].reset_index(drop=True)
    kinds["adapter"] = kinds["adapter"].mask(kinds["part"].isin(EVERYWHERE), "")
    kinds = kinds.assign(property=properties.to_numpy(), possible=possible, component=part)
    same = numbered(kinds, ["component", "possible"])
    place = numbered(kinds, ["property", "adapter", "part", "shape", "possible"])
    joined = components(size, np.tile(np.arange(size), 2), np.concatenate([same, place + size]))
    return pd.factorize(joined)[0].astype(np.int64), possible


def shared(found: Occurrences, lines: Series, name: Numbers) -> tuple[Numbers, Numbers]:
    """Return series and what they have in common with others of the same property: a value, or a planted value."""
    rows = found.rows.assign(series=lines.of_row)
    values = rows.loc[rows["telling"], ["series", "value"]].drop_duplicates().to_numpy(np.int64)
    names: dict[str, int] = {}
    planted = [
        (series, len(found.values) + names.setdefault(plant, len(names)))
        for series, kind in rows[["series", "kind"]].drop_duplicates().to_numpy(np.int64)
        for plant in plants(str(found.kinds["grounds"].iat[kind]))
    ]
    pairs = np.concatenate([values, np.array(planted, np.int64).reshape(-1, 2)])
    return pairs[:, 0], pairs[:, 1] * (int(name.max(initial=0)) + 1) + name[pairs[:, 0]]


def plants(grounds: str) -> list[str]:
    """Return the names of the planted values that the whole value is a form of."""
    details = [ground["detail"] for ground in json.loads(grounds) if ground["because"] == "planted"]
    return [detail.removeprefix(WHOLE).partition(",")[0] for detail in details if detail.startswith(WHOLE)]


def components(size: int, node: Numbers, key: Numbers) -> Numbers:
    """Return for each of `size` nodes the smallest node that it is connected with, over keys that they share."""
    label = np.arange(size)
    key = np.unique(key, return_inverse=True)[1]
    while len(node):
        least = np.full(int(key.max()) + 1, size)
        np.minimum.at(least, key, label[node])
        spread = label.copy()
        np.minimum.at(spread, node, least[key])
        spread = spread[spread]
        if np.array_equal(spread, label):
            break
        label = spread
    return label


def merged(named: pd.DataFrame, lines: Series, group: Numbers, possible: Numbers) -> pd.DataFrame:
    """Return one row an identifier, labelled like the best labelled of its series."""
    rows = named.assign(group=group, possible=possible, severity=named["class"].map(labels.severity), n=named.index)
    best = rows.sort_values(["group", "candidate", "severity", "n"], ascending=[True, True, False, True])
    table = best.drop_duplicates("group").set_index("group").sort_index().drop(columns=["severity", "n"])
    gathered = {"levels": named["levels"].to_numpy(), "tested": lines.tested}
    gathered |= {"compared": lines.compared.astype(np.int64), "contradictory": lines.contradictory.astype(np.int64)}
    for name, column in gathered.items():
        whole = np.zeros(len(table), np.int64)
        np.bitwise_or.at(whole, group, column)
        table[name] = whole
    return table.astype({"compared": "bool", "contradictory": "bool"})


def tested(table: pd.DataFrame) -> pd.DataFrame:
    """Return the identifiers with what the run matrix adds (E5): how a guessed one behaves is what it is.

    One run alone shows no more than that a value is another one in each request, which is no experiment.
    """
    possible, guess = table["possible"], table["candidate"] & table["class"].isin(GUESSED) & ~table["contradictory"]
    lasting = guess & ((possible & ~LASTING) == 0)
    person = lasting & ((possible & ~PERSONS) == 0)
    session, request = guess & (possible == BIT["session"]), guess & (possible == BIT["request"])
    shown = lasting | session | (request & table["compared"])
    known = shown | ((table["tested"] > 0) & ~table["contradictory"])
    code = table["class"].mask(lasting, "D3").mask(person, "D2").mask(session, "D4").mask(request, "D5")
    return table.assign(
        **{"class": code, "candidate": table["candidate"] & ~shown},
        evidence_level=table["evidence_level"].mask(shown, "E5"),
        because=table["because"].mask(shown, "experiment"),
        levels=[words(level | (E5 if by_runs else 0)) for level, by_runs in zip(table["levels"], known, strict=True)],
        shown=shown,
        guessed=guess,
    )


def judged(found: Occurrences, table: pd.DataFrame, of_row: Numbers, known: Numbers) -> tuple[Words, Flags]:
    """Return for each row its class on all grounds, and whether these are firm.

    A guess is firm where the same value is known elsewhere or the run matrix shows what it is; that another value of
    the same field is known does not make it so.
    """
    kind, value = found.rows["kind"].to_numpy(), found.rows["value"].to_numpy()
    own = found.kinds["class"].to_numpy(object)[kind]
    other = np.append(found.kinds["class"].to_numpy(object), "")[known[value]]
    shown = table["shown"].to_numpy(bool)[of_row]
    firm = ~found.kinds["candidate"].to_numpy(bool)[kind]
    guess = ~firm & table["guessed"].to_numpy(bool)[of_row]
    code = np.where(guess, table["class"].to_numpy(object)[of_row], own)
    rank = pd.Series(RANK).reindex(code).fillna(0).to_numpy()
    higher = (known[value] >= 0) & (rank > 0) & ((pd.Series(RANK).reindex(other).fillna(0).to_numpy() > rank) | ~firm)
    return np.where(higher, other, code), firm | (shown & guess) | higher
