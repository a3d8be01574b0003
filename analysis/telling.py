"""Sentences about identifiers, joins and destinations, in English and Dutch; absence is told with what was sought."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from portalscope.analysis import labels, scopes, wordings
from portalscope.analysis.frames import Frames
from portalscope.analysis.wordings import Lang, say

LAST_FIRM, LAST = "H3", "H1"  # the weakest ground that counts as firm, and the weakest of all
MOST = 4  # scopes that are named one by one
UNNAMED = "otherIdentifiers"  # of which only the field says more
TOKENS = ("accessToken", "refreshToken", "authTicket", "authorizationCode", "sessionCookie")

type Row = Mapping[str, Any]


def scope(possible: int, *, contradictory: bool, lang: Lang) -> str:
    """Return how long and for whom a value stays the same, in words."""
    if contradictory:
        return say("contradictory", lang)
    found = scopes.names(possible)
    if len(found) == 1:
        return wordings.label("scope", found[0], lang, "says")
    named = [wordings.label("scope", name, lang) for name in found]
    if len(found) > MOST:
        return say("between", lang, low=named[0], high=named[-1])
    return say("one_of", lang, what=say("or", lang).join([", ".join(named[:-1]), named[-1]]))


def untested(missing: Iterable[str], lang: Lang) -> str:
    """Return ` (not tested: device and user)`, nothing when all was tested that matters."""
    words = [say("more_requests", lang) if one == "request" else wordings.label("factor", one, lang) for one in missing]
    return say("untested", lang, what=wordings.joined(words, lang)) if words else ""


def reset(name: str, possible: int, tested: int) -> str:
    """Return what makes an identifier start anew (R9), a word of the closed list."""
    nature = wordings.lists()["nature"]
    for kind in ("hardware", "user"):
        if name in nature[kind]:
            return kind
    found = scopes.names(possible)
    if found in {("request",), ("session",)}:
        return found[0]
    if found == ("install",):
        return "reinstall"
    reinstalled = tested & 1 << scopes.FACTORS.index("install")
    return "reinstall_stable" if reinstalled and not {"request", "session", "install"} & {*found} else "untested"


def conflict(name: str, possible: int, lang: Lang) -> str:
    """Return what the vocabulary expects and the runs speak against; it is said, never settled."""
    known = labels.vocabulary().properties.get(name)
    found = scopes.names(possible)
    if known is None or known.scope in found or known.scope not in scopes.SCOPES:
        return ""
    seen = say("or", lang).join(wordings.label("scope", one, lang) for one in found)
    return say("conflict", lang, expected=wordings.label("scope", known.scope, lang), seen=seen)


def levels(frames: Frames, last: str, lang: Lang) -> str:
    """Return which evidence was looked for: E1 only where something was planted."""
    planted = (frames.runs["planted"] != "[]").any()
    text = say("levels", lang, first="E1" if planted else "E2", last=last)
    return text if planted else say("planted_nothing", lang, levels=text)


def link(row: Row, frames: Frames, lang: Lang) -> str:
    """Return the sentence for one row of the table of links."""
    recipient = say("group", lang, company=row["recipient"]) if row["affiliates"] else row["recipient"]
    if row["strength"] == "itself":
        text = say("itself", lang)
    elif row["strength"] == "none":
        text = say("none", lang, recipient=recipient, levels=levels(frames, LAST, lang), runs=", ".join(frames.names))
    elif row["strength"] == "directory":
        text = say("directory", lang, recipient=recipient)
    else:
        text = joined(row, recipient, lang)
    return text[:-1] + say("candidate_link", lang) + "." if row["candidate"] and row["target"] else text


def joined(row: Row, recipient: str, lang: Lang) -> str:
    """Return the sentence for a way over records; a bearer token on the way is its reason, not a station of its own."""
    reasons = list(dict.fromkeys(str(row["reasons"]).split()))
    through = [name for name in str(row["via"]).split() if name not in TOKENS]
    sentence = "direct" if row["strength"] in {"one_hop", "multi_hop"} and not through else str(row["strength"])
    return say(
        sentence,
        lang,
        target=wordings.inside(str(row["target_property"]), lang),
        recipient=recipient,
        via=wordings.joined([wordings.inside(name, lang) for name in dict.fromkeys(through)], lang),
        hops=row["hops"],
        reason=wordings.joined([wordings.label("reason", one, lang) for one in reasons], lang),
        where=where(row, lang),
    )


def where(row: Row, lang: Lang) -> str:
    """Return `exchange flows.mitm#41 of run base`; of a way that no exchange closes, the run or nothing."""
    return say("where", lang, exchange=row["exchange"] or "–", run=row["run"] or "–")


def linked(rows: pd.DataFrame, frames: Frames, lang: Lang) -> str:
    """Return what is said of an identifier's links: the surest one in full, and how many recipients can do the same."""
    if rows.empty:
        return ""
    records = rows.to_dict("records")
    rank = {word: about["rank"] for word, about in wordings.of("strength").items()}
    best = min(records, key=lambda row: (rank[row["strength"]], row["candidate"], row["affiliates"]))
    text = link(best, frames, lang)  # type: ignore[arg-type]
    others = sum(row["strength"] == best["strength"] for row in records) - 1
    return text + (say("others", lang, count=others) if others and best["strength"] != "itself" else "")


def evidence(row: Row, lang: Lang) -> str:
    """Return the strongest ground, all levels, and where it was seen first."""
    because = str(row["because"])
    known = wordings.label("because", because, lang) if because in wordings.of("because") else because
    level = row["evidence_level"] or "–"
    more = say("all_levels", lang, levels=row["levels"]) if row["levels"] not in {level, ""} else ""
    return say("evidence", lang, level=level, because=known, more=more, where=where(row, lang))


def identifier(row: Row, rows: pd.DataFrame, frames: Frames, lang: Lang) -> str:
    """Return the sentence about one identifier."""
    seen = ", ".join(wordings.counted(row[name], name, lang) for name in ("sent", "received") if row[name])
    field = f"{row['fields'].partition('; ')[0]}; " if row["property"] == UNNAMED else ""
    again = f"; {row['reset']}" if row["reset"] != row["scope"] else ""
    text = say(
        "identifier",
        lang,
        label=f"{row['label']} ({field}{row['identifier']}, {row['class']})",
        scope=row["scope"],
        untested=untested(row["not_tested"].split(), lang),
        reset=again,
        events=seen[:1].upper() + seen[1:],
        companies=wordings.joined(row["companies"].split("; "), lang),
        link=linked(rows, frames, lang),
        evidence=evidence(row, lang),
    )
    start = say("candidate", lang) if row["candidate"] else ""
    return " ".join((start + text + row["conflict"] + ("" if row["proven"] else say("unproven", lang))).split())


def destination(row: Row, frames: Frames, lang: Lang) -> str:
    """Return the sentence about one destination."""
    about = {"host": row["host"], "company": row["company"]}
    if not row["requests"]:
        return say("closed", lang, count=row["closed"], **about)
    guess = "" if row["candidate"] == row["verdict"] else wordings.label("verdict", str(row["candidate"]), lang)
    guess = say("with_candidates", lang, verdict=guess) if guess else ""
    if row["verdict"] == "no_identifier_found":
        found = levels(frames, LAST_FIRM if guess else LAST, lang)
        return say("nothing", lang, levels=found, runs=", ".join(frames.names), guess=guess, **about)
    cause = say("cause", lang, label=wordings.inside(str(row["property"]), lang)) if row["identifier"] else ""
    verdict = wordings.label("verdict", str(row["verdict"]), lang)
    count = row[str(row["verdict"])]
    return say("verdict", lang, verdict=verdict, count=count, all=row["requests"], cause=cause, guess=guess, **about)


def destinations(table: pd.DataFrame, frames: Frames, lang: Lang) -> Iterator[str]:
    """Give a sentence about each destination."""
    for row in table.to_dict("records"):
        yield destination(row, frames, lang)  # type: ignore[arg-type]
