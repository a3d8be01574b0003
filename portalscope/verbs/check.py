"""`check` and `adapters`: are the tables of knowledge sound, and what can be decoded."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from portalscope.verbs.terminal import FAILED, existing, fail, print_json, say, table

if TYPE_CHECKING:
    from portalscope.decoders.knowledge import Knowledge
    from portalscope.decoders.labels import Measures

More = Annotated[list[Path] | None, typer.Option("--knowledge", help="Folder with more adapters/ and rules/.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]


def check(
    labels: Annotated[Path | None, typer.Option(help="A labelled CSV: print precision and recall per class.")] = None,
    more: More = None,
    as_json: Json = False,
) -> None:
    """Check every table: unknown sources, steps and properties, shadowed patterns; show what the rules rest on."""
    from portalscope.capture.endpoints import faults as endpoint_faults
    from portalscope.capture.endpoints import load_endpoints
    from portalscope.capture.platforms import faults as platform_faults
    from portalscope.decoders.judging import faults as judging_faults
    from portalscope.decoders.knowledge import load

    known = load(*(more or ()))
    endpoints = load_endpoints([path for folder in more or () for path in sorted(folder.glob("endpoints/*.toml"))])
    faults = [*known.faults, *judging_faults(known), *endpoint_faults(endpoints), *platform_faults()]
    rules = {id(rule): rule for adapter in known.adapters.all for rule in adapter.rules.values()}
    reasons = Counter(rule.because for rule in rules.values())
    shares = [(reason, n, f"{n / len(rules):.0%}") for reason, n in reasons.most_common()]
    measures = measured(known, labels) if labels else None
    if as_json:
        shown = measures and {
            "macro_f1": measures.macro_f1,
            "accuracy": measures.accuracy,
            "recall_of_personal": measures.personal.recall,
            "precision_of_personal": measures.personal.precision,
            "classes": [
                {"class": m.label, "labelled": m.support, "precision": m.precision, "recall": m.recall, "f1": m.f1}
                for m in measures.labels
            ],
        }
        print_json({"faults": faults, "adapters": len(known.adapters.all), "because": dict(reasons), "labels": shown})
    else:
        title = f"{len(rules)} rules of {len(known.adapters.all)} adapters rest on"
        table(title, ("because", "rules", "share"), shares, right=("rules", "share"))
        if measures:
            columns = ("class", "labelled", "precision", "recall", "F1")
            rows = [
                (m.label, m.support, *(f"{x:.3f}" for x in (m.precision, m.recall, m.f1)))
                for m in (*measures.labels, measures.personal)
            ]
            table("Names alone, against the labels", columns, rows, right=columns[1:])
            say(f"macro F1 {measures.macro_f1:.3f}, recall of personal {measures.personal.recall:.3f}")
        for fault in faults:
            say(fault)
        say(f"{len(faults)} faults")
    if faults:
        raise typer.Exit(FAILED)


def measured(known: "Knowledge", path: Path) -> "Measures":
    """Precision and recall of the name rules against a labelled CSV."""
    import csv

    from portalscope.decoders.judging import measure_labels

    existing(path, "labelled CSV", "Its columns are id, dataset, container, field, label.")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return measure_labels(known, csv.DictReader(file))
    except KeyError as error:
        fail(f"{path}: {error} is no column or label that is known")


def adapters(more: More = None, as_json: Json = False) -> None:
    """List the messages that can be decoded, with their rules, samples, tests and sources."""
    from portalscope.decoders.knowledge import load

    known = load(*(more or ()))
    rows: list[dict[str, Any]] = [
        {
            "id": one.id,
            "title": one.title,
            "steps": "+".join(one.body.steps) or "sniffed",
            "rules": sum(rule.origin == one.id for rule in one.rules.values()),
            "because": one.because,
            "samples": known.tables["tested"].get(one.id, {}).get("samples", []),
            "tests": known.tables["tested"].get(one.id, {}).get("tests", []),
            "source": known.sources.get(one.source, {}).get("title", one.source),
        }
        for one in known.adapters.all
    ]
    if as_json:
        print_json(rows)
    else:
        columns = ("id", "message", "rules", "samples", "tests", "because, source")
        lines = (
            (r["id"], r["title"], r["rules"], len(r["samples"]), len(r["tests"]), f"{r['because']}: {r['source']}")
            for r in rows
        )
        table(f"{len(rows)} adapters", columns, lines, right=("rules", "samples", "tests"))
