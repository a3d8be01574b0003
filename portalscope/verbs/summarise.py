"""`summarise`: what goes where, and what could not be seen."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portalscope.verbs.terminal import existing, fail, print_json, say, table

if TYPE_CHECKING:
    from pandas import DataFrame

NO_DATASET = "Make one with `portalscope decode INSPECTION`."


def summarise(
    runs: Annotated[list[str] | None, typer.Argument(help="Runs to look at; default: all.")] = None,
    dataset: Annotated[Path, typer.Option(help="Folder of the dataset.")] = Path("dataset"),
    everything: Annotated[bool, typer.Option("--all", help="Row by row, technical data too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Say which kinds of data went to which party and country, on which grounds, and what could not be seen."""
    from portalscope.analysis import coverage
    from portalscope.analysis.answer import sentence
    from portalscope.analysis.frames import load
    from portalscope.analysis.summary import summary

    existing(dataset, "dataset", NO_DATASET)
    try:
        frames = load(dataset, runs or None)
    except ValueError as error:
        fail(str(error))
    rows = summary(frames)
    if as_json:
        counts = {**asdict(coverage.coverage(frames)), "line": coverage.line(frames)}
        print_json({"answer": sentence(frames), "summary": rows.to_dict("records"), "completeness": counts})
        return
    if everything:
        all_columns = ("category", "property", "host", "country", "events", "values", "because")
        shown = rows[list(all_columns)].itertuples(index=False)
        table("What goes where", all_columns, shown, right=("events", "values"))
    else:
        columns = ("what, to whom, where", "kinds of data", "hosts", "events")
        table("What goes where", columns, grouped(rows), right=("hosts", "events"))
    say(f"{sentence(frames)}\n")
    say(coverage.line(frames))


def grouped(rows: "DataFrame") -> Iterator[tuple[str, str, int, int]]:
    """One row for each category and place: the kinds of data, `?` behind those for which only heuristics speak."""
    from portalscope.analysis.labels import category_label, certainty, place, property_label

    order = {category: number for number, category in enumerate(dict.fromkeys(rows["category"]))}
    keys = ["category", "country", "location", "company"]
    found = rows[~rows["category"].isin(("technical", "unknown"))].groupby(keys, observed=True, sort=False)
    for (category, country, location, company), part in sorted(found, key=lambda item: order[item[0][0]]):
        firm = part.groupby("property", observed=True, sort=False)["candidate"].all()
        kinds = ", ".join(property_label(str(name)) + ("?" if weak else "") for name, weak in firm.items())
        where = ", ".join(filter(None, (place(str(country), str(location)), certainty(str(location)))))
        yield (
            f"{category_label(str(category))}\n{company or 'company not known'}\n{where}\n",
            kinds,
            part["host"].nunique(),
            int(part["events"].sum()),
        )
