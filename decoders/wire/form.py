"""Forms and query strings: names and values, in order, percent-decoded once."""

import re
from urllib.parse import unquote_plus

from portalscope.decoders.message import DecodeError, Tree

_FORM = re.compile(rb"[\w.~%+*$@!'():;,/?\[\]{}|\\^`\" -]+=[^\x00-\x08\x0b\x0c\x0e-\x1f]*", re.ASCII)


def pairs(query: str) -> list[tuple[str, str]]:
    """(name, value) of a query string; a name without `=` has the value ""."""
    found = (piece.partition("=") for piece in query.split("&") if piece)
    return [(unquote_plus(name, errors="replace"), unquote_plus(value, errors="replace")) for name, _, value in found]


def grouped(query: str) -> dict[str, Tree]:
    """A query as an object; a name that comes twice holds a list."""
    tree: dict[str, Tree] = {}
    for name, value in pairs(query):
        old = tree.get(name)
        tree[name] = value if old is None else [*old, value] if isinstance(old, list) else [old, value]
    return tree


def form(data: bytes) -> Tree:
    """application/x-www-form-urlencoded."""
    if not looks_like_form(data):
        raise DecodeError("form: no name=value", data)
    return grouped(data.decode("utf-8", "replace").strip())


def looks_like_form(data: bytes) -> bool:
    """Whether these bytes are name=value pairs and nothing else."""
    return _FORM.fullmatch(data.strip()) is not None
