"""The main job: a run folder becomes a partition of the dataset, every exchange decoded, judged and located."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from portalscope.analysis.dataset import Findings, Item, Writer, write_run
from portalscope.analysis.destinations import Destination
from portalscope.analysis.explanation import explanation
from portalscope.analysis.local import HOST, NOWHERE, STORE
from portalscope.analysis.where import Tables, Where, load_tables, locate
from portalscope.capture.endpoints import Endpoint, load_endpoints
from portalscope.capture.exchange import Exchange
from portalscope.capture.inspection import contents, key, load_run, steps
from portalscope.capture.run import Run
from portalscope.decoders import knowledge
from portalscope.decoders.adapters import Adapter
from portalscope.decoders.decode import decode
from portalscope.decoders.judging import classifier, judge
from portalscope.decoders.message import Message

type Progress = Callable[[int], None]


class Pipeline:
    """Everything that is known, loaded once: adapters, vocabulary, endpoints, regions."""

    def __init__(self, extra: tuple[Path, ...] = ()) -> None:
        self.knowledge = knowledge.load(*extra)
        self.endpoints = load_endpoints([path for folder in extra for path in sorted(folder.glob("endpoints/*.toml"))])
        self.regions: Tables = load_tables()

    def judge(self, run: Run) -> Callable[[Exchange], tuple[Message, Findings]]:
        """Return what decodes and judges the exchanges of a run, knowing what was planted in it."""
        made = judge(self.knowledge, run.planted)
        judging = classifier(made)

        def judged(exchange: Exchange) -> tuple[Message, Findings]:
            message = decode(exchange, self.knowledge.adapters)
            if message.problems:
                message = replace(message, problems=tuple(map(made.left_over, message.problems)))
            return message, judging.findings(message, self.knowledge.adapters[message.adapter])

        return judged

    def locate(self, destination: Destination) -> tuple[Endpoint | None, Where]:
        """Say whose a destination is, and where, on which grounds; what was seen on the device alone is nowhere."""
        if destination.host == HOST:
            return STORE, NOWHERE
        endpoint = self.endpoints.find(destination.host)
        return endpoint, locate(
            destination.host,
            destination.server_ip,
            destination.cnames,
            endpoint,
            self.regions,
            response_headers=destination.headers,
        )

    def adapter(self, exchange: Exchange) -> Adapter:
        """Return the adapter that fits an exchange."""
        return self.knowledge.adapters.find(exchange)[0]

    def explain(self, exchange: Exchange, run: Run, *, values: bool = False) -> dict[str, Any]:
        """Return the whole walk of one exchange as plain JSON."""
        message, findings = self.judge(run)(exchange)
        endpoint, where = self.locate(Destination(host=exchange.host, server_ip=exchange.server_ip))
        return explanation(
            exchange,
            message,
            findings,
            adapter=self.knowledge.adapters[message.adapter],
            endpoint=endpoint,
            where=where,
            sources=self.knowledge.sources,
            values=values,
        )

    def decode_run(
        self,
        folder: Path,
        dataset: Path,
        *,
        keep: Literal["hashed", "clear"] = "hashed",
        progress: Progress | None = None,
    ) -> None:
        """Decode one run of an inspection into the dataset. Raises ValueError and OSError as `Writer` does."""
        run = load_run(folder)
        writer = Writer(dataset, run, knowledge=self.knowledge.digest, keep=keep, key=key(folder.parent))
        write_run(writer, items(folder, progress), self.judge(run), self.locate)


def items(folder: Path, progress: Progress | None) -> Iterator[Item]:
    """Yield what a run holds, the marks of its scenario last."""
    yield from contents(folder, progress)
    yield from steps(folder)
