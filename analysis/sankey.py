"""The picture of the report: app -> host -> country, as wide as there are kinds of data, coloured by category."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from portalscope.analysis import labels
from portalscope.analysis.frames import Frames
from portalscope.analysis.summary import CATEGORIES, telling

WIDTH = 960
COLUMNS = {"app": 8, "host": 236, "place": 770}  # left edges of the bars
BAR = 10  # width of a bar
SLOT = 36  # height that the two lines of a label need
GAP = 8
MOST = 14  # hosts; the others become one bar
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
    """A bar with its label. `used` and `filled` are how far its out- and inflows have got, in pixels."""

    label: str
    detail: str
    x: float
    height: float
    y: float = 0.0
    used: float = 0.0
    filled: float = 0.0


class Ribbon(NamedTuple):
    """A flow between two bars: SVG path of its middle, width, category, and what it says when pointed at."""

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
    return Picture(WIDTH, height, tuple(node for nodes in sides.values() for node in nodes.values()), tuple(ribbons))


def flows(frames: Frames) -> tuple[list[Flow], dict[str, str]]:
    """Return the flows, few hosts of them by name, and what to write below a host or a place."""
    keys = ["run", "host", "company", "country", "location", "category", "property"]
    apps = {str(run): str(app) or "app" for run, app in zip(frames.runs["run"], frames.runs["app"], strict=True)}
    counts: Counter[tuple[str, str, str, str]] = Counter()
    seen: set[tuple[str, ...]] = set()
    details: dict[str, set[str]] = {}
    for run, host, company, country, sure, category, name in telling(frames, keys)[keys].drop_duplicates().to_numpy():
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
    """Return the bars of one column, the heaviest place first and its hosts together."""
    weights, places = Counter[str](), Counter[str]()
    of: dict[str, str] = {}
    for flow in found:
        key = getattr(flow, side)
        weights[key] += flow.weight
        places[flow.place] += flow.weight
        of.setdefault(key, flow.place)
    order = sorted(weights, key=lambda key: (-places[of[key]], of[key], -weights[key], key))
    return {
        key: Node(label=key, detail=details.get(key, ""), x=COLUMNS[side], height=weights[key] * scale) for key in order
    }


def stacked(nodes: Sequence[Node]) -> float:
    """Place bars below each other, each with room for its label; return where they end."""
    y = 0.0
    for node in nodes:
        slot = max(node.height, SLOT)
        node.y = y + (slot - node.height) / 2
        y += slot + GAP
    return y - GAP


def centred(nodes: Sequence[Node], height: float) -> None:
    """Move a column of bars to the middle of the picture."""
    last = nodes[-1]
    free = height - (last.y + (last.height + max(last.height, SLOT)) / 2)
    for node in nodes:
        node.y += free / 2


def joined(
    found: Sequence[Flow], left: str, right: str, sides: dict[str, dict[str, Node]], scale: float
) -> Iterator[Ribbon]:
    """Give the ribbons between two columns, in the order in which they leave the bars."""
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
    """Return the path of the middle of a ribbon that leaves and arrives behind those before it."""
    x0, x1 = start.x + BAR, end.x
    y0, y1 = start.y + start.used + width / 2, end.y + end.filled + width / 2
    middle = (x0 + x1) / 2
    return f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
