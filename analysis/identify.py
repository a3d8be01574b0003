"""Identity: the identifiers with scope and links (T7), what records say of a person, and a sentence about each."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from portalscope.analysis import arms, labels, link_picture, links, schema, scopes, telling, verdicts, wordings
from portalscope.analysis.frames import Frames
from portalscope.analysis.identifiers import identifiers
from portalscope.analysis.links import Graph, graph
from portalscope.analysis.occurrences import occurrences
from portalscope.analysis.wordings import Lang

SHOWN = ("D1", "D2", "D3", "D4", "D5", "L1", "O1")  # a token joins records, but it is no identifier of the table
FIELDS = 6  # fields that are named in a row

IDENTIFIERS = schema.table(
    "T7: one row an identifier, with how long it lasts, who got it and what they can join it to.",
    [
        schema.must("identifier", schema.WORD, "Its key, `I1`, `I2` …"),
        schema.must("property", schema.WORD, "What it is."),
        schema.must("label", schema.WORD, "The same in words."),
        schema.must("class", schema.WORD, "Class code on all grounds."),
        schema.must("category", schema.WORD, "Category of the class."),
        schema.must("candidate", schema.FLAG, "True: nothing but heuristics speaks for it."),
        schema.must("scope_min", schema.WORD, "The narrowest scope that nothing speaks against."),
        schema.must("scope_max", schema.WORD, "The widest one."),
        schema.must("scopes", schema.WORD, "All of them, separated by spaces."),
        schema.must("not_tested", schema.WORD, "Factors that were not changed alone and would narrow it."),
        schema.must("scope", schema.TEXT, "The scope in words."),
        schema.must("reset", schema.TEXT, "What makes it start anew, in words."),
        schema.must("conflict", schema.TEXT, "Where the runs speak against the tables; else empty."),
        schema.must("hosts", schema.TEXT, "Hosts that it was sent to or came from, separated by `; `."),
        schema.must("companies", schema.TEXT, "Companies behind them."),
        schema.must("sent", schema.SIZE, "Events of requests that hold it."),
        schema.must("received", schema.SIZE, "Answers that hold it."),
        schema.must("values", schema.SIZE, "Distinct values."),
        schema.must("bytes", schema.SIZE, "Size of the longest: uniqueness cannot be measured with a few devices."),
        schema.must("devices", schema.SIZE, "Devices on which it was seen, by their names in the runs."),
        schema.must("shared", schema.SIZE, "Values that were seen on more than one of them."),
        schema.must("linkable", schema.TEXT, "To whom, and how."),
        schema.must("strength", schema.WORD, "The surest of these ways."),
        schema.must("evidence_level", schema.WORD, "Level of the strongest ground."),
        schema.must("because", schema.WORD, "That ground."),
        schema.must("levels", schema.WORD, "All levels that apply."),
        schema.must("fields", schema.TEXT, "Where it stands: part and shape."),
        schema.must("proven", schema.FLAG, "False: seen on the device only, upload not proven."),
        schema.must("run", schema.WORD, "Run in which it was seen first."),
        schema.must("exchange", schema.WORD, "Exchange in which it was seen first."),
    ],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Everything about identity, for tables and reports.

    `identifiers` is T7 (`IDENTIFIERS`), `verdicts` has a row a destination, `records` a row a destination, event name
    and verdict, `links` what `links.LINKS` describes. `sentences` are about the identifiers, `answers` about the
    destinations, each in the order of its table; `notes` about what is wrong with the run matrix. `svg` is the picture
    of the links.
    """

    identifiers: pd.DataFrame
    verdicts: pd.DataFrame
    records: pd.DataFrame
    links: pd.DataFrame
    sentences: list[str]
    answers: list[str]
    notes: list[str]
    svg: str


def tables(frames: Frames, lang: Lang = "en", *, address: bool = True) -> Identity:
    """Return all tables, sentences and the picture; without `address`, not what the source address alone may join."""
    whole = graphed(frames, address=address)
    linked = links.links(whole)
    found = verdicts.events(whole)
    places = verdicts.destinations(found, whole)
    table = listed(whole, linked, lang)
    of = dict(list(linked.groupby("identifier", sort=False)))
    rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    return Identity(
        identifiers=table,
        verdicts=places,
        records=records(found),
        links=linked,
        sentences=[telling.identifier(row, of.get(row["identifier"], linked.iloc[:0]), frames, lang) for row in rows],
        answers=list(telling.destinations(places, frames, lang)),
        notes=list(arms.strange(frames.runs)),
        svg=link_picture.svg(linked, whole.known.table, nothing(frames, lang), lang),
    )


def graphed(frames: Frames, *, address: bool = True) -> Graph:
    """Return the graph of the runs."""
    found = occurrences(frames)
    lines = scopes.series(found, arms.pairs(frames.runs))
    return graph(found, identifiers(found, lines), address=address)


def nothing(frames: Frames, lang: Lang) -> str:
    """Return what the picture says when there is nothing to draw."""
    levels = telling.levels(frames, telling.LAST, lang)
    return wordings.say("nothing_drawn", lang, levels=levels, runs=", ".join(frames.names))


def listed(whole: Graph, linked: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return T7."""
    known = whole.known.table[whole.known.table["class"].isin(SHOWN)]
    seen = counted(whole).reindex(known.index)
    table = known.rename(columns={"key": "identifier"}).join(seen)
    bits, tested = table["possible"], table["tested"]
    shown = table.assign(
        label=[wordings.property_label(name, lang) for name in table["property"]],
        category=[labels.vocabulary().category(code) for code in table["class"]],
        scope_min=[scopes.interval(mask)[0] for mask in bits],
        scope_max=[scopes.interval(mask)[1] for mask in bits],
        scopes=[" ".join(scopes.names(mask)) for mask in bits],
        not_tested=[" ".join(scopes.untested(*pair)) for pair in zip(bits, tested, strict=True)],
        scope=[telling.scope(m, contradictory=c, lang=lang) for m, c in zip(bits, table["contradictory"], strict=True)],
        reset=[
            wordings.label("reset", telling.reset(*row), lang)
            for row in zip(table["property"], bits, tested, strict=True)
        ],
        conflict=[
            "" if guess else telling.conflict(name, mask, lang)
            for name, mask, guess in zip(
                table["property"], bits, table["candidate"] | table["contradictory"], strict=True
            )
        ],
        **linkable(table["identifier"], linked, lang),
    )
    return pd.DataFrame(shown[IDENTIFIERS.names].reset_index(drop=True))


def counted(whole: Graph) -> pd.DataFrame:
    """Return for each identifier where it was seen, how often, and first."""
    found = whole.found
    exchange = found.rows["exchange"].to_numpy()
    words = found.exchanges[["run", "host", "company"]].astype("category")  # few of them: numbers are quicker
    about = words.assign(proven=found.exchanges["proven"]).iloc[exchange].reset_index(drop=True)
    field = (found.kinds["part"] + ":" + found.kinds["shape"]).astype("category")
    kinds = found.kinds[["sent"]].assign(field=field).iloc[found.rows["kind"].to_numpy()].reset_index(drop=True)
    rows = found.rows[["event", "value", "size", "exchange"]].reset_index(drop=True)
    rows = rows.assign(id=whole.known.of_row, field=kinds["field"], is_sent=kinds["sent"], **about)
    groups = rows.groupby("id")
    first = found.exchanges.iloc[groups["exchange"].min()]
    events = rows[["id", "event", "is_sent"]].drop_duplicates().groupby(["id", "is_sent"]).size().unstack(fill_value=0)
    table = pd.DataFrame({"values": groups["value"].nunique(), "bytes": groups["size"].max()})
    return table.assign(
        sent=events.get(True, 0),
        received=events.get(False, 0),
        hosts=named(rows, "host"),
        companies=named(rows, "company"),
        fields=named(rows, "field", FIELDS),
        proven=groups["proven"].any(),
        run=first["run"].to_numpy(),
        exchange=first["exchange"].astype("str").to_numpy(),
        **devices(found.frames, rows),
    )


def named(rows: pd.DataFrame, column: str, most: int = 0) -> "pd.Series[str]":
    """Return for each identifier the different words of a column, `; ` between; of `most` or more the first."""
    words = rows[["id", column]].drop_duplicates().astype({column: "str"}).sort_values(["id", column])
    return words.groupby("id")[column].agg(
        lambda found: "; ".join([*found[: most or None], *["…"] * (0 < most < len(found))])
    )


def devices(frames: Frames, rows: pd.DataFrame) -> dict[str, "pd.Series[Any]"]:
    """Return for each identifier on how many devices it was seen, and how many values on several of them."""
    names = dict(zip(frames.runs["run"].astype("str"), frames.runs["device"].astype("str"), strict=True))
    pairs = rows[["id", "value", "run"]].drop_duplicates()
    pairs = pairs.assign(device=pairs["run"].astype("str").map(names))[["id", "value", "device"]].drop_duplicates()
    on = pairs.groupby(["id", "value"]).size()
    return {"devices": pairs.groupby("id")["device"].nunique(), "shared": (on > 1).groupby("id").sum()}


def linkable(keys: "pd.Series[str]", linked: pd.DataFrame, lang: Lang) -> dict[str, list[str]]:
    """Return for each identifier to whom it is linkable and how, and the surest way."""
    rank = {word: about["rank"] for word, about in wordings.of("strength").items()}
    texts, strengths = [], []
    parts = dict(list(linked.groupby("identifier", sort=False)))
    for key in keys:
        rows = parts[key].to_dict("records") if key in parts else []
        rows.sort(key=lambda row: (rank[row["strength"]], row["affiliates"], row["recipient"]))
        told = (f"{row['recipient']}: {wordings.label('strength', row['strength'], lang)}" for row in rows)
        texts.append("; ".join(told))
        strengths.append(str(rows[0]["strength"]) if rows else "none")
    return {"linkable": texts, "strength": strengths}


def records(found: pd.DataFrame) -> pd.DataFrame:
    """Return how many events of which name and verdict went to or came from each host."""
    keys = ["host", "company", "kind", "name", "verdict", "candidate", "identifier", "property", "class", "proven"]
    groups = found.groupby(keys, observed=True, sort=False)
    table = groups[list(verdicts.FLAGS)].sum().assign(events=groups.size()).reset_index()
    order = table.assign(order=-table["verdict"].cat.codes.astype("int64"))
    return order.sort_values(["order", *keys], kind="stable").drop(columns="order").reset_index(drop=True)
