"""The picture of the report: app -> host -> country, as wide as there are kinds of data, coloured by category."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from portalscope.analysis import labels
from portalscope.analysis.frames import Frames
from portalscope.analysis.local import NOT_ON_WIRE
from portalscope.analysis.summary import CATEGORIES, telling

WIDTH = 980
COLUMNS = {"app": (0, 132), "host": (232, 340), "place": (784, 196)}  # left edge and width of the boxes
SLOT = 40  # height that the two lines of a label need
GAP = 9
LONGEST = {132: 16, 340: 46, 196: 25}  # characters that fit into a box of that width
MOST = 14  # hosts; the others become one box
OTHERS = "other hosts"
THICKEST = 7.0  # pixels of one kind of data
SHORTEST = 320  # pixels of the picture, if there is enough to show


class Flow(NamedTuple):
    """How many kinds of data of one category went from an app to a host at a place."""

    app: str
    host: str
    place: str
    category: str
    weight: int


@dataclass(slots=True, kw_only=True)
class Node:
    """A box with its label. Its flows are `height` high, from `y` down, in the middle of a box that starts at `top`.

    `used` and `filled` are how far its out- and inflows have got, in pixels. `name` is the label uncut.
    """

    name: str
    label: str
    detail: str
    x: int
    width: int
    height: float
    box: float
    top: float = 0.0
    y: float = 0.0
    used: float = 0.0
    filled: float = 0.0


class Ribbon(NamedTuple):
    """A flow between two boxes: SVG path of its middle, width, category, and what it says when pointed at."""

    path: str
    width: float
    category: str
    title: str


class Picture(NamedTuple):
    """Everything that is drawn, in pixels."""

    width: int
    height: float
    nodes: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]


def picture(frames: Frames) -> Picture:
    """Return the picture of what was sent; without nodes when nothing was."""
    found, details = flows(frames)
    if not found:
        return Picture(WIDTH, 0, (), ())
    hosts = len({flow.host for flow in found})
    scale = min(THICKEST, max(hosts * (SLOT + GAP), SHORTEST) / sum(flow.weight for flow in found))
    sides = {side: bars(found, side, details, scale) for side in COLUMNS}
    height = max(stacked(list(nodes.values())) for nodes in sides.values())
    for nodes in sides.values():
        centred(list(nodes.values()), height)
    pairs = (("app", "host"), ("host", "place"))
    ribbons = [ribbon for left, right in pairs for ribbon in joined(found, left, right, sides, scale)]
    return Picture(WIDTH, height, tuple(one for nodes in sides.values() for one in nodes.values()), tuple(ribbons))


def flows(frames: Frames) -> tuple[list[Flow], dict[str, str]]:
    """Return the flows, few hosts of them by name, and what to write below a host or a place."""
    keys = ["run", "host", "company", "country", "location", "category", "property"]
    apps = {str(run): str(app) or "app" for run, app in zip(frames.runs["run"], frames.runs["app"], strict=True)}
    counts: Counter[tuple[str, str, str, str]] = Counter()
    seen: set[tuple[str, ...]] = set()
    details: dict[str, set[str]] = {}
    told = telling(frames, keys)[keys].drop_duplicates()
    for run, host, company, country, sure, category, name in told[told["location"] != NOT_ON_WIRE].to_numpy():
        key = (apps[run], host, labels.place(country, sure), category)
        if (*key, name) not in seen:
            seen.add((*key, name))
            counts[key] += 1
        details.setdefault(host, set()).add(company)
        details.setdefault(key[2], set()).add(labels.certainty(sure))
    weights = Counter[str]()
    for (_, host, _, _), weight in counts.items():
        weights[host] += weight
    named = {host for host, _ in weights.most_common(MOST if len(weights) > MOST + 1 else len(weights))}
    merged: Counter[tuple[str, str, str, str]] = Counter()
    for (app, host, place, category), weight in counts.items():
        merged[app, host if host in named else OTHERS, place, category] += weight
    words = {key: " or ".join(sorted(found - {""})) for key, found in details.items()}
    words[OTHERS] = labels.counted(len(weights) - len(named), "host")
    return [Flow(*key, weight) for key, weight in sorted(merged.items())], words


def bars(found: Sequence[Flow], side: str, details: dict[str, str], scale: float) -> dict[str, Node]:
    """Return the boxes of one column, the United States first, then the heaviest place; hosts stand near theirs."""
    weights, places = Counter[str](), Counter[str]()
    for flow in found:
        weights[getattr(flow, side)] += flow.weight
        places[flow.place] += flow.weight
    us = labels.place("US", "")
    ranked = sorted(places, key=lambda place: (place != us, -places[place], place))
    moment = Counter[str]()
    for flow in found:
        moment[getattr(flow, side)] += ranked.index(flow.place) * flow.weight
    order = sorted(weights, key=lambda key: (moment[key] / weights[key], -weights[key], key))
    return {key: node(key, details.get(key, ""), side, weights[key] * scale) for key in order}


def node(name: str, detail: str, side: str, height: float) -> Node:
    """Return a box whose label fits into it."""
    x, width = COLUMNS[side]
    fits = LONGEST[width]
    label, rest = name, detail
    if len(name) > fits and not detail and " " in name[: fits + 1]:
        label, rest = name[: name[: fits + 1].rindex(" ")], name[name[: fits + 1].rindex(" ") + 1 :]
    words = (cut(label, fits), cut(rest, fits * 9 // 8))
    return Node(name=name, label=words[0], detail=words[1], x=x, width=width, height=height, box=max(height, SLOT))


def cut(text: str, longest: int) -> str:
    """Return a text that is too long without its middle."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[: half - 1]}…{text[-half:]}"


def stacked(nodes: Sequence[Node]) -> float:
    """Place boxes below each other; return where they end."""
    top = 0.0
    for one in nodes:
        one.top = top
        top += one.box + GAP
    return top - GAP


def centred(nodes: Sequence[Node], height: float) -> None:
    """Move a column of boxes to the middle of the picture, and the flows to the middle of each box."""
    free = height - (nodes[-1].top + nodes[-1].box)
    for one in nodes:
        one.top += free / 2
        one.y = one.top + (one.box - one.height) / 2


def joined(
    found: Sequence[Flow], left: str, right: str, sides: dict[str, dict[str, Node]], scale: float
) -> Iterator[Ribbon]:
    """Give the ribbons between two columns, in the order in which they leave the boxes."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for flow in found:
        sums[getattr(flow, left), getattr(flow, right), flow.category] += flow.weight
    lefts, rights = list(sides[left]), list(sides[right])
    for key in sorted(sums, key=lambda key: (lefts.index(key[0]), rights.index(key[1]), CATEGORIES.index(key[2]))):
        start, end, category = sides[left][key[0]], sides[right][key[1]], key[2]
        width = sums[key] * scale
        title = f"{labels.category_label(category)}: {labels.counted(sums[key], 'kind')} from {key[0]} to {key[1]}"
        yield Ribbon(curve(start, end, width), round(max(width, 1.0), 2), category, title)
        start.used, end.filled = start.used + width, end.filled + width


def curve(start: Node, end: Node, width: float) -> str:
    """Return the path of the middle of a ribbon that leaves and arrives below those before it."""
    x0, x1 = start.x + start.width, end.x
    y0, y1 = start.y + start.used + width / 2, end.y + end.filled + width / 2
    middle = (x0 + x1) / 2
    return f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
