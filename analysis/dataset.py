"""The dataset: a run's exchanges, connections, findings and problems become one partition of the Parquet tables."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal, Self

from portalscope.analysis import schema, values
from portalscope.analysis.clear import Clear
from portalscope.analysis.destinations import Destination, Destinations
from portalscope.analysis.judgements import Judgements
from portalscope.analysis.mask import Mask
from portalscope.analysis.observations import Observations
from portalscope.analysis.rows import GROUP, Rows
from portalscope.analysis.where import Where
from portalscope.capture.endpoints import Endpoint
from portalscope.capture.exchange import Connection, Exchange, Step
from portalscope.capture.problem import Problem
from portalscope.capture.run import Run
from portalscope.decoders.finding import Finding
from portalscope.decoders.message import Account, Event, Message

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
TIME_RAW = re.compile(r"[\d:.,+\-/TZ ]{1,40}|/Date\([\d+-]{1,24}\)/")
NO_ACCOUNT = Account(wire=0, size=0, decoded=0, unread=0)

type Findings = Sequence[Sequence[Finding]]
type Item = Exchange | Connection | Problem | Step
type Judge = Callable[[Exchange], tuple[Message, Findings]]
type Locate = Callable[[Destination], tuple[Endpoint | None, Where]]


class Writer:
    """Writes one run; when the `with` block ends well, the run replaces what the dataset held of it, all or nothing.

    `knowledge` is the hash of the tables that judged. `values="clear"` also keeps the values that are no secrets, in
    `<dataset>-values` beside the dataset. `key` is the key of the hashes, by default the one of this dataset. Raises
    ValueError for a run id that is no file name, and OSError when the disk does not take it.
    """

    def __init__(
        self,
        dataset: Path,
        run: Run,
        *,
        knowledge: str = "",
        values_in: Literal["hashed", "clear"] = "hashed",
        key: bytes | None = None,
        group: int = GROUP,
    ) -> None:
        if not RUN_ID.fullmatch(run.id):
            raise ValueError("a run id is made of letters, digits, dots, dashes and underscores")
        self.dataset = dataset
        self.name = f"run={run.id}"
        self.draft = dataset / f".{self.name}"
        self.mask = Mask(run.planted)
        self.destinations = Destinations()
        secret = key or values.key(dataset)
        self.open(knowledge, values.fingerprint(secret), group)
        clear = self.clear(values_in)
        self.observations = Observations(self.tables["observations"], self.mask, secret, clear)
        self.judgements = Judgements(self.tables["fields"], self.mask, self.observations)
        self.run(run)
