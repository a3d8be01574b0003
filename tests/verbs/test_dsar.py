"""`dsar`: a vendor's answer beside the recordings. The answers are synthetic."""

import json

import pytest

from portalscope.analysis.access_request import captured
from tests.analysis.recorded import real
from tests.verbs.assessment import complete, inspection, run


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """Synthetic: an answer that has every second event of the recording."""
    events = captured(real("old-1"))[::2]
    rows = [{"time": e.time.isoformat(), "correlationId": None, "properties": {"EventName": e.name}} for e in events]
    path = tmp_path_factory.mktemp("answer") / "export.json"
    path.write_text(json.dumps(rows))
    return str(path)


def test_dsar(answer, tmp_path):
    result = run("dsar", answer, "--run", "old-1", "--inspection", inspection())
    assert "16 events in the answer. sent, not in the answer: 16; in both: 16" in result.stderr
    assert "in both" not in result.stdout
    assert complete(result)
    said = json.loads(run("dsar", answer, "--run", "old-1", "--inspection", inspection(), "--json").stdout)
    assert said["counts"] == {"sent, not in the answer": 16, "in both": 16}
    run("dsar", answer, "--run", "old-1", "--out", str(tmp_path / "d.csv"))
    assert len((tmp_path / "d.csv").read_text().splitlines()) == 33


def test_dsar_decides_a_claim(answer):
    said = json.loads(run("claims", "old-1", "--answer", answer, "--inspection", inspection(), "--json").stdout)
    (claim,) = [claim for claim in said["claims"] if claim["id"] == "DSR-1"]
    assert (claim["verdict"], claim["because"]) == ("supported", "16 of 32 events that were sent are not in the answer")


def test_dsar_of_another_format(tmp_path):
    (tmp_path / "a.csv").write_text("what,at\nRuntimeError,2026-11-23\n")
    assert "of no known format" in run("dsar", str(tmp_path / "a.csv"), code=1).stderr
    (tmp_path / "m.toml").write_text('kind = "csv"\nname = ["what"]\ntime = ["at"]\n')
    arguments = (
        "dsar",
        str(tmp_path / "a.csv"),
        "--mapping",
        str(tmp_path / "m.toml"),
        "--run",
        "old-1",
        "--window",
        "86400",
    )
    assert "in both: 1" in run(*arguments).stderr
    assert "no answer at" in run("dsar", str(tmp_path / "nothing"), code=1).stderr
