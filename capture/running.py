"""Which run is recorded at this moment; without mitmproxy, so that marking a step is quick."""

from contextlib import suppress
from pathlib import Path

from portalscope.capture.inspection import load_run, runs
from portalscope.capture.run import Run

ENDED = "ended"  # in the tools of a run whose recording was sealed


def running(inspection: Path) -> Path | None:
    """Return the run of an inspection that began last and has not ended, None if all have.

    A recorder that was killed leaves a run that never ends, so of several the newest counts. A run.toml that cannot be
    read, because somebody is changing it, stands back.
    """
    known: list[Run] = []
    for folder in runs(inspection):
        with suppress(ValueError):
            known.append(load_run(folder))
    under_way = [
        (run.started, run.id) for run in known if run.started and "mitmproxy" in run.tools and ENDED not in run.tools
    ]
    return inspection / max(under_way)[1] if under_way else None
