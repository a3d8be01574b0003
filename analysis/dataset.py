"""The dataset: a run's exchanges, connections, findings and problems become one partition of the Parquet tables."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal, Self

from portalscope.analysis import partition, schema, values
from portalscope.analysis.clear import Clear
from portalscope.analysis.destinations import Destination, Destinations
from portalscope.analysis.judgements import Judgements
from portalscope.analysis.mask import Mask
from portalscope.analysis.observations import Observations
from portalscope.analysis.rows import GROUP, Rows
from portalscope.analysis.target import target
from portalscope.analysis.where import Where
from portalscope.capture.endpoints import Endpoint
from portalscope.capture.exchange import Connection, Exchange, Step
from portalscope.capture.problem import Problem
from portalscope.capture.run import Run
from portalscope.decoders.finding import Finding
from portalscope.decoders.message import Account, Event, Message

RUN_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
TIME_RAW = re.compile(r"[\d:.,+\-/TZ ]{1,40}|/Date\([\d+-]{1,24}\)/")
NOBODY = Endpoint(
    pattern="",
    service="",
    product="",
    purpose="",
    operator="",
    role="",
    because="",
    source="",
    company="unknown company",
)
NO_ACCOUNT = Account(wire=0, size=0, decoded=0, unread=0)

type Findings = Sequence[Sequence[Finding]]
type Item = Exchange | Connection | Problem | Step
type Judge = Callable[[Exchange], tuple[Message, Findings]]
type Locate = Callable[[Destination], tuple[Endpoint | None, Where]]


class Writer:
    """Writes one run; when the `with` block ends well, the run takes the place of what the dataset held of it.

    `knowledge` is the hash of the tables that judged. `keep="clear"` also keeps the values that are no secrets, in
    `<dataset>-values` beside the dataset. `key` is the key of the hashes, by default the one of this dataset. Raises
    ValueError for a run id that is no file name or a dataset that does not fit, OSError when the disk does not take it.
    """

    def __init__(
        self,
        dataset: Path,
        run: Run,
        *,
        knowledge: str = "",
        keep: Literal["hashed", "clear"] = "hashed",
        key: bytes | None = None,
        group: int = GROUP,
    ) -> None:
        if not RUN_ID.fullmatch(run.id):
            raise ValueError("a run id is made of letters, digits, dots, dashes and underscores")
        secret = key or values.key(dataset)
        name = values.fingerprint(secret)
        partition.check(dataset, name)
        self.dataset, self.name = dataset, f"run={run.id}"
        self.draft = dataset / f".{self.name}"
        shutil.rmtree(self.draft, ignore_errors=True)
        self.mask = Mask(run.planted)
        self.destinations = Destinations()
        self.tables = {
            table: Rows(self.draft / table / partition.FILE, schema.stamped(columns, knowledge, name), group)
            for table, columns in schema.TABLES.items()
        }
        columns = schema.stamped(schema.VALUES, knowledge, name)
        clear = Clear(values.folder(dataset), self.name, columns) if keep == "clear" else None
        self.observations = Observations(self.tables["observations"], self.mask, secret, clear)
        self.judgements = Judgements(self.tables["fields"], self.mask, self.observations)
        self.described: set[tuple[str, str | None]] = set()
        self.run(run)

    def run(self, run: Run) -> None:
        """Describe the run; of planted values only the names."""
        words = (run.label, run.device, run.platform, run.os_build, run.app, run.app_version)
        label, *about = (self.mask(word) for word in words)
        account, tenant, scenario = (self.mask(word) for word in (run.account, run.tenant, run.scenario))
        settings = {self.mask(key): self.mask(value) for key, value in run.settings.items()}
        objects = (json.dumps(dict(found), sort_keys=True) for found in (settings, run.tools, run.files))
        planted = json.dumps(sorted(run.planted))
        row = (label, run.started, *about, account, tenant, scenario, run.source_kind, *objects, planted)
        self.tables["runs"].add(*row)

    def exchange(self, exchange: Exchange, message: Message, findings: Findings) -> None:
        """Take an exchange with all that was found in it. Raises ValueError when a leaf has no finding."""
        body = message.accounts.get("body", NO_ACCOUNT)
        response = message.accounts.get("response", NO_ACCOUNT)
        self.tables["exchanges"].add(
            exchange.id,
            exchange.at,
            exchange.method,
            exchange.scheme,
            exchange.host.lower(),
            exchange.port,
            self.mask(target(message, findings)),
            message.adapter,
            exchange.status,
            exchange.status is not None,
            len(exchange.body),
            len(exchange.response_body),
            *(body.size, body.decoded, body.unread),
            *(response.size, response.decoded, response.unread),
            exchange.server_ip,
            self.destinations.exchange(exchange),
            exchange.http or None,
            exchange.tls,
            self.mask(exchange.error) if exchange.error else None,
        )
        for event, judged in zip(message.events, findings, strict=True):
            self.event(exchange.id, event)
            self.observations.add(exchange.id, event, self.judgements.of(message.adapter, event, judged))
        for problem in message.problems:
            self.problem(problem)

    def event(self, exchange: str, event: Event) -> None:
        """Take one event; a time that does not look like one may be anything and stays out."""
        raw = event.time_raw if TIME_RAW.fullmatch(event.time_raw) else ""
        name, stated = self.mask(event.name), self.mask(event.schema)
        row = (exchange, event.index, event.kind, name, event.time, raw, stated, event.level, len(event.fields))
        self.tables["events"].add(*row)

    def connection(self, connection: Connection) -> None:
        """Take one attempt to reach a server."""
        self.tables["connections"].add(
            connection.id,
            connection.at,
            connection.transport,
            connection.host.lower(),
            connection.port,
            connection.ip,
            connection.sni,
            connection.alpn,
            connection.sent,
            connection.received,
            self.mask(connection.opaque_because) if connection.opaque_because is not None else None,
            json.dumps(connection.cnames),
            connection.exchanges,
            self.destinations.connection(connection),
            connection.source,
        )

    def problem(self, problem: Problem) -> None:
        """Take bytes that nobody understood: their size, look and hash, not themselves."""
        digest = hashlib.sha256(problem.rest).hexdigest() if problem.rest else ""
        why = self.mask(problem.why)
        row = (problem.exchange, problem.part, problem.step, why, problem.size, problem.entropy, digest)
        self.tables["problems"].add(*row)

    def step(self, step: Step) -> None:
        """Take one mark in the scenario."""
        self.tables["steps"].add(step.at, self.mask(step.name))

    def endpoint(self, destination: Destination, owner: Endpoint | None, where: Where) -> None:
        """Take what is known of one destination: whose it is, `owner` None when no table says so, and where it is."""
        self.described.add((destination.host, destination.server_ip))
        whose = owner or NOBODY
        self.tables["endpoints"].add(
            destination.key,
            destination.host,
            destination.server_ip,
            *(whose.pattern, whose.service, whose.product, whose.purpose, whose.operator, whose.role),
            *(whose.company, whose.group, whose.seat),
            *(where.country, where.status, where.basis, where.as_of, where.disagreement),
            json.dumps([asdict(rung) for rung in where.rungs]),
            *(whose.because, whose.source),
            *(destination.requests, destination.request_bytes, destination.connections, destination.closed),
        )

    def close(self) -> None:
        """Finish the files and put the run into its place. Raises ValueError when a destination is not described."""
        if missing := self.destinations.known.keys() - self.described:
            raise ValueError(f"nothing is said of {len(missing)} destinations")
        self.observations.close()
        for rows in self.tables.values():
            rows.close()
        partition.replace(self.dataset, self.draft, self.name)
        (self.dataset / "README.md").write_text(schema.page(), "utf-8")

    def abandon(self) -> None:
        """Drop what is not in its place; the dataset stays as it was."""
        for rows in self.tables.values():
            rows.file.close()
        self.observations.abandon()
        shutil.rmtree(self.draft, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        try:
            if error is None:
                self.close()
        finally:
            self.abandon()


def write_run(
    writer: Writer,
    items: Iterable[Item],
    judge: Judge,
    locate: Locate,
    progress: Callable[[int], object] = lambda _: None,
) -> None:
    """Write everything of one run: every exchange decoded and judged, every destination located.

    `judge` gives an exchange's message and findings, `locate` whose a destination is and where; `progress` is called
    with the number of items done.
    """
    with writer:
        for done, item in enumerate(items, 1):
            match item:
                case Exchange():
                    writer.exchange(item, *judge(item))
                case Connection():
                    writer.connection(item)
                case Problem():
                    writer.problem(item)
                case Step():
                    writer.step(item)
            progress(done)
        for destination in writer.destinations.all():
            writer.endpoint(destination, *locate(destination))
