"""What goes where: category, property, host, party and country, counted, with the strongest ground."""

import pandas as pd

from portalscope.analysis import coverage, labels, schema
from portalscope.analysis.frames import Frames

LEVELS = ("E1", "E2", "E3", "E4", "E5", "E6", "H3", "H2", "H1", "")  # strongest first
CATEGORIES = ("personal", "pseudonymous", "behaviour", "technical", "secret", "unknown")
NOTHING = ("sentinel",)  # grounds of leaves that say nothing of anybody
IDENTIFIERS = ("D1", "D2", "D3")  # what stands beside one of these is about that person or device
WRAPPER = "container"  # what is inside follows as leaves of their own

SUMMARY = schema.table(
    "What was sent where: one row for each property, class, destination and certainty of the country.",
    [
        schema.must("category", schema.WORD, "Category of the class."),
        schema.must("property", schema.WORD, "What it is."),
        schema.must("class", schema.WORD, "Class code, D1 to U1."),
        schema.must("host", schema.WORD, "Name of the host."),
        schema.must("service", schema.WORD, "Service behind the host."),
        schema.must("purpose", schema.WORD, "What the host is for."),
        schema.must("company", schema.WORD, "Company behind it."),
        schema.must("seat", schema.WORD, "Country of the company's seat."),
        schema.must("country", schema.WORD, "Country of the server; empty when it could not be located."),
        schema.must("location", schema.WORD, "How sure the country is."),
        schema.must("us", schema.FLAG, "True: the server is located in the United States, proven or likely."),
        schema.must("events", schema.SIZE, "Events that hold it."),
        schema.must("requests", schema.SIZE, "Requests that hold it."),
        schema.must("delivered", schema.SIZE, "Those of them that were answered."),
        schema.must("attributed", schema.SIZE, "Those that also hold an identifier of person, device or installation."),
        schema.must("bytes", schema.SIZE, "Bytes of its values."),
        schema.must("values", schema.SIZE, "Distinct values."),
        schema.must("candidate", schema.FLAG, "True: nothing but heuristics speaks for it, wherever it was seen."),
        schema.must("evidence_level", schema.WORD, "Level of the strongest ground."),
        schema.must("because", schema.WORD, "The strongest ground."),
        schema.must("run", schema.WORD, "Run in which it was seen first."),
        schema.must("exchange", schema.WORD, "Exchange in which it was seen first."),
    ],
)
KEYS = SUMMARY.names[: SUMMARY.names.index("us")]


def summary(frames: Frames) -> pd.DataFrame:
    """Return the table that `SUMMARY` describes, for all that was sent; how complete it is stands in `attrs`.

    Placeholders (an all-zero GUID) and wrappers of opened values are left out: they say nothing of anybody.
    """
    wanted = ("exchange", "event", "value_size", "value_hash", "delivered", "candidate", "evidence_level")
    found = telling(frames, [*KEYS, *wanted])
    table = counted(numbered(found)) if len(found) else pd.DataFrame(columns=SUMMARY.names)
    table.attrs["completeness"] = coverage.line(frames)
    return table


def telling(frames: Frames, columns: list[str]) -> pd.DataFrame:
    """Return the leaves that were sent and say something: without placeholders and wrappers of opened values."""
    leaves = frames.leaves(list(dict.fromkeys([*columns, "sent", "because", "property"])))
    return leaves[leaves["sent"] & ~leaves["because"].isin(NOTHING) & (leaves["property"] != WRAPPER)]


def numbered(leaves: pd.DataFrame) -> pd.DataFrame:
    """Return the leaves with numbers for their request, event and strength, which count faster than words."""
    words = len(leaves["exchange"].cat.categories)
    request = leaves["run"].cat.codes.astype("int64") * words + leaves["exchange"].cat.codes
    event = request * (int(leaves["event"].max()) + 1) + leaves["event"].astype("int64")
    rank = leaves["evidence_level"].astype("str").map({level: n for n, level in enumerate(LEVELS)}).fillna(len(LEVELS))
    answered = request.where(leaves["delivered"].astype("bool"))
    named = request.isin(request[leaves["class"].isin(IDENTIFIERS)])
    return leaves.assign(requests=request, events=event, delivered=answered, attributed=request.where(named), rank=rank)


def counted(leaves: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each of `KEYS`, in a stable order: what protects most first."""
    groups = leaves.groupby(KEYS, observed=True, sort=False)
    table = groups.agg(
        events=("events", "nunique"),
        requests=("requests", "nunique"),
        delivered=("delivered", "nunique"),
        attributed=("attributed", "nunique"),
        bytes=("value_size", "sum"),
        values=("value_hash", "nunique"),
        candidate=("candidate", "all"),
        run=("run", "first"),
        exchange=("exchange", "first"),
        strongest=("rank", "idxmin"),
    ).reset_index()
    best = leaves.loc[table["strongest"], ["evidence_level", "because"]].reset_index(drop=True)
    table = table.assign(us=table["location"].astype("str").str.startswith("US"), **best)
    table = table.astype({"bytes": "int64", "candidate": "bool"})
    order = pd.DataFrame(
        {
            "category": table["category"].astype("str").map({name: n for n, name in enumerate(CATEGORIES)}),
            "severity": -table["class"].astype("str").map(labels.severity),
            **{name: table[name].astype("str") for name in ("property", "company", "country", "host", "class")},
        }
    )
    position = order.sort_values(list(order.columns), kind="stable").index
    ordered: pd.DataFrame = table.loc[position, SUMMARY.names].reset_index(drop=True)
    return ordered
