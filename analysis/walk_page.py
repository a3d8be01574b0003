"""The walk of one exchange as a page: one file, no script, nothing fetched, everything escaped."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

DATA = Path(__file__).parent / "data"


def walk_page(walk: Mapping[str, Any]) -> str:
    """Return HTML for what `explanation` gives."""
    environment = Environment(
        loader=FileSystemLoader(DATA), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("walk.html.j2").render(walk=walk)
