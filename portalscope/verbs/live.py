"""The table that stands on the screen while a recording runs: what is recorded, host by host."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from portalscope.verbs.terminal import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

    from portalscope.analysis.watch import Host, Watch

MOST = 12  # hosts; more do not fit beside the steps
PAUSE = 0.5  # seconds between two looks at the files
SHOWN = ("personal", "pseudonymous", "behaviour", "secret", "unknown")


class Watcher:
    """Looks at a run's files and decodes what is new, in a thread of its own: the proxy never waits for it.

    It rests as long as it worked, so that at least half of the time is the proxy's.
    """

    def __init__(self, folder: Path) -> None:
        from portalscope.analysis.watch import Watch
        from portalscope.capture.tail import Tail

        self.tail, self.watch = Tail(folder), Watch()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)

    def work(self) -> None:
        """Count, and as soon as the tables are read also decode."""
        from portalscope.analysis.pipeline import Pipeline
        from portalscope.capture.run import Run

        self.watch.judge = Pipeline().judge(Run(id=self.tail.folder.name))
        while not self.ended.wait(PAUSE):
            self.look()

    def look(self) -> None:
        """Take what is new."""
        begun = time.perf_counter()
        for item in self.tail.new():
            self.watch.see(item)
            if self.ended.wait(time.perf_counter() - begun):
                return
            begun = time.perf_counter()

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self.watch

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()


@contextmanager
def live(folder: Path, counts: Callable[[], str], typed: Callable[[], str]) -> Iterator[None]:
    """Show the table on stderr, on a terminal only. `counts` and `typed` are the lines below it."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.live import Live

    with Watcher(folder) as watch:
        console = Console(stderr=True)
        with Live(
            get_renderable=lambda: screen(watch, counts(), typed()),
            console=console,
            refresh_per_second=2,
            transient=True,
        ):
            yield


def screen(watch: "Watch", counts: str, typed: str) -> "RenderableType":
    """The table, what was recorded in one line, and the line that is being typed."""
    from rich.console import Group
    from rich.text import Text

    lines = [Text(counts), Text(kinds(dict(watch.total())))]
    if typed:
        lines.append(Text(f"step: {printable(typed)}"))
    return Group(table(watch), *lines) if watch.hosts else Group(*lines)


def table(watch: "Watch") -> "RenderableType":
    """The hosts with most to tell, what stayed closed before what was asked most."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False)
    for column in ("host", "requests", "bytes", "failed", "silent", "events", "kinds of data"):
        made.add_column(column, justify="left" if column in ("host", "kinds of data") else "right", overflow="fold")
    every = sorted(watch.hosts.items(), key=lambda pair: rank(pair[1]))
    for name, host in every[:MOST]:
        numbers = (host.requests, host.size, host.refused, host.silent, host.events)
        told = {category: len(found) for category, found in list(host.kinds.items())}
        made.add_row(Text(printable(name)), *(str(n) if n else "–" for n in numbers), kinds(told))
    if len(every) > MOST:
        made.add_row(f"and {len(every) - MOST} more hosts")
    return made


def rank(host: "Host") -> tuple[bool, int]:
    """The place of a host in the table."""
    return not (host.refused or host.silent), -host.requests


def kinds(counts: dict[str, int]) -> str:
    """`3 personal, 5 pseudonymous`: how many kinds of data of each category; technical ones are not shown."""
    return ", ".join(f"{counts[name]} {name}" for name in SHOWN if counts.get(name))
