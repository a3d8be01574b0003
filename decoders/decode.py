"""Decode: from an exchange to a message, the whole way. The one place where `DecodeError` becomes a problem."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from portalscope.capture.exchange import Exchange, Headers
from portalscope.capture.problem import Problem, entropy
from portalscope.decoders import inside, sniff, steps
from portalscope.decoders.adapters import Adapter, Adapters, Layout
from portalscope.decoders.cookies import cookies, set_cookie
from portalscope.decoders.events import record_event, split
from portalscope.decoders.message import Account, DecodeError, Event, Field, Media, Message, Missing, Opened, Part, Tree
from portalscope.decoders.tree import Leaf, leaves
from portalscope.decoders.wire.content import CAP, unpack
from portalscope.decoders.wire.form import pairs

OPENED_CAP = CAP  # bytes of values inside values, for one exchange


@dataclass(slots=True, kw_only=True)
class Walk:
    """What is collected on the way through one exchange. `budget` bounds the bytes of values that are opened."""

    exchange: str
    adapter: Adapter
    problems: list[Problem] = field(default_factory=list)
    accounts: dict[Part, Account] = field(default_factory=dict)
    opened: list[Opened] = field(default_factory=list)
    budget: int = OPENED_CAP

    def problem(self, part: str, step: str, why: str, rest: bytes = b"") -> None:
        """Count bytes that were sent and not understood."""
        self.problems.append(Problem(exchange=self.exchange, part=part, step=step, why=why, rest=rest))


def decode(exchange: Exchange, adapters: Adapters) -> Message:
    """Say what an exchange says: request, records, response; every byte decoded or in a problem."""
    adapter, caught = adapters.find(exchange)
    walk = Walk(exchange=exchange.id, adapter=adapter)
    fields = [
        *path_fields(exchange, caught),
        *query_fields(exchange),
        *header_fields(exchange.headers, "header", "cookie"),
    ]
    tree = body(walk, "body", exchange.body, exchange.headers, adapter.body)
    records, rest = split(tree, adapter.body.events)
    fields += tree_fields("body", rest)
    events = [Event(index=0, kind="request", name=adapter.title, fields=finish(walk, fields))]
    for path, record in records:
        found = finish(walk, tree_fields("body", record, path, adapter.body.events))
        events.append(record_event(len(events), record, found, adapter.body))
    if exchange.status is not None:
        answer = header_fields(exchange.response_headers, "response-header", "response-cookie")
        tree = body(walk, "response", exchange.response_body, exchange.response_headers, adapter.response)
        answer += tree_fields("response", tree)
        events.append(Event(index=len(events), kind="response", name=str(exchange.status), fields=finish(walk, answer)))
    return Message(
        exchange=exchange.id,
        adapter=adapter.id,
        events=tuple(events),
        problems=tuple(walk.problems),
        accounts=walk.accounts,
        walk=tuple(walk.opened),
    )


def path_fields(exchange: Exchange, caught: "re.Match[str] | None") -> list[Field]:
    """What a path template caught, by name, and the template as `literal`; without one the segments, numbered."""
    if caught is None:
        segments = [segment for segment in exchange.path.split("/") if segment]
        return [leaf("path", str(number), unescaped(segment)) for number, segment in enumerate(segments, 1)]
    names = {name: value for name, value in caught.groupdict().items() if value}
    literal = caught.string
    for name in sorted(names, key=caught.start, reverse=True):
        literal = literal[: caught.start(name)] + "{" + name + "}" + literal[caught.end(name) :]
    return [leaf("path", "literal", literal), *(leaf("path", name, unescaped(value)) for name, value in names.items())]


def unescaped(text: str) -> str:
    """Percent escapes taken off once."""
    return pairs("=" + text.replace("+", "%2B").replace("&", "%26"))[0][1] if text else text


def query_fields(exchange: Exchange) -> list[Field]:
    """Names and values of the query."""
    return [leaf("query", name, value) for name, value in pairs(exchange.query)]


def header_fields(headers: Headers, part: Part, cookie: Part) -> list[Field]:
    """Headers by lower-case name; cookies one by one."""
    found: list[Field] = []
    for name, value in headers:
        lower = name.lower()
        if lower == "cookie":
            found += [leaf(cookie, key, content) for key, content in cookies(value)]
        elif lower == "set-cookie":
            found += [leaf(cookie, key, content) for key, content in set_cookie(value)]
        else:
            found.append(leaf(part, lower, value))
    return found


def leaf(part: Part, key: str, value: str) -> Field:
    """A field that stands alone."""
    return Field(part=part, path=key, shape=key, value=value)


def tree_fields(part: Part, tree: Tree | Missing, path: str = "", shape: str = "") -> list[Field]:
    """The leaves of a tree as fields."""
    if isinstance(tree, Missing):
        return []
    return [field_of(part, one) for one in leaves(tree, path, shape)]


def field_of(part: Part, found: Leaf, depth: int = 0) -> Field:
    """A leaf as a field; a whole document shows its kind and size."""
    path, shape, value, tags = found
    if isinstance(value, Media):
        said = f"{value.kind}, {value.size} bytes"
        return Field(part=part, path=path, shape=shape, value=said, tags=tags, depth=depth, document=value.data)
    return Field(part=part, path=path, shape=shape, value=value, tags=tags, depth=depth)


def body(walk: Walk, part: Part, data: bytes, headers: Headers, layout: Layout) -> Tree | Missing:
    """Open one body: content encodings, then the adapter's steps, then what the bytes look like, else a problem."""
    types = {
        name.lower(): value for name, value in reversed(headers) if name.lower() in ("content-type", "content-encoding")
    }
    plain, lost = unpacked(walk, part, data, types.get("content-encoding", ""))
    tree, unread = opened(walk, part, plain, types.get("content-type", ""), layout) if plain else (Missing(), 0)
    size = len(plain) + lost
    walk.accounts[part] = Account(wire=len(data), size=size, decoded=size - lost - unread, unread=lost + unread)
    return tree


def unpacked(walk: Walk, part: Part, data: bytes, declared: str) -> tuple[bytes, int]:
    """The plain bytes, and how many packed bytes could not be unpacked."""
    if not data:
        return b"", 0
    try:
        plain, layers = unpack(data, declared)
    except DecodeError as error:
        partial = error.partial if isinstance(error.partial, bytes) else b""
        walk.problem(part, "content-encoding", error.why, error.rest)
        return partial, len(error.rest)
    for name in layers:
        walk.opened.append(Opened(part=part, step=name, size_in=len(data), result=f"{len(plain)} bytes"))
    return plain, 0


def opened(walk: Walk, part: Part, data: bytes, content_type: str, layout: Layout) -> tuple[Tree | Missing, int]:
    """The tree, and how many plain bytes are in problems."""
    names: Iterable[Sequence[str]] = (layout.steps,) if layout.steps else ()
    best: tuple[Sequence[str], Tree, list[DecodeError]] | None = None
    for way in (*names, *sniff.ways(data, content_type)):
        if way == sniff.TEXT and best is not None:
            break  # a part with its structure says more than the whole without
        try:
            tree, faults = steps.run(way, data)
        except DecodeError as error:
            if way is layout.steps:
                walk.problem(part, "+".join(way), f"not what the adapter expects: {error.why}")
            continue
        if best is None or unread(faults) < unread(best[2]):
            best = (way, tree, faults)
        if not faults or way is layout.steps:
            break
    return settle(walk, part, data, best)


def unread(faults: list[DecodeError]) -> int:
    """Bytes that the faults left."""
    return sum(len(fault.rest) for fault in faults)


def settle(
    walk: Walk, part: Part, data: bytes, best: tuple[Sequence[str], Tree, list[DecodeError]] | None
) -> tuple[Tree | Missing, int]:
    """Take the best reading; with none, all bytes are a problem that says how they look."""
    if best is None:
        look = "looks encrypted or compressed" if entropy(data) > 7.2 else "an unknown format"
        walk.problem(part, "sniff", f"nothing opens it: {look}", data)
        return Missing(), len(data)
    way, tree, faults = best
    whole = unread(faults) <= len(data)  # where faults overlap, all bytes count as unread, once
    for number, fault in enumerate(faults):
        walk.problem(part, "+".join(way), fault.why, fault.rest if whole else b"" if number else data)
    if way == sniff.TEXT and data.lstrip()[:1] in (b"{", b"[", b"<"):
        walk.problem(part, "text", "looks like JSON or XML, and is not: kept as one text")
    result = f"{len(tree)} records" if isinstance(tree, list) else type(tree).__name__
    walk.opened.append(Opened(part=part, step="+".join(way), size_in=len(data), result=result))
    return tree, min(unread(faults), len(data))


def finish(walk: Walk, fields: list[Field]) -> tuple[Field, ...]:
    """Open the values inside the values, behind the field that holds them."""
    found: list[Field] = []
    stack = list(reversed(fields))
    while stack:
        field_ = stack.pop()
        inner = inner_fields(walk, field_) if field_.depth < inside.MAX_DEPTH else []
        found.append(marked(field_) if inner else field_)
        stack.extend(reversed(inner))
    return tuple(found)


def marked(outer: Field) -> Field:
    """The same field, said to be opened."""
    return replace(outer, opened=True)


def inner_fields(walk: Walk, outer: Field) -> list[Field]:
    """The leaves inside one value; none when it is a plain value or the budget is spent."""
    value, opens = outer.value, walk.adapter.opens
    if walk.budget < 0:
        return []
    found = declared(walk, outer) if opens and not outer.depth and outer.key in opens else None
    if found is None and isinstance(value, str | bytes) and len(value) >= inside.LEAST:
        found = inside.open_value(value)
    if found is None:
        return []
    label, tree = found
    path, shape = f"{outer.path}|{label}", f"{outer.shape}|{label}"
    inner = [
        field_of(outer.part, (join_bar(path, p), join_bar(shape, s), v, t), outer.depth + 1)
        for p, s, v, t in leaves(tree)
    ]
    walk.budget -= sum(len(one.value) if isinstance(one.value, str | bytes) else 8 for one in inner)
    if walk.budget >= 0:
        return inner
    walk.problem(outer.part, "inside", "values inside values: more than is opened for one exchange")
    return []


def join_bar(outer: str, inner: str) -> str:
    """`token|jwt` and `upn` -> `token|jwt.upn`; list positions need no dot."""
    return outer + inner if not inner or inner.startswith("[") else f"{outer}.{inner}"


def declared(walk: Walk, outer: Field) -> inside.Opening | None:
    """Open a value as the adapter's `[open]` table says."""
    names = walk.adapter.opens[outer.key]
    data = outer.value if isinstance(outer.value, bytes) else str(outer.value).encode("utf-8", "surrogatepass")
    try:
        tree, faults = steps.run(names, data)
    except DecodeError as error:
        walk.problem(outer.part, "+".join(names), f"{outer.shape}: {error.why}")
        return None
    for fault in faults:
        walk.problem(outer.part, "+".join(names), f"{outer.shape}: {fault.why}")
    return names[-1], tree
