"""Gates: differences that a tester wants to fail on."""

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from portalscope.analysis import labels

type Gate = Callable[[pd.DataFrame], "pd.Series[bool]"]


def new(kind: str) -> Gate:
    """Whatever of this kind was not there before."""
    return lambda rows: (rows["kind"] == kind) & (rows["change"] == "new")


def new_data(category: str) -> Gate:
    """A kind of data of this category that was not there before, or goes to a place where it did not go."""
    return lambda rows: (
        rows["kind"].isin(("property", "category")) & (rows["change"] == "new") & (rows["category"] == category)
    )


def new_us(rows: pd.DataFrame) -> "pd.Series[bool]":
    """A category of data that goes to the United States, proven or likely, and did not before."""
    return (
        (rows["kind"] == "category")
        & (rows["change"] == "new")
        & (rows["subject"] == rows["category"] + f" {labels.in_place('US', '')}")
    )


GATES: Mapping[str, Gate] = {
    "any": lambda rows: rows["kind"] != "",
    "new-endpoint": new("endpoint"),
    "new-event": new("event"),
    "new-field": new("field"),
    "new-personal": new_data("personal"),
    "new-pseudonymous": new_data("pseudonymous"),
    "new-behaviour": new_data("behaviour"),
    "new-secret": new_data("secret"),
    "new-us": new_us,
    "changed-destination": lambda rows: rows["aspect"] == "destination",
}


def failing(rows: pd.DataFrame, names: Iterable[str]) -> list[str]:
    """Return the gates among `names` that these differences hit, each with its count.

    `rows` is the table that `compare.DIFFERENCES` describes. Raises ValueError for a gate that does not exist.
    """
    wanted = list(names)
    if strange := [name for name in wanted if name not in GATES]:
        raise ValueError(f"no gate {', '.join(strange)}; there are {', '.join(GATES)}")
    counts = {name: int(GATES[name](rows).sum()) if len(rows) else 0 for name in wanted}
    return [f"{name} ({count})" for name, count in counts.items() if count]
