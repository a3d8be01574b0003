"""A run while it is recorded: each flow is handed to the system at once, and what cannot be written is an error.

Secrets are replaced before a flow is written, so that they never reach the disk, unless somebody asked to keep them.
"""

import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from mitmproxy.flow import Flow
from mitmproxy.http import HTTPFlow
from mitmproxy.io import tnetstring

from portalscope.capture.exchange import Connection
from portalscope.capture.inspection import append_connection, append_step, create_run, digest, key, load_run, save_run
from portalscope.capture.notes import CONNECTIONS
from portalscope.capture.run import Run
from portalscope.capture.run_file import RUN, TEXTS
from portalscope.capture.running import ENDED
from portalscope.capture.secret_flow import clean_state
from portalscope.capture.secrets import SECRETS, Noted, Secrets, planted_after

FLOWS = "flows.mitm"
STOPPED = "stopped because"  # in the run's tools


@dataclass(slots=True)
class Counts:
    """What was recorded: HTTP flows and their hosts, other flows, connections by the reason they stayed closed."""

    exchanges: int = 0
    others: int = 0
    hosts: set[str] = field(default_factory=set)
    closed: Counter[str] = field(default_factory=Counter)


class Recorder:
    """The open recording of one run.

    Everything raises OSError when it cannot be written, also when the folder was removed or renamed: writing to a file
    that is no longer there would succeed and record nothing.
    """

    def __init__(self, folder: Path, about: Run, *, keep_secrets: bool = False) -> None:
        """Make the run's folder, or take one that was prepared and holds no recording (FileExistsError if it does).

        ValueError: not a name for a run, a prepared run.toml that cannot be read, or a damaged key of the inspection.
        """
        self.folder = folder
        self.counts = Counts()
        self.noted = 0
        prepare(folder, about)
        self.secrets = None if keep_secrets else secrets(folder)
        self.replaced = Noted()
        descriptor = os.open(folder / FLOWS, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        self.file = os.fdopen(descriptor, "wb")

    def write(self, flow: Flow, host: str) -> None:
        """Append a flow. When this returns, the operating system has it: killing the proxy does not lose it."""
        state = flow.get_state()
        if self.secrets:
            state, replaced = clean_state(self.secrets, state)
            self.replaced.add(replaced)
        tnetstring.dump(state, self.file)
        self.file.flush()
        self.check()
        if isinstance(flow, HTTPFlow):
            self.counts.exchanges += 1
            self.counts.hosts.add(host)
        else:
            self.counts.others += 1

    def note(self, connection: Connection) -> None:
        """Append a connection; it gets its id here."""
        append_connection(self.folder, replace(connection, id=f"{CONNECTIONS}#{self.noted}"))
        self.noted += 1
        if connection.opaque_because:
            self.counts.closed[connection.opaque_because.partition(":")[0]] += 1

    def step(self, name: str) -> None:
        """Append a mark to the scenario."""
        append_step(self.folder, datetime.now(UTC), name)

    def check(self) -> None:
        """Raise OSError if the file that is written is not the one in the folder."""
        there, written = (self.folder / FLOWS).stat(), os.fstat(self.file.fileno())
        if (there.st_dev, there.st_ino) != (written.st_dev, written.st_ino):
            raise FileNotFoundError(f"{self.folder / FLOWS} was replaced while it was recorded")

    def close(self, because: str = "") -> None:
        """End the recording: SHA-256 of its files and the time into run.toml, and why it stopped if it had to.

        run.toml is read again first: what a person changed in it meanwhile stays. ValueError: it cannot be read.
        """
        if because:
            with suppress(OSError):  # what could not be written before cannot be written now
                self.file.close()
        else:
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()
        run = load_run(self.folder)
        paths = (path for path in (self.folder / FLOWS, self.folder / CONNECTIONS) if path.exists())
        ended = {ENDED: datetime.now(UTC).isoformat(timespec="seconds"), **({STOPPED: because} if because else {})}
        ended |= {SECRETS: str(self.replaced)} if self.secrets else {}
        files = {path.name: digest(path) for path in paths}
        save_run(self.folder, replace(run, files={**run.files, **files}, tools={**run.tools, **ended}))


def prepare(folder: Path, about: Run) -> None:
    """Make a run's folder, or write what is known now into the run.toml of one that is there."""
    if not folder.exists():
        create_run(folder.parent, folder.name, about)
        return
    if (folder / FLOWS).exists():
        raise FileExistsError(f"{folder} holds a recording already; a run is never recorded over: choose another name")
    known = load_run(folder) if (folder / RUN).exists() else Run(id=folder.name)
    save_run(folder, merged(known, about))


def secrets(folder: Path) -> Secrets:
    """Return what cleans the flows of a run. Planted secrets are read here, and then only their beginnings stay."""
    run = load_run(folder)
    if (after := planted_after(run.planted)) != run.planted:
        save_run(folder, replace(run, planted=after))
    return Secrets(key(folder.parent), run.planted)


def merged(known: Run, about: Run) -> Run:
    """Return what a prepared run.toml says, with what was said when the recording began on top of it."""
    texts = {name: value for name in TEXTS if (value := getattr(about, name))}
    settings, tools = {**known.settings, **about.settings}, {**known.tools, **about.tools}
    return replace(known, started=about.started, settings=settings, tools=tools, **texts)
