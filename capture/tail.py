"""A recording that still grows: what was written into it since the last look."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.fast_flows import seen
from portalscope.capture.flow_records import records
from portalscope.capture.notes import CONNECTIONS, DAMAGED, connection
from portalscope.capture.problem import Problem

FLOWS = "flows.mitm"  # as the recorder names it


class Tail:
    """Reads a run's folder again and again; what is half written is left for the next time.

    A piece that cannot be read is passed over: whoever reads the sealed recording is told of it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.flows = self.noted = self.count = 0

    def new(self) -> Iterator[Exchange | Connection]:
        """Yield what is new, one flow in memory at a time."""
        for item in chain(self.connections(), self.exchanges()):
            if not isinstance(item, Problem):
                yield item

    def exchanges(self) -> Iterator[Exchange | Connection | Problem]:
        """Yield what whole flows behind the last one say; their ids are those of the sealed recording."""
        path = self.folder / FLOWS
        if not path.exists() or path.stat().st_size <= self.flows:
            return
        with path.open("rb") as file:
            file.seek(self.flows)
            for record in records(file, FLOWS):
                if isinstance(record, Problem):
                    return
                self.flows += len(record)
                yield from seen(record, self.folder.name, f"{FLOWS}#{self.count}")
                self.count += 1

    def connections(self) -> Iterator[Connection]:
        """Yield the connections that whole lines behind the last one describe."""
        path = self.folder / CONNECTIONS
        if not path.exists() or path.stat().st_size <= self.noted:
            return
        with path.open("rb") as file:
            file.seek(self.noted)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self.noted += len(line)
                try:
                    yield connection(json.loads(line), self.folder.name)
                except DAMAGED:
                    continue
