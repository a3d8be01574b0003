"""Differences that somebody has looked at and allows, each with a reason and a day on which to look again.

```toml
[[allow]]
subject = "RegisterEpLibrary*"     # as in the table of differences; `*` is anything, every other sign is itself
kind = "event"                     # optional, as are change, aspect and adapter
reason = "sampled by the client since 1.32, see the release notes"
until = 2027-03-01                 # the last day on which it holds
```
"""

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

MATCHED = ("kind", "change", "aspect", "subject", "adapter")  # columns of the differences that an entry may name


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """One entry. What it does not name may be anything; `until` is the last day on which it holds."""

    subject: str
    reason: str
    until: dt.date
    kind: str = "*"
    change: str = "*"
    aspect: str = "*"
    adapter: str = "*"

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether a difference is meant."""
        return all(expression(getattr(self, name)).fullmatch(str(row[name])) for name in MATCHED)

    def __str__(self) -> str:
        named = (f"{name} {getattr(self, name)}" for name in MATCHED if getattr(self, name) != "*")
        return f"{', '.join(named)} (until {self.until}: {self.reason})"


def expression(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of a pattern; only `*` is special, for subjects are full of brackets."""
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


def read(path: Path) -> tuple[Allowance, ...]:
    """Return the entries of a file. Raises ValueError, which names every fault, and OSError."""
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("allow", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"{path.name}: must hold [[allow]] tables")
    wrong = [f"{path.name}: entry {n}: {why}" for n, entry in enumerate(entries, 1) for why in faults(entry)]
    if wrong:
        raise ValueError("\n".join(wrong))
    return tuple(Allowance(**entry) for entry in entries)


def faults(entry: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an entry."""
    known = {field.name for field in fields(Allowance)}
    wrong = [f"{name} is not known" for name in sorted(entry.keys() - known)]
    wrong += [f"{name} is missing" for name in ("subject", "reason", "until") if not entry.get(name)]
    texts = (name for name in (*MATCHED, "reason") if name in entry)
    wrong += [f"{name} must be text" for name in texts if not isinstance(entry[name], str)]
    if entry.get("until") and type(entry["until"]) is not dt.date:
        wrong.append("until must be a date without quotes: 2027-03-01")
    return wrong


def applied(rows: pd.DataFrame, allowances: Iterable[Allowance], today: dt.date) -> pd.DataFrame:
    """Return the differences with a column `allowed`: the reason of the first entry that holds, else empty."""
    holding = [one for one in allowances if one.until >= today]
    found = [next((one.reason for one in holding if one.fits(row)), "") for row in rows.to_dict("records")]  # type: ignore[arg-type]
    return rows.assign(allowed=pd.Series(found, index=rows.index, dtype="str"))


def expired(allowances: Iterable[Allowance], today: dt.date) -> tuple[Allowance, ...]:
    """Return the entries that no longer hold: somebody has to look again, or take them out."""
    return tuple(one for one in allowances if one.until < today)


def idle(rows: pd.DataFrame, allowances: Iterable[Allowance]) -> tuple[Allowance, ...]:
    """Return the entries that fit no difference: they can go."""
    every = rows.to_dict("records")
    return tuple(one for one in allowances if not any(one.fits(row) for row in every))  # type: ignore[arg-type]
