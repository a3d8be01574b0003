"""`portalscope record` and `portalscope step` as a person runs them."""

import json
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from portalscope.capture.exchange import Connection
from portalscope.capture.inspection import append_connection, create_run, load_run, save_run, steps, verify
from portalscope.capture.run import Run
from portalscope.cli import app
from portalscope.verbs.record import summary, welcome
from tests.proxy import ANSWER, RECORD, free_port, https, record

AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with https(tmp_path_factory.mktemp("server")) as running:
        yield running


def command(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture(scope="module")
def recorded(server, tmp_path_factory):
    """A recording with an exchange, a client that does not trust us, and a step; ended by SIGTERM."""
    folder = tmp_path_factory.mktemp("record")
    about = ["--app", "Company Portal", "--os-build", "22631", "--set", "usage_data=off", "--json"]
    with record(folder, server, *about) as proxy:
        url = f"https://localhost:{server.port}/"
        assert proxy.client(url, "-d", "some body").stdout == ANSWER
        assert proxy.client(url, trust=server.ca).returncode == 60  # curl: not an authority that I know
        inspection = ["--inspection", str(proxy.folder.parent)]
        step = [sys.executable, "-m", "portalscope", "step", "signed in", *inspection]
        assert subprocess.run(step, capture_output=True, check=False).returncode == 0
        assert proxy.end(signal.SIGTERM) == 0
    return proxy


@pytest.mark.network
def test_the_exchange_is_recorded_as_sent(recorded):
    (one,) = recorded.exchanges
    assert (one.body, one.response_body, one.server_ip) == (b"some body", ANSWER, "127.0.0.1")


@pytest.mark.network
def test_the_run_is_described_and_sealed(recorded):
    run = load_run(recorded.folder)
    assert (run.app, run.os_build, run.settings) == ("Company Portal", "22631", {"usage_data": "off"})
    assert [step.name for step in steps(recorded.folder)] == ["signed in"]
    assert verify(recorded.folder) == []


@pytest.mark.network
def test_the_summary_for_machines_is_all_there_is_on_stdout(recorded):
    found = json.loads(recorded.printed)
    assert (found["run"], found["exchanges"], found["hosts"], found["damaged"]) == ("run", 1, ["localhost"], [])
    assert found["closed"] == {"tls failed": {"localhost": 1}}


@pytest.mark.network
def test_a_person_is_told_how_to_connect_and_what_came_of_it(recorded):
    said = recorded.said.splitlines()
    assert said[0] == f"1. Connect the device: HTTP(S) proxy at 127.0.0.1:{recorded.port}"
    assert [line[:2] for line in said[:4]] == ["1.", "2.", "3.", "4."]
    assert f"{recorded.folder}: 1 exchanges with 1 hosts" in said
    assert "If the app does not work like this, record again with --ignore-hosts localhost" in said
    assert said[-1] == f"Next: portalscope decode {recorded.folder.parent}"


@pytest.mark.network
def test_the_authority_belongs_to_the_inspection_and_to_its_owner(recorded):
    assert recorded.confdir.parent == recorded.folder.parent
    assert [path.stat().st_mode & 0o777 for path in (recorded.folder.parent, recorded.confdir)] == [0o700, 0o700]
    assert (recorded.confdir / "mitmproxy-ca.pem").stat().st_mode & 0o077 == 0


@pytest.mark.network
def test_killing_it_loses_no_answered_exchange(server, tmp_path):
    with record(tmp_path, server) as proxy:
        assert proxy.client(f"https://localhost:{server.port}/", "-d", "some body").stdout == ANSWER
        proxy.end(signal.SIGKILL)
    assert [one.body for one in proxy.exchanges] == [b"some body"]


@pytest.mark.network
def test_a_folder_that_is_gone_ends_it_with_a_message(server, tmp_path):
    with record(tmp_path, server) as proxy:
        shutil.rmtree(proxy.folder)
        proxy.client(f"https://localhost:{server.port}/")
        assert proxy.wait() == 1
    assert "portalscope: cannot record: [Errno 2]" in proxy.said
    assert proxy.printed == ""


@pytest.mark.network
def test_a_port_that_is_taken_ends_it_before_it_begins(server, tmp_path):
    taken = ["--listen-host", "127.0.0.1", "--port", str(server.port), "--inspection", str(tmp_path)]
    done = subprocess.run([*RECORD, "run", *taken], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"failed to listen on 127.0.0.1:{server.port}" in done.stderr
    assert "--port" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["there"], 1, "never recorded over"),
        (["../x"], 1, "not a name for a run"),
        (["new", "--set", "usage"], 2, "NAME=VALUE"),
        (["new", "--scope", "some"], 2, "scope"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_made(tmp_path, arguments, code, why):
    (create_run(tmp_path, "there") / "flows.mitm").touch()  # without a recording it would be a run that was prepared
    done = command("record", *arguments, "--inspection", tmp_path, "--port", free_port())
    assert done.exit_code == code
    assert why in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def running(inspection, name="run"):
    return create_run(inspection, name, Run(id=name, started=AT, tools={"mitmproxy": "12"}))


def test_a_step_goes_to_the_run_that_is_recorded(tmp_path):
    folder = running(tmp_path)
    assert command("step", "signed in", "--inspection", tmp_path).exit_code == 0
    assert [step.name for step in steps(folder)] == ["signed in"]
    assert steps(folder)[0].at.tzinfo == UTC


def test_a_step_without_a_recording_is_refused(tmp_path):
    folder = running(tmp_path)
    save_run(folder, Run(id="run", started=AT, tools={"mitmproxy": "12", "ended": "2026-05-04T11:00:00+00:00"}))
    done = command("step", "signed in", "--inspection", tmp_path)
    assert (done.exit_code, steps(folder)) == (1, [])
    assert "--run FOLDER" in done.output
    assert command("step", "signed in", "--run", folder).exit_code == 0
    assert len(steps(folder)) == 1


def test_a_step_needs_a_run(tmp_path):
    done = command("step", "signed in", "--run", tmp_path)
    assert (done.exit_code, list(tmp_path.iterdir())) == (1, [])


def test_the_summary_says_what_is_damaged(tmp_path):
    folder = create_run(tmp_path, "run", Run(id="run", files={"flows.mitm": "0" * 64}))
    (folder / "flows.mitm").write_bytes(b"99:torn")
    for why in ("established, then silent", "not intercepted: out of scope", None):
        row = Connection(id="c", run="", at=AT, transport="tls", host="a.example", port=443, opaque_because=why)
        append_connection(folder, row)
    found = summary(folder)
    assert found.closed == {"established, then silent": {"a.example": 1}, "not intercepted": {"a.example": 1}}
    assert [damage.partition(":")[0] for damage in found.damaged] == ["flows.mitm", "flows.mitm"]


def test_steps_of_another_inspection_need_its_name(tmp_path):
    assert f"--inspection {tmp_path}" in welcome(tmp_path / "run", "proxy at 192.0.2.1:8080")
