"""The picture of the links: identifiers by distance from a name, lines by who can join them. SVG without script."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from portalscope.analysis import labels, wordings
from portalscope.analysis.wordings import Lang, say

COLUMN = {"itself": 0, "direct": 1, "directory": 1, "one_hop": 2, "multi_hop": 3, "possible": 4, "none": 5}
DASHED = "possible"
WIDTH, GAP, HEIGHT, SLOT, TOP = 186, 70, 40, 52, 34  # of boxes and of the space between, in pixels
LONGEST = 23  # characters of a label that fit into a box
MOST = 14  # boxes of a column; the others are in the table
LINES = ("#1f4e79", "#b23a34", "#2f7d83", "#8a5a00", "#6b4c9a", "#4d6b1e", "#9a3d73", "#5d6470")  # recipients in turn
FILLS = {
    "personal": "#b23a34",
    "pseudonymous": "#d08a1d",
    "behaviour": "#2f7d83",
    "technical": "#93a1b3",
    "secret": "#6b4c9a",
    "unknown": "#c9c6bd",
}
STYLE = (
    ".links .box{fill:var(--panel,#f5f4ef);stroke:var(--line,#c9c6bd)}.links .guess{stroke-dasharray:4 3}"
    ".links text{fill:var(--ink,#1d2129);font:500 13px system-ui,'DejaVu Sans',sans-serif}"
    ".links .soft{fill:var(--soft,#5d6470);font-size:11.5px;font-weight:400}"
    ".links{max-width:100%;height:auto}.links path{fill:none;stroke-width:1.7;stroke-opacity:.7}"
)


@dataclass(slots=True, kw_only=True)
class Box:
    """Identifiers of one property, class and distance: how many, and where the box is. `row` -1: not drawn."""

    name: str
    code: str
    candidate: bool
    column: int
    count: int = 0
    row: int = -1

    @property
    def x(self) -> int:
        """The left edge, in pixels."""
        return self.column * (WIDTH + GAP)

    @property
    def y(self) -> int:
        """The middle, in pixels."""
        return TOP + self.row * SLOT + HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Line:
    """Who can join two boxes, and by what."""

    start: int
    end: int
    recipient: str
    dashed: bool
    reason: str


def svg(linked: pd.DataFrame, known: pd.DataFrame, empty: str, lang: Lang) -> str:
    """Return the picture as SVG text. `linked` is the table of links, `known` that of all identifiers with their keys.

    `empty` is what it says when there is nothing to draw.
    """
    boxes, of = boxed(linked, known)
    if not boxes:
        return drawn(WIDTH * 4, TOP, [f'<text x="0" y="22">{escape(empty)}</text>'], lang)
    titles = packed(boxes)
    left_out = placed(boxes)
    found = [line for line in lines(linked, of) if boxes[line.start].row >= 0 and boxes[line.end].row >= 0]
    recipients = list(dict.fromkeys(line.recipient for line in found))
    height = TOP + (max(box.row for box in boxes) + 1) * SLOT
    parts = [*headings(titles, lang), *strokes(found, boxes, recipients, lang)]
    parts += [part for box in boxes if box.row >= 0 for part in shape(box, lang)]
    parts += legend(recipients, height, left_out, lang)
    width = max(box.x for box in boxes) + WIDTH
    return drawn(max(width, 4 * WIDTH), height + 22 * (len(recipients) + 2), parts, lang)


def boxed(linked: pd.DataFrame, known: pd.DataFrame) -> tuple[list[Box], dict[str, int]]:
    """Return the boxes, and the number of the box of each identifier; a token or address on a way has one too."""
    distance: dict[str, int] = {}
    for row in linked.to_dict("records"):
        key = str(row["identifier"])
        distance[key] = min(distance.get(key, len(COLUMN)), COLUMN[row["strength"]])
    own = {*distance}
    for steps in map(json.loads, linked["steps"]):
        for place, step in enumerate(steps):
            if step["from"] not in own:
                distance[step["from"]] = min(distance.get(step["from"], 3), len(steps) - place)
    boxes: dict[tuple[str, str, bool, int], int] = {}
    made: list[Box] = []
    of = {}
    for key, name, code, candidate in known[["key", "property", "class", "candidate"]].itertuples(index=False):
        if key in distance:
            about = (str(name), str(code), bool(candidate), distance[key])
            if about not in boxes:
                boxes[about] = len(made)
                made.append(Box(name=about[0], code=about[1], candidate=about[2], column=about[3]))
            made[boxes[about]].count += 1
            of[key] = boxes[about]
    return made, of


def packed(boxes: Iterable[Box]) -> list[int]:
    """Close the gaps that unused columns leave; return which column is at which place."""
    used = sorted({box.column for box in boxes})
    for box in boxes:
        box.column = used.index(box.column)
    return used


def placed(boxes: Iterable[Box]) -> int:
    """Give each box its place, in the order of the table; return how many have none."""
    columns: dict[int, int] = {}
    left_out = 0
    for box in boxes:
        row = columns.get(box.column, 0)
        if row == MOST:
            left_out += box.count
        else:
            box.row, columns[box.column] = row, row + 1
    return left_out


def lines(linked: pd.DataFrame, of: Mapping[str, int]) -> Iterator[Line]:
    """Give each line once, in the order of the table."""
    seen: set[tuple[int, int, str]] = set()
    for row in linked.to_dict("records"):
        for step in json.loads(row["steps"]):
            start, end = of[step["from"]], of[step["to"]]
            key = (start, end, str(row["recipient"]))
            if start != end and key not in seen:
                seen.add(key)
                dashed = bool(row["candidate"]) or row["strength"] == DASHED
                yield Line(start, end, key[2], dashed, step["reason"])


def strokes(found: Iterable[Line], boxes: list[Box], recipients: list[str], lang: Lang) -> Iterator[str]:
    """Give the lines; those of several recipients run beside each other."""
    for line in found:
        number = recipients.index(line.recipient)
        start, end, off = boxes[line.start], boxes[line.end], (number - (len(recipients) - 1) / 2) * 4
        reason = wordings.label("reason", line.reason, lang)
        title = " – ".join(wordings.property_label(box.name, lang) for box in (start, end))
        dash = ' stroke-dasharray="5 4"' if line.dashed else ""
        yield (
            f'<path d="{curve(start, end, off)}" stroke="{colour(number)}"{dash}>'
            f"<title>{escape(f'{title}: {reason}; {line.recipient}')}</title></path>"
        )


def curve(start: Box, end: Box, off: float) -> str:
    """Return the path between two boxes: across the columns, or round the side of one column."""
    y0, y1 = start.y + off, end.y + off
    if start.column > end.column:
        x0, x1 = start.x, end.x + WIDTH
        middle = (x0 + x1) / 2
    else:
        x0, x1 = start.x + WIDTH, end.x + WIDTH
        middle = max(x0, x1) + GAP / 2
    return f"M{x0} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1} {y1:.1f}"


def colour(number: int) -> str:
    """Return the colour of a recipient's lines."""
    return LINES[number % len(LINES)]


def shape(box: Box, lang: Lang) -> Iterator[str]:
    """Give one box: its category as a bar, the label of its property, class and number of identifiers."""
    top = box.y - HEIGHT // 2
    name = wordings.property_label(box.name, lang)
    fill = FILLS[labels.vocabulary().category(box.code)]
    detail = f"{box.code}{f' × {box.count}' if box.count > 1 else ''}"
    yield (
        f'<rect class="box{" guess" if box.candidate else ""}" x="{box.x}" y="{top}" width="{WIDTH}" height="{HEIGHT}" '
        f'rx="3"><title>{escape(f"{name}, {detail}")}</title></rect>'
    )
    yield f'<rect x="{box.x}" y="{top}" width="5" height="{HEIGHT}" style="fill:{fill};stroke:none"/>'
    yield f'<text x="{box.x + 12}" y="{top + 17}">{escape(cut(name))}</text>'
    yield f'<text class="soft" x="{box.x + 12}" y="{top + 33}">{escape(detail)}</text>'


def cut(text: str) -> str:
    """Return a label that fits into a box."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def headings(columns: Iterable[int], lang: Lang) -> Iterator[str]:
    """Give the titles of the columns that are used."""
    titles = say("columns", lang).split("|")
    for place, column in enumerate(columns):
        yield f'<text class="soft" x="{place * (WIDTH + GAP)}" y="16">{escape(titles[column])}</text>'


def legend(recipients: list[str], height: int, left_out: int, lang: Lang) -> Iterator[str]:
    """Give the names of the recipients beside their colours, and what dashes and numbers mean."""
    for number, name in enumerate(recipients):
        y = height + 14 + 22 * number
        yield f'<path d="M0 {y - 4}H28" stroke="{colour(number)}"/><text x="38" y="{y}">{escape(name)}</text>'
    notes = [say("heuristic", lang), *([say("not_shown", lang, count=left_out)] if left_out else [])]
    yield f'<text class="soft" x="0" y="{height + 14 + 22 * len(recipients)}">{escape("; ".join(notes))}</text>'


def drawn(width: int, height: int, parts: Iterable[str], lang: Lang) -> str:
    """Return the SVG element around the parts."""
    title = quoteattr(say("picture", lang))
    return (
        f'<svg class="links" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label={title}><style>{STYLE}</style>{"".join(parts)}</svg>\n'
    )
