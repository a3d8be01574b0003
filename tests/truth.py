"""A capture and its oracle: what was really in it, written down by whoever made it."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portalscope.capture.exchange import Exchange
from portalscope.capture.problem import Problem
from portalscope.capture.read import read
from portalscope.decoders.decode import decode
from portalscope.decoders.judging import classifier, judge
from portalscope.decoders.knowledge import load

WHERE = {
    "url": {"path", "query"},
    "req_header": {"header", "cookie"},
    "req_body": {"body"},
    "resp_header": {"response-header", "response-cookie"},
    "resp_body": {"response"},
}


@dataclass(frozen=True)
class Seen:
    """One exchange, decoded and judged, beside what the oracle says of it."""

    exchange: Exchange
    message: object
    findings: tuple
    truth: dict

    @property
    def records(self):
        return [event for event in self.message.events if event.kind == "record"]

    def leaves(self):
        for event, judged in zip(self.message.events, self.findings, strict=True):
            yield from zip(event.fields, judged, strict=True)

    def planted(self):
        """(name, part, whether it was inside another format) of every leaf with planted evidence."""
        for field, finding in self.leaves():
            for ground in finding.evidence:
                if ground.because == "planted":
                    yield planted_name(ground.detail), field.part, field, ground


def planted_name(detail: str) -> str:
    """The name in `planted NAME, form` or `part of the value: planted NAME, form`."""
    return detail.partition("planted ")[2].partition(",")[0]


@cache
def oracle(folder: Path) -> dict:
    return json.loads((folder / "expected.json").read_text())


@cache
def seen(folder: Path, path: Path) -> tuple[tuple[Seen, ...], tuple[Problem, ...]]:
    """Every HTTP exchange of a recording with its truth, and the problems of reading it."""
    truth = oracle(folder)
    found = list(read(path, "truth"))
    exchanges = [item for item in found if isinstance(item, Exchange) and item.method != "WEBSOCKET"]
    judging, known = classifier(judge(load(), planted(truth))), load()
    flows = [flow for flow in truth["flows"] if flow["type"] == "http"]
    result = []
    for exchange, flow in zip(exchanges, flows, strict=True):
        message = decode(exchange, known.adapters)
        result.append(Seen(exchange, message, judging.findings(message, known.adapters[message.adapter]), flow))
    return tuple(result), tuple(item for item in found if isinstance(item, Problem))


def planted(truth: dict) -> dict[str, tuple[str, ...]]:
    """All planted values by name: what was sent by the client and what the mock servers answered."""
    values: dict[str, list[str]] = {}
    named = [*truth["honey_sent"], *((h["type"], h["value"]) for flow in truth["flows"] for h in flow["honey"])]
    for name, value in named:
        if value not in values.setdefault(name, []):
            values[name].append(value)
    return {name: tuple(found) for name, found in values.items()}
