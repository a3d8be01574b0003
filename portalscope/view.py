"""In mitmproxy: what a flow says, decoded and judged. `mitmweb -s portalscope/view.py`, live or with `-r FILE`.

A content view shows events with their fields, each with category, property and reason. The list of flows is marked and
commented by the strongest category that was sent; that is found out in a thread, after the answer went on its way. The
command `portalscope.findings` shows the findings of a flow. Values of secrets are never shown.
"""

import asyncio
import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_bytes

from mitmproxy import command, contentviews, ctx, types
from mitmproxy.addonmanager import Loader
from mitmproxy.exceptions import CommandError, OptionsError
from mitmproxy.flow import Flow
from mitmproxy.hooks import UpdateHook
from mitmproxy.http import HTTPFlow, Response

from portalscope.capture.exchange import Exchange
from portalscope.capture.flows import UNREADABLE, exchange
from portalscope.capture.importing import planted_values
from portalscope.capture.secret_text import Found
from portalscope.capture.secrets import Secrets
from portalscope.decoders import knowledge
from portalscope.decoders.classify import Classifier
from portalscope.decoders.decode import decode
from portalscope.decoders.finding import Finding
from portalscope.decoders.judging import classifier, judge
from portalscope.decoders.message import Event, Field, Message

logger = logging.getLogger(__name__)

VIEW, PLANTED = "portalscope_view", "portalscope_planted"
NAME = "portalscope"
MARKS = {  # the strongest first
    "personal": ":red_circle:",
    "pseudonymous": ":orange_circle:",
    "behaviour": ":yellow_circle:",
    "secret": ":key:",
    "unknown": ":question:",
    "technical": ":white_circle:",
}
SIGNS = {"personal": "🔴", "pseudonymous": "🟠", "behaviour": "🟡", "secret": "🔑", "unknown": "❓", "technical": "⚪"}
BODIES = ("body", "response")
REMEMBERED, WAITING = 64, 512  # flows whose judgement is kept; flows that wait for theirs
LONGEST, MOST = 160, 3000  # characters of a value, fields of a message
NAMED = 4  # properties that a comment names
HIDING = Secrets(token_bytes(32)).text


@dataclass(frozen=True, slots=True)
class Judged:
    """A flow, decoded and judged: its message, a finding for each field, and what kind of message it is."""

    title: str
    message: Message
    findings: tuple[tuple[Finding, ...], ...]

    def leaves(self, *, answer: bool) -> Iterator[tuple[Event, Field, Finding]]:
        """Yield what was sent, or what was answered."""
        for event, judged in zip(self.message.events, self.findings, strict=True):
            if (event.kind == "response") == answer:
                yield from ((event, field, finding) for field, finding in zip(event.fields, judged, strict=True))


class Judging:
    """Decodes and judges, one flow at a time, from whichever thread; the tables are read when they are first needed."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.planted: dict[str, tuple[str, ...]] = {}
        self.classifier: Classifier | None = None
        self.known: OrderedDict[tuple[str, int, int], Judged] = OrderedDict()

    def plant(self, planted: dict[str, tuple[str, ...]]) -> None:
        """Take other planted values."""
        with self.lock:
            self.planted, self.classifier = planted, None
            self.known.clear()

    def of(self, flow: HTTPFlow) -> Judged:
        """Return the judgement of a flow. One of `UNREADABLE`: mitmproxy's flow is damaged."""
        key = (flow.id, hash(flow.request.raw_content), hash(flow.response.raw_content) if flow.response else 0)
        with self.lock:
            if key not in self.known:
                self.known[key] = self.judged(exchange(flow, "mitmproxy", flow.id))
                if len(self.known) > REMEMBERED:
                    self.known.popitem(last=False)
            self.known.move_to_end(key)
            return self.known[key]

    def judged(self, one: Exchange) -> Judged:
        """Decode and judge an exchange."""
        known = knowledge.load()
        self.classifier = self.classifier or classifier(judge(known, self.planted))
        message = decode(one, known.adapters)
        adapter = known.adapters[message.adapter]
        return Judged(adapter.title, message, self.classifier.findings(message, adapter))

    def knows(self, flow: HTTPFlow) -> bool:
        """Whether there is an adapter for a flow."""
        adapters = knowledge.load().adapters
        return adapters.find(exchange(flow, "mitmproxy", flow.id))[0] is not adapters.generic


class PortalscopeContentview(contentviews.Contentview):
    """The content view: the events of a request or answer, a line for each field."""

    name = NAME
    syntax_highlight = "none"

    def __init__(self, judging: Judging) -> None:
        self.judging = judging

    def prettify(self, data: bytes, metadata: contentviews.Metadata) -> str:  # noqa: ARG002 - the flow has it as sent
        """Return the text. ValueError: it is no message of HTTP."""
        if not isinstance(metadata.flow, HTTPFlow) or metadata.websocket_message:
            raise ValueError("only messages of HTTP are decoded")
        return "\n".join(page(self.judging.of(metadata.flow), answer=isinstance(metadata.http_message, Response)))

    def render_priority(self, data: bytes, metadata: contentviews.Metadata) -> float:  # noqa: ARG002 - the same
        """Return 2 for messages that are known, else 0.1: then it is there to be chosen."""
        if not isinstance(metadata.flow, HTTPFlow) or metadata.websocket_message or not metadata.http_message:
            return -1
        try:
            return 2 if self.judging.knows(metadata.flow) else 0.1
        except UNREADABLE:
            return -1


class View:
    """The addon."""

    name = "portalscope view"

    def __init__(self) -> None:
        self.judging = Judging()
        self.pool = ThreadPoolExecutor(1, thread_name_prefix=NAME)
        self.waiting = 0

    def load(self, loader: Loader) -> None:
        """Tell mitmproxy of our options, and of the content view."""
        loader.add_option(VIEW, bool, True, "Mark and comment flows by the strongest category of data that they send.")
        loader.add_option(PLANTED, str, "", "planted.toml, or the folder of a run: planted values to look for.")
        contentviews.add(PortalscopeContentview(self.judging))

    def configure(self, updated: set[str]) -> None:
        """Read planted values. OptionsError: there are none."""
        if PLANTED in updated:
            path = getattr(ctx.options, PLANTED)
            try:
                self.judging.plant(planted_values(Path(path).expanduser()) if path else {})
            except (OSError, ValueError) as error:
                raise OptionsError(f"{PLANTED}: {error}") from error  # type: ignore[no-untyped-call] # mitmproxy's

    def done(self) -> None:
        """Judge nothing more."""
        self.pool.shutdown(wait=False, cancel_futures=True)

    def response(self, flow: HTTPFlow) -> None:
        """Judge a flow in a thread, and mark it when that is done; when too many wait, it stays without a mark."""
        if getattr(ctx.options, VIEW) and self.waiting < WAITING and flow.websocket is None:
            self.waiting += 1
            done = asyncio.get_running_loop().run_in_executor(self.pool, self.judging.of, flow)
            done.add_done_callback(partial(self.mark, flow))

    error = response

    def mark(self, flow: HTTPFlow, done: "asyncio.Future[Judged]") -> None:
        """Mark and comment a flow. What a person wrote there stays."""
        self.waiting -= 1
        if done.cancelled():
            return
        if fault := done.exception():
            logger.warning("portalscope: a flow could not be decoded (%s)", type(fault).__name__)
            return
        mark, said = summary(done.result())
        flow.marked = flow.marked if flow.marked and flow.marked not in MARKS.values() else mark
        flow.comment = said if not flow.comment or flow.comment.startswith(NAME) else flow.comment
        ctx.master.addons.trigger(UpdateHook([flow]))

    @command.command("portalscope.findings")  # type: ignore[untyped-decorator] # mitmproxy leaves it untyped
    def findings(self, flow: Flow) -> types.Data:
        """Show the findings of a flow: portalscope.findings @focus."""
        if not isinstance(flow, HTTPFlow):
            raise CommandError("only flows of HTTP are decoded")
        judged = self.judging.of(flow)
        rows = [row for answer in (False, True) for row in table(judged, answer=answer)]
        head = ["part", "field", "category", "property", "class", "why"]
        return [head, *rows]  # type: ignore[return-value] # mitmproxy takes lists, and its own cut command gives them


def page(judged: Judged, *, answer: bool) -> Iterator[str]:
    """Yield the lines of a message: what it is, how much of what, its events, what was not understood.

    The body comes first, the address and the header fields last: mitmproxy shows these anyway.
    """
    leaves = sorted(judged.leaves(answer=answer), key=lambda leaf: leaf[1].part not in BODIES)
    counts = Counter(finding.category for _, _, finding in leaves)
    yield f"{judged.title}  ({judged.message.adapter})"
    yield "  ".join(f"{SIGNS[name]} {counts[name]} {name}" for name in MARKS if counts[name])
    last = ""
    for event, field, finding in leaves[:MOST]:
        title = heading(event) if field.part in BODIES else f"{event.kind}: address and header fields"
        if title != last:
            yield f"\n{title}"
            last = title
        yield line(field, finding)
    if len(leaves) > MOST:
        yield f"… and {len(leaves) - MOST} fields more"
    for problem in judged.message.problems:
        if (problem.part == "response") == answer:
            yield f"\n❗ {problem.part}: {problem.size} bytes not understood: {problem.why}"


def heading(event: Event) -> str:
    """What an event is, when it was, in which schema, at which level."""
    said = (event.kind, event.index or "", event.name, event.time, event.schema, event.level)
    return " · ".join(str(one) for one in said if one)


def line(field: Field, finding: Finding) -> str:
    """One field: what it is, why, where it stood, and its value unless it is a secret."""
    name = f"{finding.property}{'?' if finding.candidate else ''}"
    why = f"{finding.level} {finding.because}".strip()
    what = f"{SIGNS[finding.category]} {finding.category:<12} {name:<20} {why:<18}"
    return f"{what} {field.part}:{field.path} = {shown(field, finding)}"


def shown(field: Field, finding: Finding) -> str:
    """A value; of a secret only how long it is, and of what was opened nothing: its inside follows.

    What looks like a secret in a value that is none is replaced as in a recording.
    """
    text = field.value.hex() if isinstance(field.value, bytes) else str(field.value)
    if finding.code == "S1":
        return f"({len(text)} characters, secret)" if text else "(empty)"
    if field.opened:
        return f"({len(text)} characters, opened below)"
    text = HIDING.clean(text.encode(errors="replace"), Found()).decode(errors="replace")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)})"


def summary(judged: Judged) -> tuple[str, str]:
    """The mark and comment of a flow: of what was sent, the strongest category for which there is more than a name."""
    found: dict[tuple[str, bool], Counter[str]] = {}
    for _, _, finding in judged.leaves(answer=False):
        found.setdefault((finding.category, finding.candidate), Counter())[finding.property] += 1
    strongest = next((name for name in MARKS if (name, False) in found), "technical")
    told = [name for name in MARKS if name not in ("technical", "unknown")]
    said = [f"{name}: {named(found[name, False])}" for name in told if (name, False) in found]
    said += [f"{name}?: {named(found[name, True])}" for name in told if (name, True) in found]
    return MARKS[strongest], f"{NAME}: {'; '.join(said) or 'technical data'} ({judged.title})"


def named(properties: "Counter[str]") -> str:
    """The most frequent properties, and how many more there are."""
    first = ", ".join(name for name, _ in properties.most_common(NAMED))
    return first + (f" and {len(properties) - NAMED} more" if len(properties) > NAMED else "")


def table(judged: Judged, *, answer: bool) -> Iterator[Sequence[str]]:
    """Yield a row for each field; no values."""
    for _, field, finding in judged.leaves(answer=answer):
        why = f"{finding.level} {finding.because}".strip()
        yield [field.part, field.path, finding.category, finding.property, finding.code, why]


addons = [View()]
