"""Where identifying values occurred, as numbers: one pass over the observations for all that identity needs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from portalscope.analysis import wordings
from portalscope.analysis.frames import SENT, Frames

IDENTIFIERS = ("D1", "D2", "D3", "D4", "D5", "O1")
NOBODY = "unknown company"
NEVER = 1 << 62  # bytes that no value has
OWN = ["field", "adapter", "kind", "part", "shape", "property", "class", "category", "because", "evidence_level"]
FIELDS = [*OWN, "source", "detail", "candidate", "grounds"]
READ = ("exchange", "event", "field", "value_hash", "value_size", "opened")

type Numbers = np.ndarray[Any, np.dtype[np.int64]]
type Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrences:
    """All values that identify somebody or something, each time they were seen.

    `rows` has one row an occurrence, numbers only: `run`, `exchange` and `event` are positions in the frames' tables,
    `kind` one in `kinds` (a field with one judgement), `value` one in `values` (keyed hashes), `size` bytes; `telling`
    is false where an equal value proves nothing, as it is short or shared by nature. `exchanges` are the frames'
    exchanges with `company`, `group`, `recipient` (a number; hosts of nobody known are recipients of their own) and
    `proven` (false: seen on the device only). `counts` says for each event how many of its leaves are `content`,
    `secret`, `locator`, `unknown` and `described` (what an identifier beside it makes personal).
    """

    frames: Frames
    rows: pd.DataFrame
    kinds: pd.DataFrame
    values: np.ndarray[Any, np.dtype[Any]]
    exchanges: pd.DataFrame
    counts: pd.DataFrame
    streams: Numbers


def occurrences(frames: Frames) -> Occurrences:
    """Return where identifying values occurred. Placeholders, and guesses about wrappers and known things, stay out."""
    seen = frames.observations(READ)
    places = frames.rows_of(seen)
    kinds, number = judged(frames.fields)
    kind, event = number[places["fields"]], places["events"]
    size = seen["value_size"].to_numpy(np.int64)
    wanted = kinds["wanted"].to_numpy()[kind] & seen["value_hash"].notna().to_numpy()
    guessed = kinds["candidate"].to_numpy()[kind]
    wanted &= ~(guessed & seen["opened"].to_numpy(bool))
    things = pd.unique(seen["value_hash"][kinds["thing"].to_numpy()[kind]].dropna())
    wanted &= ~(guessed & wanted & seen["value_hash"].isin(things).to_numpy(bool))
    codes, values = pd.factorize(seen["value_hash"][wanted].to_numpy(dtype=object))
    rows = pd.DataFrame({"run": seen["run"].cat.codes.to_numpy(np.int64), "exchange": places["exchanges"]})
    rows = rows.assign(event=event, kind=kind, size=size, telling=size >= kinds["least"].to_numpy()[kind])[wanted]
    return Occurrences(
        frames=frames,
        rows=rows.assign(value=codes).reset_index(drop=True),
        kinds=kinds,
        values=values,
        exchanges=exchanges(frames),
        counts=counts(kinds, kind, event, len(frames.events)),
        streams=streams(seen, kinds["property"].eq("productKey").to_numpy()[kind], places, len(frames.events)),
    )


def judged(fields: pd.DataFrame) -> tuple[pd.DataFrame, Numbers]:
    """Return the distinct fields with what they are good for, and for each row of the table the position of its own.

    `wanted`: its values are looked at; `thing`: its values name no person and no device, whatever a guess says;
    `least`: bytes of the shortest value that proves anything when it is seen again; `sent`: in a request.
    """
    number, _ = pd.factorize(fields["field"].astype("str"))
    kinds = fields.drop_duplicates("field")[FIELDS].reset_index(drop=True)
    kinds = kinds.astype({name: "str" for name in FIELDS if name != "candidate"} | {"candidate": "bool"})
    joining = wordings.of("joining")
    token = kinds["property"].isin(joining["tokens"]) & ~kinds["shape"].str.contains("|", regex=False)
    never = kinds["property"].isin(joining["never"])
    identifier = kinds["class"].isin(IDENTIFIERS) & ~(never & (kinds["class"] == "D5"))
    locator = (kinds["class"] == "L1") & kinds["property"].isin(joining["locators"])
    wanted = identifier | locator | ((kinds["class"] == "S1") & token)
    thing = (kinds["class"] == "O1") | ((kinds["class"] == "N1") & kinds["property"].isin(joining["things"]))
    least = kinds["class"].map(joining["least"]).fillna(1).astype("int64").mask(never, NEVER)
    found = kinds.assign(
        wanted=wanted & (kinds["because"] != "sentinel"), thing=thing & ~kinds["candidate"], least=least
    )
    return found.assign(sent=kinds["part"].isin(SENT)), number.astype(np.int64)


def exchanges(frames: Frames) -> pd.DataFrame:
    """Return the exchanges with who received them."""
    keys = ["run", "endpoint"]
    owners = frames.endpoints[[*keys, "company", "group"]].astype("str")
    found = frames.exchanges[["run", "exchange", "at", "host", "target", "endpoint", "delivered"]]
    joined = found.astype(dict.fromkeys(("run", "host", "target", "endpoint"), "str")).merge(
        owners, on=keys, how="left", sort=False
    )
    company = joined["company"].where(joined["company"] != NOBODY, joined["host"])
    group = joined["group"].where(joined["group"] != "", company)
    recipient, _ = pd.factorize(company)
    kinds = frames.runs.set_index(frames.runs["run"].astype("str"))["source_kind"].astype("str")
    proven = (joined["run"].map(kinds) == "wire").to_numpy(bool)
    return joined.assign(company=company, group=group, recipient=recipient, proven=proven)


def counts(kinds: pd.DataFrame, kind: Numbers, event: Numbers, events: int) -> pd.DataFrame:
    """Return for each event how many leaves it has of some classes; of content, secrets and locators firm ones only."""
    firm, code = ~kinds["candidate"], kinds["class"]
    chosen = {
        "content": firm & (code == "C1"),
        "secret": firm & (code == "S1"),
        "locator": firm & (code == "L1"),
        "unknown": code == "U1",
        "described": code.isin(("B1", "Q1", "L1")),
        "undecoded": kinds["property"] == "undecoded",
    }
    return pd.DataFrame(
        {name: np.bincount(event[flag.to_numpy()[kind]], minlength=events) for name, flag in chosen.items()}
    )


def streams(seen: pd.DataFrame, keyed: Flags, places: dict[str, Numbers], events: int) -> Numbers:
    """Return for each event a number of the app that sent it: two apps with one SDK each have their own product key.

    An event without a key has that of the first one in its exchange; 0 stands for none.
    """
    code, _ = pd.factorize(seen["value_hash"][keyed].to_numpy(dtype=object), use_na_sentinel=False)
    exchange, event = places["exchanges"][keyed][::-1], places["events"][keyed][::-1]
    of_exchange = np.zeros(int(places["exchanges"].max(initial=-1)) + 1, np.int64)
    of_event = np.zeros(events, np.int64)
    of_exchange[exchange] = code[::-1] + 1  # backwards: the first one stays
    of_event[event] = code[::-1] + 1
    whose = np.zeros(events, np.int64)
    whose[places["events"]] = places["exchanges"]
    return np.where(of_event > 0, of_event, of_exchange[whose] if len(of_exchange) else 0)


def numbered(rows: pd.DataFrame, by: list[str]) -> Numbers:
    """Return a number for each row, the same for rows that agree in these columns, in order of appearance."""
    return np.asarray(rows.groupby(by, sort=False).ngroup(), np.int64)
