"""Which run is recorded at this moment."""

from datetime import UTC, datetime

from portalscope.capture.inspection import create_run
from portalscope.capture.run import Run
from portalscope.capture.running import running


def make(inspection, name, hour, **tools):
    return create_run(inspection, name, Run(id=name, started=datetime(2026, 5, 4, hour, tzinfo=UTC), tools=tools))


def test_the_newest_that_has_not_ended(tmp_path):
    make(tmp_path, "b-killed", 9, mitmproxy="12")
    make(tmp_path, "a-running", 10, mitmproxy="12")
    make(tmp_path, "c-over", 11, mitmproxy="12", ended="2026-05-04T11:30:00+00:00")
    assert running(tmp_path) == tmp_path / "a-running"


def test_imported_and_finished_runs_are_none(tmp_path):
    make(tmp_path, "imported", 9)
    make(tmp_path, "over", 10, mitmproxy="12", ended="2026-05-04T11:30:00+00:00")
    assert running(tmp_path) is None
    assert running(tmp_path / "nothing") is None


def test_a_run_that_is_being_changed_stands_back(tmp_path):
    make(tmp_path, "running", 9, mitmproxy="12")
    (make(tmp_path, "changed", 10, mitmproxy="12") / "run.toml").write_text("app = ")
    assert running(tmp_path) == tmp_path / "running"
