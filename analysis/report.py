"""The report: one HTML file that opens anywhere, without scripts, without a single address to fetch."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from portalscope import __version__
from portalscope.analysis import coverage, evidence, exhibits, labels, partition, sankey
from portalscope.analysis.answer import answer
from portalscope.analysis.frames import Frames

DATA = Path(__file__).parent / "data"
LEVELS = {
    "E1": "the value equals one that the researcher planted in the device",
    "E2": "the sender itself tags the value so",
    "E3": "the vendor documents the field so",
    "E4": "the vendor's answer to an access request holds the same value",
    "E5": "source code, observation or a published capture shows it",
    "E6": "the value equals one that is known from a better ground",
    "H1": "only the name of the field suggests it: a candidate",
    "H2": "only the look of the value suggests it: a candidate",
    "H3": "an analyst says so, from experience or reverse engineering",
}


def write(frames: Frames, path: Path, progress: Callable[[str], object] = lambda _: None) -> None:
    """Write the report of these runs to a file. `progress` is called with the name of each part when it is ready."""
    path.write_text(html(frames, progress), "utf-8")


def html(frames: Frames, progress: Callable[[str], object] = lambda _: None) -> str:
    """Return the report as HTML. The same runs give the same text."""
    environment = Environment(
        loader=FileSystemLoader(DATA), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"thousands": thousands, "bytes": size, "share": share, "parted": parted, "begun": begun}
    return environment.get_template("report.html.j2").render(content(frames, progress))


def content(frames: Frames, progress: Callable[[str], object]) -> Mapping[str, Any]:
    """Return all that the template needs."""
    parts: dict[str, Callable[[], Any]] = {
        "answer": lambda: answer(frames),
        "completeness": lambda: coverage.line(frames),
        "coverage": lambda: coverage.coverage(frames),
        "picture": lambda: sankey.picture(frames),
        "runs": lambda: exhibits.runs(frames),
        "endpoints": lambda: exhibits.endpoints(frames),
        "transfers": lambda: exhibits.transfers(frames),
        "identifiers": lambda: exhibits.identifiers(frames),
        "events": lambda: evidence.events(frames, evidence.fields(frames)),
        "limits": lambda: exhibits.limits(frames),
        "problems": lambda: list(evidence.problems(frames)),
    }
    found: dict[str, Any] = {}
    for name, make in parts.items():
        found[name] = make()
        progress(name)
    found["properties"] = evidence.by_property(found["events"])
    found["sources"] = evidence.sources(found["events"], found["endpoints"], found["transfers"])
    return {**found, **constants(frames)}


def constants(frames: Frames) -> Mapping[str, Any]:
    """Return what explains the report: words, versions and our own style sheet, the only text that is not escaped."""
    stamps = dict(partition.stamps(frames.dataset))
    known = labels.vocabulary()
    return {
        "css": Markup((DATA / "report.css").read_text("utf-8")),  # noqa: S704 - our own file
        "version": __version__,
        "knowledge": sorted({stamps[name]["knowledge"] for name in frames.names}),
        "categories": known.categories,
        "classes": known.classes,
        "levels": LEVELS,
        "anchor": exhibits.anchor,
        "counted": labels.counted,
        "category_label": labels.category_label,
        "country_label": lambda code: labels.place(code, ""),
    }


def parted(text: str) -> Markup:
    """Return a dotted name that may go on in the next line behind a dot."""
    return Markup(".<wbr>").join(escape(piece) for piece in text.split("."))


def begun(text: str) -> str:
    """Return a text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def thousands(number: float) -> str:
    """Return a number with thin groups: `12 345`."""
    return f"{number:,}".replace(",", "\u202f")


def size(number: int) -> str:
    """Return a number of bytes for people: `512 B`, `1.5 kB`."""
    for unit, factor in (("MB", 10**6), ("kB", 10**3)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number} B"


def share(part: float) -> str:
    """Return a share as a percentage, never rounded to none."""
    return "0 %" if not part else f"{max(part * 100, 0.1):.1f} %"
