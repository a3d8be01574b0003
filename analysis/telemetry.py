"""T4 and T6: telemetry events by level, setting and scenario, and content that slipped into them."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pandas as pd

from portalscope.analysis import labels, schema
from portalscope.analysis.frames import Frames
from portalscope.analysis.local import NOT_ON_WIRE
from portalscope.analysis.parties import joined
from portalscope.analysis.recordings import completed
from portalscope.analysis.summary import LEVELS, telling

STATED = {1: "required", 2: "optional", 110: "required service data", 120: "required service data, essential services"}
STREAMS = ("telemetry", "crash", "advertising/analytics")  # purposes of hosts that get diagnostics
PLANTED = "planted "  # what the detail of such a ground says before the name
CONTENT, PATH = "C1", "userPath"  # a class, and a property that holds a path with a person's name in it
SETTING = ("windows_level", "office_level", "usage_data", "optional_connected_experiences", "telemetry", "level", "arm")
MINUTE, HOUR = 60.0, 3600.0  # seconds

OVERVIEW = schema.table(
    "T4 Telemetry by level: event names, the level that the sender states, and how often under which settings.",
    [
        schema.must("adapter", schema.WORD, "The adapter."),
        schema.must("event", schema.WORD, "Name of the event."),
        schema.may("level", schema.INT, "Level that the sender states; null when it states none."),
        schema.must("stated", schema.WORD, "The same in words; `not stated` when it states none."),
        schema.must("run", schema.WORD, "Recording."),
        schema.must("app", schema.TEXT, "App of the recording, with its version."),
        schema.must("settings", schema.TEXT, "Settings of the recording that say what may be sent."),
        schema.must("scenario", schema.TEXT, "What the researcher did."),
        schema.must("events", schema.SIZE, "Events in this recording; 0 where another recording has them."),
        schema.must("requests", schema.SIZE, "Requests that carried them."),
        schema.must("delivered", schema.SIZE, "Events in requests that were answered."),
        schema.may(
            "per_hour", schema.REAL, "Events in an hour of the recording; null when it is shorter than a minute."
        ),
        schema.must("hosts", schema.TEXT, "Hosts that got them; `local-transcript` when seen on the device alone."),
        schema.may("first", schema.TIME, "Time of the first."),
        schema.may("last", schema.TIME, "Time of the last."),
    ],
)
INCIDENTS = schema.table(
    "T6 Content incidents: what a person or organisation wrote (class C1), or a path with a user's name, in telemetry.",
    [
        schema.must("adapter", schema.WORD, "The adapter."),
        schema.must("event", schema.WORD, "Name of the event or request."),
        schema.must("field", schema.TEXT, "`part:shape` of the field."),
        schema.must("property", schema.WORD, "What it is: file name, path, URL, search term, message."),
        schema.must("class", schema.WORD, "Its class."),
        schema.must("certain", schema.FLAG, "True: more than name and look of the field speaks for it."),
        schema.must("evidence_level", schema.WORD, "Level of the strongest ground."),
        schema.must("because", schema.WORD, "The strongest ground."),
        schema.must("detail", schema.TEXT, "Which planted value, tag or rule."),
        schema.must("planted", schema.TEXT, "Names of planted values that stand in it, whole or in part."),
        schema.must("tags", schema.WORD, "What the sender itself says of the value."),
        schema.must("leaves", schema.SIZE, "How often it was sent."),
        schema.must("values", schema.SIZE, "With how many different values."),
        schema.must("largest", schema.SIZE, "Bytes of the largest value."),
        schema.must("company", schema.TEXT, "Who got it."),
        schema.must("place", schema.TEXT, "Where, with how sure that is."),
        schema.must("hosts", schema.TEXT, "Hosts."),
        schema.must("runs", schema.TEXT, "Recordings."),
        schema.must("run", schema.WORD, "Recording in which it was seen first."),
        schema.must("exchange", schema.WORD, "Exchange in which it was seen first."),
    ],
)


def overview(frames: Frames) -> pd.DataFrame:
    """Return the table that `OVERVIEW` describes: one row an event, level and recording.

    A recording of the same app that lacks the event has a row with 0: that is what settings are compared by.
    """
    found = records(frames)
    about = {str(row["run"]): described(row) for row in frames.runs.to_dict("records")}
    app = dict(zip(frames.runs["run"].astype("str"), frames.runs["app"], strict=True))
    spans = durations(frames)
    rows: list[dict[str, Any]] = []
    for key, events in found.groupby(["adapter", "name", "level"], dropna=False, sort=True):
        adapter, name, level = cast("tuple[str, str, Any]", key)
        said = {"adapter": adapter, "event": name, **stated(level)}
        apps = {app[run] for run in events["run"].unique()}
        rows += [
            {**said, "run": run, **about[run], **counted(events[events["run"] == run], spans[run])}
            for run in frames.names
            if app[run] in apps
        ]
    table = pd.DataFrame(rows, columns=OVERVIEW.names).astype({"level": "Int32", "per_hour": "Float64"})
    return completed(table, frames)


def stated(level: Any) -> dict[str, Any]:  # noqa: ANN401 - a number, or what pandas has for none
    """Return the level that a sender states, as number and in words."""
    number = None if pd.isna(level) else int(level)
    words = "not stated" if number is None else STATED.get(number, f"level {number}")
    return {"level": number, "stated": words}


def counted(events: pd.DataFrame, seconds: float) -> dict[str, Any]:
    """Return how often an event is in a recording of some seconds, where it went, and when."""
    return {
        "events": len(events),
        "requests": events["exchange"].nunique(),
        "delivered": int(events["delivered"].sum()),
        "per_hour": len(events) * HOUR / seconds if seconds >= MINUTE else None,
        "hosts": joined(sorted(set(events["host"]))),
        "first": events["when"].min() if len(events) else None,
        "last": events["when"].max() if len(events) else None,
    }


def records(frames: Frames) -> pd.DataFrame:
    """Return the telemetry records with adapter, host, whether they were delivered, and when the sender made them."""
    keys = ["run", "exchange"]
    found = frames.events[frames.events["kind"] == "record"].astype({**dict.fromkeys(keys, "str"), "name": "str"})
    about = frames.exchanges[[*keys, "adapter", "host", "at", "delivered"]]
    about = about.astype({**dict.fromkeys([*keys, "adapter", "host"], "str"), "delivered": "bool"})
    table = found.merge(about, on=keys, how="left")
    return table.assign(when=table["time"].where(table["time"].notna(), table["at"]))


def described(row: dict[Any, Any]) -> dict[str, str]:
    """Return app, settings and scenario of a recording."""
    settings: dict[str, str] = json.loads(str(row["settings"]))
    told = [f"{name} {settings[name]}" for name in SETTING if settings.get(name)]
    app = " ".join(filter(None, (str(row["app"]), str(row["app_version"]))))
    return {"app": app, "settings": "; ".join(told), "scenario": str(row["scenario"])}


def durations(frames: Frames) -> dict[str, float]:
    """Return the seconds between the first and the last request of each recording."""
    times = frames.exchanges.groupby(frames.exchanges["run"].astype("str"))["at"].agg(["min", "max"])
    spans = {str(run): (row["max"] - row["min"]).total_seconds() for run, row in times.iterrows()}
    return {run: float(spans.get(run, 0.0)) for run in frames.names}


def incidents(frames: Frames) -> pd.DataFrame:
    """Return the table that `INCIDENTS` describes: what is certain first, then what most speaks for.

    Telemetry is every record, and every request to a host that gets diagnostics. Content in other traffic (a document
    that is saved, a search) is what that traffic is for: it is no incident and not in this table.
    """
    columns = [
        "exchange",
        "adapter",
        "event_name",
        "kind",
        "part",
        "shape",
        "class",
        "tags",
        "detail",
        "grounds",
        "candidate",
    ]
    where = ["evidence_level", "host", "company", "country", "location", "purpose", "value_hash", "value_size"]
    leaves = telling(frames, [*columns, *where, "property"])
    stream = (leaves["kind"] == "record") | leaves["purpose"].isin(STREAMS)
    leaves = leaves[stream & ((leaves["class"] == CONTENT) | (leaves["property"] == PATH))]
    keys = ["adapter", "event_name", "part", "shape", "property", "class"]
    rows = [incident(key, rows) for key, rows in leaves.groupby(keys, observed=True, sort=True)]
    table = pd.DataFrame(rows, columns=INCIDENTS.names)
    order = table.assign(
        certain=~table["certain"].astype("bool"),
        evidence_level=table["evidence_level"].map({level: n for n, level in enumerate(LEVELS)}),
    )
    position = order.sort_values(["certain", "evidence_level", "adapter", "event", "field"], kind="stable").index
    return completed(table.loc[position].reset_index(drop=True), frames)


def incident(key: Any, rows: pd.DataFrame) -> dict[str, Any]:  # noqa: ANN401 - a key of groupby
    """Return one row: a field with content in it."""
    adapter, event, part, shape, name, code = map(str, key)
    ranks = {level: n for n, level in enumerate(LEVELS)}
    best = rows.iloc[int(rows["evidence_level"].astype("str").map(ranks).to_numpy().argmin())]
    first = rows.iloc[0]
    return {
        "adapter": adapter,
        "event": event,
        "field": f"{part}:{shape}",
        "property": name,
        "class": code,
        "certain": not rows["candidate"].astype("bool").all(),
        **{column: str(best[column]) for column in ("evidence_level", "because", "detail", "tags")},
        "planted": joined(sorted({name for text in rows["grounds"].unique() for name in planted(str(text))})),
        "leaves": len(rows),
        "values": rows["value_hash"].nunique(),
        "largest": int(rows["value_size"].max()),
        "company": joined(sorted(set(rows["company"].astype("str")))),
        "place": joined(places(rows)),
        "hosts": joined(sorted(set(rows["host"].astype("str")))),
        "runs": joined(rows["run"].astype("str").unique()),
        "run": str(first["run"]),
        "exchange": str(first["exchange"]),
    }


def planted(grounds: str) -> Iterator[str]:
    """Give the names of the planted values among the grounds of a field."""
    for ground in json.loads(grounds):
        if ground["because"] == "planted":
            yield ground["detail"].partition(PLANTED)[2].partition(",")[0]


def places(rows: pd.DataFrame) -> Iterator[str]:
    """Give the places of some leaves, with how sure each is."""
    for country, location in sorted({(str(a), str(b)) for a, b in zip(rows["country"], rows["location"], strict=True)}):
        sure = labels.certainty(location)
        local = "seen on the device alone: upload not proven"
        yield local if location == NOT_ON_WIRE else labels.place(country, location) + (f" ({sure})" if sure else "")
