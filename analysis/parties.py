"""T2, T3 and T10: who got something, where and what for: all hosts, third parties, transfers."""

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from portalscope.analysis import exhibits, labels, schema
from portalscope.analysis.countries import transfer_status
from portalscope.analysis.frames import Frames
from portalscope.analysis.local import NOT_ON_WIRE
from portalscope.analysis.recordings import completed
from portalscope.analysis.summary import summary

FIRST_PARTY = "Microsoft"  # group of companies that makes the apps and runs the services under test
PLATFORMS = ("Alphabet", "Apple")  # groups that make the operating systems of phones

ENDPOINTS = schema.table(
    "T2 Endpoints: hosts, whose and where they are, what for, in which recordings, and whether they could be read.",
    [
        schema.must("host", schema.WORD, "Name of the host."),
        schema.must("company", schema.WORD, "Company behind it."),
        schema.must("group", schema.WORD, "Its group of companies; empty when unknown."),
        schema.must("seat", schema.WORD, "Country of its seat."),
        schema.must("purpose", schema.WORD, "What the host is for."),
        schema.must("service", schema.WORD, "Service behind it."),
        schema.must("role", schema.WORD, "Role under data protection law, as the operator states it."),
        schema.must("place", schema.TEXT, "Country or area of the servers that answered."),
        schema.must("certainty", schema.TEXT, "`proven` or `likely`; empty when it could not be located."),
        schema.must("basis", schema.TEXT, "The grounds for the place, in words."),
        schema.must("runs", schema.TEXT, "Recordings in which it was asked."),
        schema.must("apps", schema.TEXT, "Apps and platforms of those recordings."),
        schema.must("opened", schema.WORD, "Whether its traffic could be read: `yes`, `partly` or `no`."),
        schema.must("requests", schema.SIZE, "Requests."),
        schema.must("delivered", schema.SIZE, "Requests that were answered."),
        schema.must("records", schema.SIZE, "Telemetry records in them."),
        schema.must("bytes_sent", schema.SIZE, "Bytes of request bodies, as sent."),
        schema.must("bytes_received", schema.SIZE, "Bytes of answers, as sent."),
        schema.must("closed", schema.SIZE, "Connections that could not be read."),
        schema.must("because", schema.WORD, "Where our knowledge of the operator comes from."),
        schema.must("source", schema.TEXT, "Citation for it."),
    ],
)
THIRD_PARTIES = schema.table(
    f"T3 Third parties: every company outside the group {FIRST_PARTY}, by app; also hosts of unknown companies.",
    [
        schema.must("app", schema.TEXT, "App of the recordings; empty when the researcher named none."),
        schema.must("platform", schema.TEXT, "Platform of the recordings."),
        schema.must("company", schema.WORD, "The company."),
        schema.must("group", schema.WORD, "Its group of companies."),
        schema.must("kind", schema.WORD, "`third party`, `platform` (maker of the operating system) or `unknown`."),
        schema.must("seat", schema.WORD, "Country of its seat."),
        schema.must("places", schema.TEXT, "Countries or areas of its servers, with how sure that is."),
        schema.must("hosts", schema.TEXT, "Its hosts."),
        schema.must("purposes", schema.TEXT, "What they are for."),
        schema.must("role", schema.TEXT, "Role as stated by the operator, or `own terms`."),
        schema.must("announced", schema.TEXT, "Documentation that names its hosts; empty when none that we know does."),
        schema.must("requests", schema.SIZE, "Requests to it."),
        schema.must("delivered", schema.SIZE, "Requests that were answered."),
        schema.must("bytes_sent", schema.SIZE, "Bytes of request bodies, as sent."),
        schema.must("personal", schema.TEXT, "Personal and pseudonymous data that it got; `?` marks candidates."),
        schema.must("other", schema.TEXT, "Other data that it got."),
        schema.must("run", schema.WORD, "Recording in which it was asked first."),
        schema.must("exchange", schema.WORD, "First exchange; empty when nothing could be read."),
    ],
)
TRANSFERS = schema.table(
    "T10 Transfers: which data went to which recipient in which country, what for, and what is known of such a place.",
    [
        schema.must("company", schema.WORD, "Recipient."),
        schema.must("seat", schema.TEXT, "Country of its seat."),
        schema.must("place", schema.TEXT, "Country or area of the server."),
        schema.must("certainty", schema.TEXT, "`proven` or `likely`; empty when it could not be located."),
        schema.must("category", schema.WORD, "Category of the data."),
        schema.must("class", schema.WORD, "Class of the data."),
        schema.must("property", schema.WORD, "What it is."),
        schema.must("candidate", schema.FLAG, "True: nothing but heuristics speaks for it."),
        schema.must(
            "attributed", schema.SIZE, "Requests that also hold an identifier of person, device or installation."
        ),
        schema.must("requests", schema.SIZE, "Requests that hold it."),
        schema.must("delivered", schema.SIZE, "Those that were answered."),
        schema.must("purposes", schema.TEXT, "What the hosts are for."),
        schema.must("hosts", schema.TEXT, "The hosts."),
        schema.must("safeguard", schema.TEXT, "What is known of transfers to such a place; no legal judgement."),
        schema.must("as_of", schema.WORD, "Date of that knowledge."),
        schema.must("source", schema.TEXT, "Citation for it."),
        schema.must("evidence_level", schema.WORD, "Level of the strongest ground for what the data are."),
        schema.must("run", schema.WORD, "Recording in which it was seen first."),
        schema.must("exchange", schema.WORD, "Exchange in which it was seen first."),
    ],
)
SENSITIVE = ("personal", "pseudonymous", "behaviour", "secret")


def endpoints(frames: Frames) -> pd.DataFrame:
    """Return the table that `ENDPOINTS` describes, one row a host, by name."""
    known = {str(row["host"]): row for row in exhibits.endpoints(frames)}
    about = frames.endpoints.groupby(frames.endpoints["host"].astype("str")).first()
    traffic = frames.exchanges.assign(records=records(frames))
    rows = []
    for host, row in known.items():
        found = traffic[traffic["host"] == host]
        seen = frames.endpoints[frames.endpoints["host"] == host]["run"].astype("str").unique()
        rows.append(
            {
                **{name: row[name] for name in ("host", "company", "seat", "purpose", "service", "role", "because")},
                **{name: row[name] for name in ("opened", "requests", "closed")},
                "group": str(about.loc[host, "group"]),
                "place": joined(place["name"] for place in row["places"]),
                "certainty": joined(place["sure"] for place in row["places"]),
                "basis": joined(row["bases"]),
                "runs": joined(seen),
                "apps": joined(apps(frames, seen)),
                "delivered": int(found["delivered"].sum()),
                "records": int(found["records"].sum()),
                "bytes_sent": int(found["request_bytes"].sum()),
                "bytes_received": int(found["response_bytes"].sum()),
                "source": labels.citation(row["source"])[0],
            }
        )
    return completed(pd.DataFrame(rows, columns=ENDPOINTS.names), frames)


def records(frames: Frames) -> "pd.Series[int]":
    """Return for each exchange how many telemetry records it carries."""
    counted = frames.events[frames.events["kind"] == "record"].groupby(["run", "exchange"], observed=True).size()
    keys = pd.MultiIndex.from_frame(frames.exchanges[["run", "exchange"]].astype("str"))
    counted.index = pd.MultiIndex.from_tuples(
        [(str(run), str(exchange)) for run, exchange in counted.index], names=keys.names
    )
    return pd.Series(counted.reindex(keys, fill_value=0).to_numpy(), index=frames.exchanges.index)


def apps(frames: Frames, runs: Iterable[str]) -> list[str]:
    """Return app and platform of some recordings, in words."""
    chosen = frames.runs[frames.runs["run"].isin(list(runs))]
    pairs = zip(chosen["app"], chosen["platform"], strict=True)
    return [" on ".join(filter(None, (str(app), str(platform)))) for app, platform in pairs]


def joined(words: Iterable[Any], between: str = "; ") -> str:
    """Return the different words in order, those that are empty left out."""
    return between.join(dict.fromkeys(filter(None, map(str, words))))


def third_parties(frames: Frames) -> pd.DataFrame:
    """Return the table that `THIRD_PARTIES` describes; third parties first, then platforms and unknown companies.

    A host of a company that no table names is listed as well: nobody can say that it is the first party.
    """
    elsewhere = (frames.endpoints["group"] != FIRST_PARTY) & (frames.endpoints["location"] != NOT_ON_WIRE)
    others = frames.endpoints[elsewhere].astype({"run": "str"})
    about = frames.runs[["run", "app", "platform"]].astype("str")
    found = others.merge(about, on="run")
    data = summary(frames)
    groups = found.groupby(["app", "platform", "company"], observed=True, sort=True)
    rows = [party(frames, data, rows, *map(str, key[:2])) for key, rows in groups]
    table = pd.DataFrame(rows, columns=THIRD_PARTIES.names)
    order = table.assign(kind=table["kind"].map({"third party": 0, "unknown": 1, "platform": 2}))
    position = order.sort_values(["kind", "app", "platform", "company"], kind="stable").index
    return completed(table.loc[position].reset_index(drop=True), frames)


def party(frames: Frames, data: pd.DataFrame, rows: pd.DataFrame, app: str, platform: str) -> dict[str, Any]:
    """Return what one company got from one app."""
    hosts = sorted(set(rows["host"].astype("str")))
    asked = frames.exchanges[frames.exchanges["host"].isin(hosts) & frames.exchanges["run"].isin(rows["run"])]
    got = data[data["host"].isin(hosts)]
    group = str(rows["group"].iloc[0])
    named = rows[rows["because"] == "documented"]["source"].astype("str").unique()
    places = (f"{place['name']}{f' ({sure})' if (sure := place['sure']) else ''}" for place in exhibits.places(rows))
    first = asked.iloc[0] if len(asked) else None
    return {
        "app": app,
        "platform": platform,
        "company": str(rows["company"].iloc[0]),
        "group": group,
        "kind": "platform" if group in PLATFORMS else "third party" if group else "unknown",
        "seat": joined(rows["seat"]),
        "places": joined(places),
        "hosts": joined(hosts),
        "purposes": joined(rows["purpose"]),
        "role": joined(rows["role"]),
        "announced": joined(labels.citation(source)[0] for source in named),
        "requests": len(asked),
        "delivered": int(asked["delivered"].sum()),
        "bytes_sent": int(asked["request_bytes"].sum()),
        "personal": joined(named_data(got[got["category"].isin(SENSITIVE)]), ", "),
        "other": joined(named_data(got[~got["category"].isin(SENSITIVE)]), ", "),
        "run": str(first["run"]) if first is not None else str(rows["run"].iloc[0]),
        "exchange": str(first["exchange"]) if first is not None else "",
    }


def named_data(rows: pd.DataFrame) -> list[str]:
    """Return the names of kinds of data, those for which only heuristics speak with a question mark."""
    weak = rows.groupby("property", observed=True, sort=False)["candidate"].all()
    return [f"{name}{'?' if guessed else ''}" for name, guessed in weak.items()]


def transfers(frames: Frames) -> pd.DataFrame:
    """Return the table that `TRANSFERS` describes: the United States first, then who got most kinds of data.

    What was seen on the device alone is left out: nobody is known to have got it.
    """
    table = summary(frames)
    table = table[table["location"] != NOT_ON_WIRE]
    groups = table.groupby(["company", "seat", "country", "location"], observed=True, sort=True)
    parts = [(key, list(transferred(rows))) for key, rows in groups]
    parts.sort(key=lambda part: (not str(part[0][3]).startswith("US"), -len(part[1]), str(part[0][0])))
    rows = [{**recipient(*map(str, key)), **data} for key, part in parts for data in part]
    return completed(pd.DataFrame(rows, columns=TRANSFERS.names), frames)


def recipient(company: str, seat: str, country: str, location: str) -> dict[str, Any]:
    """Return who a recipient is, where, and what is known of transfers to such a place."""
    law = transfer_status(country)
    return {
        "company": company,
        "seat": labels.place(seat, ""),
        "place": labels.place(country, location),
        "certainty": labels.certainty(location),
        "safeguard": law.text,
        "as_of": str(law.as_of),
        "source": labels.citation(law.source)[0] if law.source else "",
    }


def transferred(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Give the kinds of data that one recipient got in one place, with the hosts that got them, people's first."""
    groups = rows.groupby(["category", "class", "property"], observed=True, sort=False)
    keys: list[Any] = list(groups.groups)
    for category, code, name in sorted(keys, key=lambda key: labels.rank(str(key[1]), str(key[2]))):
        part = groups.get_group((category, code, name))
        best = min(exhibits.records(part), key=lambda row: exhibits.strength(str(row["evidence_level"])))
        yield {
            "category": str(category),
            "class": str(code),
            "property": str(name),
            "candidate": bool(part["candidate"].all()),
            **{count: int(part[count].sum()) for count in ("attributed", "requests", "delivered")},
            "purposes": joined(sorted(set(part["purpose"].astype("str")))),
            "hosts": joined(sorted(set(part["host"].astype("str")))),
            **{name: str(best[name]) for name in ("evidence_level", "run", "exchange")},
        }
