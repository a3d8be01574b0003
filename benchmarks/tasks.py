"""What is measured: one task a call, in a process of its own. Prints what it counted, as JSON."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


def floor(path: Path) -> dict[str, int]:
    """The FlowReader of mitmproxy alone: flow file to Flow objects, nothing decoded."""
    from mitmproxy.io import FlowReader

    with path.open("rb") as file:
        return {"flows": sum(1 for _ in FlowReader(file).stream())}


def read_only(path: Path) -> dict[str, int]:
    """Our reader: flow file to exchanges."""
    from portalscope.capture.read import read

    return {"flows": sum(1 for _ in read(path, "bench"))}


def decode_only(path: Path) -> dict[str, int]:
    """Reading and decoding, no judgement."""
    from portalscope.capture.exchange import Exchange
    from portalscope.capture.read import read
    from portalscope.decoders.decode import decode
    from portalscope.decoders.knowledge import load

    adapters = load().adapters
    messages = (decode(item, adapters) for item in read(path, "bench") if isinstance(item, Exchange))
    counts = [sum(len(event.fields) for event in message.events) for message in messages]
    return {"flows": len(counts), "leaves": sum(counts)}


def whole_way(path: Path) -> dict[str, int]:
    """The main job: read, decode, judge with what was planted, locate, Parquet."""
    import pyarrow.parquet as pq

    from portalscope.analysis.pipeline import Pipeline
    from portalscope.capture.inspection import create_run
    from portalscope.capture.run import Run

    folder = Path(tempfile.mkdtemp())
    try:
        run = create_run(
            folder / "inspection", "bench", Run(id="bench", planted={"email_upn": ("kim@contoso.example",)})
        )
        (run / "flows.mitm").symlink_to(path.resolve())
        Pipeline().decode_run(run, folder / "dataset")
        tables = folder / "dataset"
        rows = {
            name: pq.read_metadata(tables / name / "run=bench" / "part-0.parquet").num_rows
            for name in ("exchanges", "observations")
        }
    finally:
        shutil.rmtree(folder)
    return {"flows": rows["exchanges"], "leaves": rows["observations"]}


TASKS: dict[str, Callable[[Path], dict[str, int]]] = {
    "mitmproxy FlowReader alone (the floor)": floor,
    "portalscope: read": read_only,
    "portalscope: read and decode": decode_only,
    "portalscope: the whole way to Parquet": whole_way,
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](Path(sys.argv[2]))))
