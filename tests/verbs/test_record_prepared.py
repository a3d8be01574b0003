"""`portalscope record` of a run that was prepared with planted values, and with secrets kept."""

import pytest
from typer.testing import CliRunner

from portalscope.capture.inspection import load_run
from portalscope.cli import app
from tests.proxy import ANSWER, https, record

SECRET = "0.HONEYRT.abcdef"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with https(tmp_path_factory.mktemp("server")) as running:
        yield running


def command(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def sent(proxy, server):
    url = f"https://localhost:{server.port}/token"
    return proxy.client(url, "-d", f"grant_type=x&refresh_token={SECRET}").stdout


@pytest.mark.network
def test_a_prepared_run_is_recorded_and_keeps_what_was_planted(tmp_path, server):
    run = tmp_path / "inspection" / "run"
    assert command("plant", run, "--generate").exit_code == 0
    planted = load_run(run).planted
    with record(tmp_path, server) as proxy:
        assert sent(proxy, server) == ANSWER
        assert proxy.end() == 0
    assert "Secrets are kept" not in proxy.said
    about = load_run(run)
    assert (about.planted, about.tools["secrets"]) == (planted, "replaced: 1 refresh_token")
    assert SECRET.encode() not in (run / "flows.mitm").read_bytes()
    again = command("record", "run", "--inspection", tmp_path / "inspection")
    assert "a run is never recorded over" in again.output


@pytest.mark.network
def test_secrets_that_are_kept_are_warned_of(tmp_path, server):
    with record(tmp_path, server, "--keep-secrets") as proxy:
        assert sent(proxy, server) == ANSWER
        assert proxy.end() == 0
    assert "tokens and passwords that work. Never give it away" in proxy.said
    file = proxy.folder / "flows.mitm"
    assert SECRET.encode() in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_run(proxy.folder).tools["secrets"] == "kept as they were sent"


def test_a_folder_that_is_no_run_is_left_alone(tmp_path):
    (tmp_path / "run").mkdir()
    assert "a run is never recorded over" in command("record", "run", "--inspection", tmp_path).output
