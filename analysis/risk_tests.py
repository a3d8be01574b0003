"""The tests behind the five risks: what the recordings hold of owners, behaviour, identifiers, gaps and places."""

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from portalscope.analysis import apps, coverage, documented, labels, parties
from portalscope.analysis.documented_names import NOT, SEEN, SOURCE_CODE, UNSEEN
from portalscope.analysis.frames import Frames
from portalscope.analysis.summary import IDENTIFIERS, NOTHING, WRAPPER, summary
from portalscope.analysis.telemetry import HOUR, MINUTE, STREAMS, durations

APP = "company-portal"
FOUND, PARTLY, ABSENT, UNTESTED = "seen", "indications", "not_seen", "not_testable"
MANAGEMENT = ("management", "enrolment", "app protection", "product function")
OWNER, INVENTORY = "ownershipType", "appInventory"
OWNERS = ("personal", "corporate")  # positions of the setting `ownership`
PERSONAL = ("personal", "pseudonymous", "behaviour")
COLUMNS = ("exchange", "event", "event_name", "kind", "part", "shape", "property", "class", "category", "candidate")
WHERE = ("sent", "because", "host", "company", "purpose", "role", "value_hash")
PAIR = "two recordings of the same device, ownership = personal and ownership = corporate"


class Result(NamedTuple):
    """What one test found: a verdict, sentences, counts, and the values that are the evidence."""

    verdict: str
    seen: list[str]
    numbers: dict[str, int]
    evidence: pd.DataFrame
    missing: tuple[str, ...] = ()


class Subject:
    """What the risks are tested on: the app's telemetry where there is any, else all telemetry of the recordings."""

    def __init__(self, frames: Frames, key: bytes | None = None) -> None:
        self.frames = frames
        self.of_app = apps.events_of(frames, APP, key)

    @cached_property
    def both_ways(self) -> pd.DataFrame:
        """All values, sent and received, for which more than heuristics speaks; `stream` is true in telemetry."""
        found = self.frames.leaves([*COLUMNS, *WHERE])
        says = ~found["because"].isin(NOTHING) & (found["property"] != WRAPPER) & ~found["candidate"].astype("bool")
        stream = (found["kind"] == "record") | found["purpose"].isin(STREAMS)
        return found.assign(stream=stream)[says].astype({"run": "str", "exchange": "str", "event": "int64"})

    @cached_property
    def sent(self) -> pd.DataFrame:
        """The values that were sent."""
        return self.both_ways[self.both_ways["sent"].astype("bool")]

    @cached_property
    def telemetry(self) -> pd.DataFrame:
        """The values in telemetry: records, and requests to hosts that get diagnostics."""
        found = self.sent[self.sent["stream"].astype("bool")]
        if self.of_app.empty:
            return found
        mine = pd.MultiIndex.from_frame(self.of_app[["run", "exchange"]].drop_duplicates())
        return found[pd.MultiIndex.from_frame(found[["run", "exchange"]]).isin(mine)]

    @property
    def said(self) -> str:
        """Whose telemetry it is, in words."""
        title = apps.app(APP).title
        if self.of_app.empty:
            return f"No event of {title} is in these recordings: what follows is about all telemetry in them."
        by = self.of_app["by"].value_counts()
        stated, named = int(by.get(apps.BY_EVENT, 0)), int(by.get(apps.BY_RUN, 0))
        return f"{stated:,} events state the id of {title}, {named:,} are of it by the recording's word."


def events(leaves: pd.DataFrame) -> int:
    """Return in how many events some values are."""
    return len(leaves[["run", "exchange", "event"]].drop_duplicates())


def kinds(leaves: pd.DataFrame) -> str:
    """Name the kinds of data of some values."""
    names = leaves["property"].astype("str").unique()
    return labels.listed(labels.lowered(labels.property_label(name)) for name in names)


def ownership(subject: Subject) -> Result:
    """R1: the owner of the device and the app inventory in management traffic, before and after a change."""
    managed = subject.both_ways[subject.both_ways["purpose"].isin(MANAGEMENT)]
    owner = managed[managed["property"] == OWNER]
    inventory = managed[(managed["property"] == INVENTORY) & managed["sent"].astype("bool")]
    numbers = {
        "management_events": events(managed),
        "owner_stated": events(owner),
        "inventory_events": events(inventory),
    }
    seen = [
        f"{labels.counted(numbers['management_events'], 'event')} of device management and enrolment were read.",
        f"The owner of the device is stated in {labels.counted(numbers['owner_stated'], 'event')}.",
        f"App inventory was sent in {labels.counted(numbers['inventory_events'], 'event')}.",
    ]
    shown = pd.concat([owner, inventory])
    runs = {word: with_setting(subject.frames, "ownership", word) for word in OWNERS}
    if not all(runs.values()) or managed.empty:
        return Result(PARTLY if len(inventory) else UNTESTED, seen, numbers, shown, missing=(PAIR,))
    before, after = (events(inventory[inventory["run"].isin(runs[word])]) for word in OWNERS)
    seen.append(f"App inventory as a personal device: {before:,} events; as a corporate device: {after:,}.")
    verdict = FOUND if after > before else PARTLY if len(inventory) else ABSENT
    return Result(verdict, seen, {**numbers, "personal": before, "corporate": after}, shown)


def with_setting(frames: Frames, name: str, word: str) -> list[str]:
    """Return the recordings in which a switch has this position."""
    said = zip(frames.runs["run"], frames.runs["settings"], strict=True)
    return [str(run) for run, settings in said if json.loads(settings).get(name, "").casefold() == word]


def behaviour(subject: Subject) -> Result:
    """R2: behaviour in telemetry, how often, and beside which identifiers."""
    telemetry = subject.telemetry
    found = telemetry[telemetry["class"] == "B1"]
    keys = ["run", "exchange"]
    named = pd.MultiIndex.from_frame(telemetry[telemetry["class"].isin(IDENTIFIERS)][keys].drop_duplicates())
    tied = found[pd.MultiIndex.from_frame(found[keys]).isin(named)]
    hours = sum(seconds for seconds in durations(subject.frames).values() if seconds >= MINUTE) / HOUR
    numbers = {"events": events(telemetry), "with_behaviour": events(found), "beside_an_identifier": events(tied)}
    if not numbers["events"]:
        return Result(UNTESTED, ["No telemetry was sent."], numbers, found)
    held = f": {kinds(found)}" if len(found) else ""
    seen = [f"{numbers['with_behaviour']:,} of {labels.counted(numbers['events'], 'event')} hold behaviour{held}."]
    seen.append(
        f"{numbers['beside_an_identifier']:,} of them stand in a request with an identifier of person or device."
    )
    if hours:
        seen.append(f"That is {numbers['with_behaviour'] / hours:,.0f} events an hour of recording.")
    verdict = FOUND if len(tied) else PARTLY if len(found) else ABSENT
    return Result(verdict, seen, numbers, tied if len(tied) else found)


def purposes(subject: Subject) -> Result:
    """R3: what telemetry is for, whether its identifiers stand elsewhere, and who else gets data."""
    telemetry = subject.telemetry
    own = telemetry[telemetry["class"].isin(IDENTIFIERS) & telemetry["value_hash"].notna()]
    others = subject.sent[~subject.sent["stream"].astype("bool")]
    joined = own[own["value_hash"].isin(others["value_hash"].dropna())]
    direct = own[own["class"] == "D1"]
    third = parties.third_parties(subject.frames)
    third = third[third["kind"] == "third party"]
    numbers = {
        "identifying_values": own["value_hash"].nunique(),
        "naming_a_person": direct["value_hash"].nunique(),
        "elsewhere_as_well": joined["value_hash"].nunique(),
        "third_parties": third["company"].nunique(),
    }
    if telemetry.empty:
        return Result(UNTESTED, ["No telemetry was sent."], numbers, own)
    roles = labels.listed(sorted(set(telemetry["role"].astype("str")) - {""}))
    elsewhere = f": {kinds(joined)}" if len(joined) else ""
    hosts = labels.counted(telemetry["host"].nunique(), "host")
    named = f"{numbers['naming_a_person']:,} of them name a person"
    seen = [
        f"Telemetry went to {hosts}; their role as the operator states it: {roles or 'not stated'}.",
        f"{numbers['identifying_values']:,} identifying values are in it; {named}.",
        f"{numbers['elsewhere_as_well']:,} of them stand in traffic for another purpose as well{elsewhere}.",
        f"Third parties among the hosts: {', '.join(sorted(set(third['company']))) or 'none recognised'}.",
    ]
    tied = len(joined) or len(direct)
    shown = pd.concat([direct, joined]) if tied else own
    return Result(FOUND if tied else PARTLY if len(own) else ABSENT, seen, numbers, shown)


def transparency(subject: Subject) -> Result:
    """R4: what of the telemetry is documented, and what nobody can read."""
    told = of_subject(subject, documented.documented(subject.frames))
    counts = {what: told[told["what"] == what]["status"].value_counts() for what in ("event", "field")}
    numbers = {f"{what}s": int(found.sum()) for what, found in counts.items()}
    for status in (SEEN, SOURCE_CODE, NOT):
        numbers |= {f"{what}s {status}": int(found.get(status, 0)) for what, found in counts.items()}
    numbers["unread bytes"] = coverage.coverage(subject.frames).unread
    shown = undocumented(subject.telemetry, told[(told["what"] == "field") & (told["status"] == NOT)])
    if not numbers["fields"]:
        return Result(UNTESTED, ["No telemetry record was sent."], numbers, shown)
    held = "are in the documentation that we hold"
    seen = [f"{numbers[f'{what}s {SEEN}']:,} of {numbers[f'{what}s']:,} {what}s {held}." for what in ("event", "field")]
    seen.append(f"{numbers[f'fields {SOURCE_CODE}']:,} fields are named in published source code alone.")
    seen.append(f"{numbers[f'fields {NOT}']:,} fields are named in nothing that we hold.")
    gaps = numbers[f"fields {NOT}"] or numbers[f"events {NOT}"]
    verdict = FOUND if gaps else PARTLY if numbers[f"fields {SOURCE_CODE}"] else ABSENT
    return Result(verdict, seen, numbers, shown)


def of_subject(subject: Subject, told: pd.DataFrame) -> pd.DataFrame:
    """Return what was seen, of the app's events alone where there are any."""
    told = told[told["status"] != UNSEEN]
    if subject.of_app.empty:
        return told
    keys = ["run", "exchange", "event"]
    named = subject.frames.events.astype({"run": "str", "exchange": "str"}).merge(subject.of_app, on=keys)["name"]
    return told[told["event"].isin(set(named.astype("str")))]


def undocumented(telemetry: pd.DataFrame, missing: pd.DataFrame) -> pd.DataFrame:
    """Return the values of telemetry that stand in fields which are not documented."""
    wanted = set(zip(missing["event"], missing["field"], strict=True))
    places = telemetry["shape"].map({shape: documented.place(shape) for shape in telemetry["shape"].unique()})
    pairs = zip(telemetry["event_name"].astype("str"), places, strict=True)
    return telemetry[pd.Series([pair in wanted for pair in pairs], index=telemetry.index, dtype="bool")]


def transfer(subject: Subject) -> Result:
    """R5: which diagnostic data went to servers in the United States, and to companies with a seat there."""
    rows = summary(subject.frames)
    diagnostic = rows["host"].isin(subject.telemetry["host"].astype("str").unique())
    rows = rows[diagnostic & rows["category"].isin(PERSONAL) & ~rows["candidate"].astype("bool")]
    there, nowhere, seated = (
        rows[rows["us"].astype("bool")],
        rows[rows["country"].astype("str") == ""],
        rows[rows["seat"] == "US"],
    )
    numbers = {
        "kinds_of_data": rows["property"].nunique(),
        "to_us_proven": there[there["location"] == "US proven"]["property"].nunique(),
        "to_us_likely": there[there["location"] == "US likely"]["property"].nunique(),
        "country_not_known": nowhere["property"].nunique(),
        "to_companies_seated_in_us": seated["property"].nunique(),
    }
    if rows.empty:
        said = ["No personal data were recognised in telemetry."]
        return Result(UNTESTED if subject.telemetry.empty else ABSENT, said, numbers, subject.telemetry.iloc[:0])
    seen = [
        f"{labels.counted(numbers['kinds_of_data'], 'kind')} of personal data went out with telemetry.",
        f"{numbers['to_us_proven']:,} went to servers proven to be in the United States.",
        f"{numbers['to_us_likely']:,} went to servers that likely are there.",
        f"{numbers['country_not_known']:,} went to servers of which the country is not known.",
        f"{numbers['to_companies_seated_in_us']:,} went to companies with a seat there, wherever the server is.",
    ]
    hosts = (there if len(there) else seated if len(seated) else rows)["host"]
    shown = subject.telemetry[subject.telemetry["host"].isin(hosts) & subject.telemetry["category"].isin(PERSONAL)]
    verdict = FOUND if numbers["to_us_proven"] else PARTLY if len(there) or len(nowhere) or len(seated) else ABSENT
    return Result(verdict, seen, numbers, shown)


TESTS: Mapping[str, Callable[[Subject], Result]] = {
    "R1": ownership,
    "R2": behaviour,
    "R3": purposes,
    "R4": transparency,
    "R5": transfer,
}
