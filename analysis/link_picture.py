"""The picture of the links: identifiers in columns by their distance from a name, lines by who can join them. SVG, no script."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
import json
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from portalscope.analysis import wordings
from portalscope.analysis.wordings import Lang, say

COLUMN = {"itself": 0, "direct": 1, "directory": 1, "one_hop": 2, "multi_hop": 3, "possible": 4, "none": 5}
WIDTH, GAP, HEIGHT, SLOT, TOP = 176, 72, 40, 54, 58  # of a box and of the space between, in pixels
LONGEST = 25  # characters of a label that fit into a box
MOST = 14  # boxes of a column; the others are in the table
LINES = ("#1f4e79", "#b23a34", "#2f7d83", "#8a5a00", "#6b4c9a", "#4d6b1e", "#9a3d73", "#5d6470")
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
    ".links path{fill:none;stroke-width:1.8;stroke-opacity:.75}"
)


@dataclass(slots=True, kw_only=True)
class Box:
    """Identifiers of one property, class and distance: what is written in the box, and where it is."""

    label: str
    detail: str
    category: str
    candidate: bool
    column: int
    count: int
    row: int = 0

    @property
    def x(self) -> int:
        """The left edge, in pixels."""
        return self.column * (WIDTH + GAP)

    @property
    def y(self) -> int:
        """The middle, in pixels."""
        return TOP + self.row * SLOT + HEIGHT // 2
