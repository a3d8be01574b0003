"""Claims as tests: for each claim whether these recordings support it, contradict it, or cannot test it, and why."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from portalscope.analysis import access_request, apps, coverage, labels, schema
from portalscope.analysis.claim_view import KEYS, UNSTATED, View, chosen
from portalscope.analysis.claims import Claim, Claims
from portalscope.analysis.frames import Frames

SUPPORTED, CONTRADICTED, NOT_TESTABLE = "supported", "contradicted", "not testable here"
DAY, HOUR = 86_400.0, 3600.0
MOST = 20  # exchanges and fields that are listed

VERDICTS = schema.table(
    "What vendors say, and what these recordings say of it: one row a claim.",
    [
        schema.must("id", schema.WORD, "Id of the claim."),
        schema.must(
            "verdict", schema.WORD, f"`{SUPPORTED}`, `{CONTRADICTED}` or `{NOT_TESTABLE}`; never more than that."
        ),
        schema.must("text", schema.TEXT, "The vendor's words."),
        schema.must("dated", schema.WORD, "Date of the page."),
        schema.must("sources", schema.TEXT, "Where it can be read."),
        schema.must("because", schema.TEXT, "What decided, in words."),
        schema.must("needs", schema.TEXT, "What would be needed to test it; empty when nothing is missing."),
        schema.must("runs", schema.TEXT, "Recordings that were looked at."),
        schema.must("looked_at", schema.SIZE, "Leaves that were looked at."),
        schema.must("deciding", schema.SIZE, "Leaves that decided."),
        schema.must("undecided", schema.SIZE, "Leaves of which only name or look speaks, or that do not decide alone."),
        schema.must("not_understood", schema.SIZE, "Leaves looked at of which nobody knows what they are."),
        schema.must("fields", schema.TEXT, f"JSON list: the fields that decided, the first {MOST}."),
        schema.must("exchanges", schema.TEXT, f"JSON list: the exchanges that decided, the first {MOST}."),
        schema.must("note", schema.TEXT, "What a reader must know besides."),
    ],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A verdict with its reasons; `hits` are the leaves that decided."""

    verdict: str
    because: str
    needs: str = ""
    runs: tuple[str, ...] = ()
    looked_at: int = 0
    undecided: int = 0
    unknown: int = 0
    hits: pd.DataFrame | None = None


def verdicts(
    frames: Frames, claims: Claims, key: bytes | None = None, answer: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the table that `VERDICTS` describes, in the order of the claims.

    `key` is that of the dataset's hashes: without it nobody sees which app an event states, and a recording's own word
    on its app decides. `answer` is what `access_request.comparison` made of the vendor's answer, if there is one.
    """
    view = View(frames, key, answer)
    rows = [row(claims, claim, tested(claim, view)) for claim in claims.claims.values()]
    table = pd.DataFrame(rows, columns=VERDICTS.names)
    table.attrs["completeness"] = coverage.line(frames)
    return table


def tested(claim: Claim, view: View) -> Verdict:
    """Return the verdict on one claim."""
    if claim.expect == "documents":
        return Verdict(
            verdict=NOT_TESTABLE, because="traffic cannot show who may do what: the vendor's own texts stand against it"
        )
    if claim.expect == "answer":
        return answered(view)
    runs = view.tested(claim, claim.settings)
    if not runs:
        return untested(claim, view)
    scope = view.scope(claim, runs)
    looked = Verdict(
        verdict=NOT_TESTABLE,
        because="nothing of what the claim speaks of was sent in these recordings",
        needs=f"a recording in which {asked(claim)} is sent",
        runs=runs,
        looked_at=len(scope),
        unknown=int((scope["class"] == "U1").sum()),
    )
    if claim.expect == "kilobytes":
        return measured(claim, view, looked)
    return decided(claim, view, scope, looked)


def untested(claim: Claim, view: View) -> Verdict:
    """Return the verdict when there is no recording that the claim speaks of, saying which is missing."""
    there = view.runs(claim.settings)
    switches = " and ".join(f"{name} = {' or '.join(words)}" for name, words in claim.settings.items())
    title = apps.app(claim.app).title if claim.app else ""
    needs = "a recording" + (f" of {title}" if title else "") + (f" with {switches}" if switches else "")
    if not there:
        because = f"no recording has the settings {switches}"
    else:
        because = f"no {title} event is in these recordings: none states one of its ids, and no recording names it"
        because += "" if view.key else "; without the key of the dataset the ids that events state cannot be compared"
    return Verdict(verdict=NOT_TESTABLE, because=because, needs=needs, runs=there)


def asked(claim: Claim) -> str:
    """Return what a claim speaks of, in words."""
    within = [word for words in claim.within.values() for word in words if word not in ("record", UNSTATED)]
    what = apps.app(claim.app).title if claim.app else labels.listed(within, most=3) or "anything"
    return f"telemetry of {what}" if claim.app else what


def decided(claim: Claim, view: View, scope: pd.DataFrame, looked: Verdict) -> Verdict:
    """Return the verdict of a test that looks at leaves."""
    hits = asked_for(claim, scope)
    weak = hits["candidate"].astype("bool") | (hits["class"] == "U1")
    if claim.unsure:
        weak |= chosen(hits, claim.unsure)
    firm = hits[~weak]
    looked = replace(looked, undecided=int(weak.sum()), hits=firm)
    if claim.expect == "some":
        return some(claim, scope, looked)
    if len(firm):
        return replace(looked, verdict=CONTRADICTED, because=said_of(firm, claim, view, scope), needs="")
    if reason := lacking(claim, view, scope, looked):
        return replace(looked, because=reason[0], needs=reason[1])
    return replace(looked, verdict=SUPPORTED, because=absent(claim, view, scope, looked), needs="")


def some(claim: Claim, scope: pd.DataFrame, looked: Verdict) -> Verdict:
    """Return the verdict of a claim that something is sent."""
    if scope.empty:
        return looked
    shares = f"; {shared(scope, claim.share)}" if claim.share else ""
    count = 0 if looked.hits is None else events(looked.hits)
    because = f"{count:,} of {labels.counted(events(scope), 'event')} fit{shares}"
    return replace(looked, verdict=SUPPORTED if count else CONTRADICTED, because=because, needs="")


def lacking(claim: Claim, view: View, scope: pd.DataFrame, looked: Verdict) -> tuple[str, str] | None:
    """Say why the absence of something proves nothing here, and what is needed; None when it does."""
    title = apps.app(claim.app).title if claim.app else "what was tested"
    runs = set(looked.runs)
    if claim.control:
        control = view.scope(claim, view.tested(claim, claim.control))
        switches = " and ".join(f"{name} = {' or '.join(words)}" for name, words in claim.control.items())
        if control.empty:
            return "nothing shows that it would have been sent otherwise", f"a recording of {title} with {switches}"
    elif scope.empty:
        return looked.because, looked.needs
    if missing := [one for one in claim.planted if not any(one in view.planted[run] for run in runs)]:
        kinds = labels.listed(labels.lowered(labels.property_label(one)) for one in missing)
        return f"no value was planted for {kinds}", f"a recording of {title} with a planted {kinds}"
    planted = view.leaves[view.leaves["run"].isin(runs) & (view.leaves["because"] == "planted")]
    if claim.planted and planted.empty:
        return (
            "no planted value was found anywhere: nothing shows that the search works",
            "a planted value that is sent",
        )
    if looked.undecided:
        because = (
            f"{labels.counted(looked.undecided, 'value')} needs a closer look: {fields_of(asked_for(claim, scope))}"
        )
        return because.replace("values needs", "values need"), "somebody who looks at these fields"
    return None


def asked_for(claim: Claim, scope: pd.DataFrame) -> pd.DataFrame:
    """Return the values that a claim asks for, without what it allows."""
    hits = scope[chosen(scope, claim.leaves)]
    return hits[~hits["property"].isin(claim.allowed)] if claim.expect == "only" else hits


def fields_of(leaves: pd.DataFrame) -> str:
    """Name the fields of some values: `Start :: body:[].data.x`."""
    found = leaves[["event_name", "part", "shape"]].astype("str").drop_duplicates()
    return labels.listed((f"{event} :: {part}:{shape}" for event, part, shape in found.to_numpy()), most=3)


def said_of(hits: pd.DataFrame, claim: Claim, view: View, scope: pd.DataFrame) -> str:
    """Say what speaks against a claim."""
    kinds = hits[["property", "class"]].astype("str").drop_duplicates().to_numpy()
    told = labels.listed(f"{labels.lowered(labels.property_label(name))} ({code})" for name, code in kinds)
    named = labels.listed(sorted(set(hits["event_name"].astype("str"))), most=4)
    counts = f"{events(hits):,} of {labels.counted(events(scope), 'event')}"
    return "; ".join([f"{told} in {counts}: {named}", *besides(claim, view, scope)])


def absent(claim: Claim, view: View, scope: pd.DataFrame, looked: Verdict) -> str:
    """Say that nothing speaks against a claim, and how far that goes. It is no proof that nothing is ever sent."""
    where = f"in {labels.counted(len(looked.runs), 'recording')}: {labels.listed(looked.runs)}"
    found = (
        f"nothing of it was recognised among {len(scope):,} values of {labels.counted(events(scope), 'event')}, {where}"
    )
    blind = coverage.coverage(view.frames)
    limits = [
        f"{looked.unknown:,} of them are not understood" if looked.unknown else "",
        f"{blind.unread:,} bytes could not be read" if blind.unread else "",
        f"{labels.counted(blind.closed, 'host')} could not be looked into" if blind.closed else "",
    ]
    return "; ".join(filter(None, [found, *limits, *besides(claim, view, scope)]))


def besides(claim: Claim, view: View, scope: pd.DataFrame) -> list[str]:
    """Say what does not decide and is told: who says whose events these are, counted kinds, local transcripts."""
    told = []
    if claim.app:
        by = view.of_app(claim.app).merge(scope[KEYS].drop_duplicates(), on=KEYS)["by"].value_counts()
        words = {
            apps.BY_EVENT: "state the app's id (that the app itself sent them a recording cannot show)",
            apps.BY_RUN: "are the app's by the recording's word",
        }
        told += [f"{by[name]:,} events {said}" for name, said in words.items() if name in by]
    for name in claim.mention:
        count = int((scope["property"] == name).sum())
        told.append(f"{labels.lowered(labels.property_label(name))}: {count:,}")
    local = view.frames.runs[view.frames.runs["source_kind"] == "local_transcript"]["run"]
    if scope["run"].isin(list(local)).any():
        told.append("part of it was seen on the device alone: its upload is not proven")
    return told


def events(leaves: pd.DataFrame) -> int:
    """Return the number of events that leaves are in."""
    return len(leaves[KEYS].drop_duplicates())


def shared(scope: pd.DataFrame, column: str) -> str:
    """Return the share of events by a column: `mobile.events.data.microsoft.com 78 %`."""
    counts = scope.drop_duplicates(KEYS).groupby(column, observed=True).size().sort_values(ascending=False)
    return ", ".join(f"{name} {coverage.percent(int(n), int(counts.sum()))}" for name, n in counts.items())


def measured(claim: Claim, view: View, looked: Verdict) -> Verdict:
    """Return the verdict on a number of kilobytes a day."""
    exchanges = view.frames.exchanges.astype({"run": "str"})
    long, rates = [], {}
    for run in looked.runs:
        found = exchanges[exchanges["run"] == run]
        seconds = (found["at"].max() - found["at"].min()).total_seconds() if len(found) else 0.0
        sent = found[chosen(found, {"host": claim.within.get("host", ("*",))})]
        if seconds >= claim.hours * HOUR and len(sent):
            long.append(run)
            rates[run] = float(sent["request_bytes"].sum()) / 1000 * DAY / seconds
    if not long:
        because = f"no recording of {claim.hours:g} hours has such requests"
        return replace(looked, because=because, needs=f"a recording of {claim.hours:g} hours that can be read")
    low, high = claim.between
    inside = all(low <= rate <= high for rate in rates.values())
    told = ", ".join(f"{run}: {rate:,.0f} kB a day" for run, rate in rates.items())
    return replace(looked, verdict=SUPPORTED if inside else CONTRADICTED, because=told, needs="", runs=tuple(long))


def answered(view: View) -> Verdict:
    """Return the verdict that needs the vendor's answer to an access request."""
    if view.answer is None:
        because = "there is no answer to an access request beside these recordings"
        return Verdict(verdict=NOT_TESTABLE, because=because, needs="the vendor's export, with `portalscope dsar`")
    counts = access_request.counts(view.answer)
    sent, both = counts.get(access_request.SENT, 0), counts.get(access_request.BOTH, 0)
    because = f"{sent:,} of {sent + both:,} events that were sent are not in the answer"
    if not sent + both:
        return Verdict(verdict=NOT_TESTABLE, because="no telemetry event was sent", needs="a recording with telemetry")
    return Verdict(verdict=SUPPORTED if sent else CONTRADICTED, because=because, runs=view.frames.names)


def row(claims: Claims, claim: Claim, found: Verdict) -> tuple[object, ...]:
    """Return one row of the table."""
    hits = found.hits if found.hits is not None and found.verdict != NOT_TESTABLE else None
    where = [] if hits is None else listed(hits, ["run", "exchange"])
    which = [] if hits is None else listed(hits, ["event_name", "part", "shape", "property", "class", "evidence_level"])
    about = (claim.text, claim.dated, claims.cited(claim), found.because, found.needs, "; ".join(found.runs))
    counts = (found.looked_at, 0 if hits is None else len(hits), found.undecided, found.unknown)
    return (claim.id, found.verdict, *about, *counts, json.dumps(which), json.dumps(where), claim.note)


def listed(hits: pd.DataFrame, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return the first different rows of some columns."""
    found = hits[list(columns)].astype("str").drop_duplicates().head(MOST)
    return [{str(name): str(value) for name, value in row.items()} for row in found.to_dict("records")]
