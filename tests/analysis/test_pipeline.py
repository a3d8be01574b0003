"""The main job on real recordings: from a run folder to the dataset, and what must never be in it."""

import gzip
import json
from pathlib import Path

import pytest

from portalscope.analysis.coverage import coverage
from portalscope.analysis.frames import load
from portalscope.analysis.pipeline import Pipeline
from portalscope.capture.importing import import_file

SAMPLES = Path(__file__).parents[2] / "samples"
USED = ("ai_py_v1", "msal_py", "ort132")


@pytest.fixture(scope="module")
def pipeline():
    return Pipeline()


@pytest.fixture(scope="module")
def inspection(tmp_path_factory):
    folder = tmp_path_factory.mktemp("i") / "inspection"
    for name in USED:
        import_file(folder, name, [SAMPLES / name], None, SAMPLES / name)
    return folder


@pytest.fixture(scope="module")
def dataset(pipeline, inspection):
    made = inspection.parent / "dataset"
    for name in USED:
        pipeline.decode_run(inspection / name, made)
    return made


def planted():
    return {v for name in USED for _, v in json.loads((SAMPLES / name / "expected.json").read_text())["honey_sent"]}


def test_both_equations_hold(dataset):
    found = coverage(load(dataset))
    assert found.faults == ()
    assert found.unread == 0
    assert found.leaves > 300


def test_no_planted_value_is_in_the_dataset(dataset):
    import pyarrow.parquet as pq

    values = planted()
    for path in dataset.rglob("*"):
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            text = "\n".join(str(set(column.to_pylist())) for column in table.columns)
        elif path.is_file():
            text = path.read_text("utf-8", "replace")
        else:
            continue
        assert not [value for value in values if value.lower() in text.lower()], path


def test_every_planted_value_is_found_in_the_dataset(dataset):
    frames = load(dataset)
    text = " ".join(map(str, set(frames.fields["grounds"])))
    for name in USED:
        for honey, _ in json.loads((SAMPLES / name / "expected.json").read_text())["honey_sent"]:
            assert f"planted {honey}" in text


def test_the_same_input_gives_the_same_bytes(pipeline, inspection, dataset, tmp_path):
    again = tmp_path / "dataset"
    for name in USED:
        pipeline.decode_run(inspection / name, again)
    both = [{str(p.relative_to(d)): p.read_bytes() for p in d.rglob("*.parquet")} for d in (dataset, again)]
    assert both[0] == both[1]


def test_values_in_clear_are_apart_and_restricted(pipeline, inspection, tmp_path):
    made = tmp_path / "dataset"
    pipeline.decode_run(inspection / "msal_py", made, keep="clear")
    folder = tmp_path / "dataset-values"
    assert folder.stat().st_mode & 0o077 == 0
    import pyarrow.parquet as pq

    clear = " ".join(
        v for p in folder.rglob("*.parquet") for v in map(str, pq.read_table(p).column("value").to_pylist())
    )
    secrets = [
        v
        for n, v in json.loads((SAMPLES / "msal_py" / "expected.json").read_text())["honey_sent"]
        if n.startswith("secret")
    ]
    assert "anna.honeypot" in clear
    assert not [s for s in secrets if s in clear]


def test_progress_goes_to_the_end(pipeline, inspection, tmp_path):
    told = []
    pipeline.decode_run(inspection / "ort132", tmp_path / "dataset", progress=told.append)
    assert told[-1] == (inspection / "ort132" / "ort132.mitm").stat().st_size


def test_a_packed_recording_is_read_too(pipeline, tmp_path):
    packed = tmp_path / "flows.mitm"
    packed.write_bytes(gzip.compress((SAMPLES / "ort132" / "ort132.mitm").read_bytes()))
    run = import_file(tmp_path / "inspection", "packed", [packed]).folder
    pipeline.decode_run(run, tmp_path / "dataset")
    assert len(load(tmp_path / "dataset").exchanges) == 1
