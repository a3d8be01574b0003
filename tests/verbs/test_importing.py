"""`portalscope import` as a person runs it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from portalscope.capture.inspection import load_run
from portalscope.cli import app

MSAL = Path(__file__).parents[2] / "samples" / "msal_py"


@pytest.fixture
def run(tmp_path):
    def command(*arguments):
        return CliRunner().invoke(app, ["import", *map(str, arguments), "--inspection", str(tmp_path / "inspection")])

    return command


def test_secrets_are_replaced_and_nothing_is_said_of_it(run, tmp_path):
    done = run(MSAL, "--run", "m")
    assert (done.exit_code, "Secrets" in done.output) == (0, False)
    assert load_run(tmp_path / "inspection" / "m").tools["secrets"].startswith("replaced: 11 access_token")


def test_secrets_that_are_kept_are_warned_of(run, tmp_path):
    done = run(MSAL, "--run", "m", "--keep-secrets")
    assert done.exit_code == 0
    assert "Never give it away" in done.output
    file = tmp_path / "inspection" / "m" / "msal_py.mitm"
    assert file.read_bytes() == (MSAL / "msal_py.mitm").read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_cleaned_is_said(run, tmp_path):
    packets = tmp_path / "a.pcap"
    packets.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    done = run(packets, "--json")
    assert "a.pcap: its secrets are not replaced" in done.stderr
    assert json.loads(done.stdout)["files"].keys() == {"a.pcap"}
