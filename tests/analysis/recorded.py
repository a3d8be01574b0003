"""Recordings for the tests of the assessment: real clients' samples, and synthetic events where no recording exists."""

import atexit
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from portalscope.analysis.dataset import Writer, write_run
from portalscope.analysis.frames import Frames, load
from portalscope.analysis.pipeline import Pipeline
from portalscope.capture.exchange import Exchange
from portalscope.capture.read import read
from portalscope.capture.run import Run

SAMPLES = Path(__file__).parents[2] / "samples"
KEY = b"key of the tests"
PORTAL = "A:com.microsoft.windowsintune.companyportal"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REAL = {  # run -> sample, app, version, position of the switch
    "old-1": ("ort130", "ONNX Runtime", "1.30", "on"),
    "old-2": ("ort130_r1", "ONNX Runtime", "1.30", "on"),
    "new-1": ("ort132", "ONNX Runtime", "1.32", "on"),
    "new-2": ("ort132_r1", "ONNX Runtime", "1.32", "on"),
    "off": ("ort132_disabled", "ONNX Runtime", "1.32", "off"),
    "web": ("js1ds_444_v1", "1DS web SDK", "4.4.4", "on"),
    "insights": ("ai_py_v1", "Application Insights", "", "on"),
    "clients-old": ("sample_reg_v1", "clients", "old", "on"),
    "clients-new": ("sample_reg_v2", "clients", "new", "on"),
}


def truth(sample: str) -> dict:
    """What the maker of a sample wrote down of it."""
    return json.loads((SAMPLES / sample / "expected.json").read_text())


def planted(sample: str) -> dict[str, tuple[str, ...]]:
    """The values that were planted for a sample."""
    found: dict[str, list[str]] = {}
    known = truth(sample)
    every = [*known["honey_sent"], *((h["type"], h["value"]) for flow in known["flows"] for h in flow["honey"])]
    for name, value in every:
        if value not in found.setdefault(name, []):
            found[name].append(value)
    return {name: tuple(values) for name, values in found.items()}


@cache
def pipeline() -> Pipeline:
    return Pipeline()


@cache
def folder() -> Path:
    """A folder that lives as long as the tests."""
    path = Path(tempfile.mkdtemp(prefix="portalscope-recorded-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@cache
def real_dataset() -> Path:
    """A dataset of the samples, made once."""
    path = folder() / "real"
    for name, (sample, app, version, usage) in REAL.items():
        run = Run(
            id=name,
            app=app,
            app_version=version,
            platform="linux",
            scenario="scripted session against mock servers",
            settings={"usage_data": usage},
            planted=planted(sample),
        )
        add(path, run, read(SAMPLES / sample / f"{sample}.mitm", name))
    return path


def add(dataset: Path, run: Run, items: Iterable) -> None:
    """Decode and judge one run into a dataset."""
    made = pipeline()
    write_run(Writer(dataset, run, key=KEY), items, made.judge(run), made.locate)


def real(*runs: str) -> Frames:
    """The frames of some of the samples, of all by default."""
    return load(real_dataset(), runs or None)


def event(name: str, data: Mapping[str, object] = {}, level: int | None = 2, app: str = PORTAL, **ext: object) -> dict:
    """A Common Schema 4.0 event. Synthetic: no recording of the app exists."""
    info = {"EventInfo": {"Level": level}} if level is not None else {}
    stated = {"app": {"id": app}} if app else {}
    return {"ver": "4.0", "name": name, "iKey": "o:0", "ext": {**stated, **ext}, "data": {**info, **data}}


def upload(
    number: int, run: str, events: Iterable[dict], host: str = "mobile.events.data.microsoft.com", **more: object
) -> Exchange:
    """A request with events to a collector, a minute after the one before. Synthetic."""
    at = START + timedelta(minutes=number)
    lines = [json.dumps({**one, "time": (at + timedelta(seconds=n)).isoformat()}) for n, one in enumerate(events)]
    given: dict[str, object] = {
        "id": f"flows.mitm#{number}",
        "run": run,
        "at": at,
        "method": "POST",
        "scheme": "https",
        "host": host,
        "port": 443,
        "path": "/OneCollector/1.0/",
        "headers": (("Content-Type", "application/x-json-stream"),),
        "body": "\n".join(lines).encode(),
        "status": 200,
        "server_ip": "20.42.73.24",
        **more,
    }
    return Exchange(**given)


def get(number: int, run: str, host: str, path: str, **more: object) -> Exchange:
    """A request without a body. Synthetic."""
    return upload(number, run, [], host, method="GET", path=path, headers=(), body=b"", **more)


def synthetic(dataset: Path, **runs: tuple[Run, list[Exchange]]) -> Frames:
    """The frames of synthetic runs."""
    for run, exchanges in runs.values():
        add(dataset, run, exchanges)
    return load(dataset)
