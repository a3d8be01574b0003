"""`portalscope control` as a person runs it."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from portalscope.capture import control as recording
from portalscope.capture.control_requests import controls
from portalscope.capture.inspection import create_run, load_run, save_run
from portalscope.capture.run import Run
from portalscope.cli import app


def command(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "inspection" / "base"
    command("plant", folder, "--generate")
    known = load_run(folder)
    more = {"secret_word": ("blue-7731-fish",), "city": ("Zov",)}
    save_run(folder, replace(known, planted={**known.planted, **more}))
    return folder


@pytest.mark.network
def test_it_passes_and_says_so_in_the_run(run):
    done = command("control", "--run", run, "--json")
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert result["passed"]
    assert [form["missing"] for form in result["forms"]] == [[]] * 10
    assert {"secret_word", "city"}.isdisjoint(result["values"])
    assert {form["form"]: form["found_as"] for form in result["forms"]}["SHA-256"] == "hex > sha256"
    about = load_run(run)
    assert about.tools["positive control"].startswith("passed 20")
    assert about.tools["positive control"].endswith(": 10 of 10 forms with all of 16 values")
    assert not [value for every in about.planted.values() for value in every if value in done.output]
    assert {path.name for path in run.iterdir()} == {"run.toml", "planted.toml"}


@pytest.mark.network
def test_without_a_run_it_makes_up_values_and_keeps_nothing(tmp_path):
    done = command("control", "--keep", tmp_path / "kept")
    assert done.exit_code == 0
    assert "Passed: 10 of 10 forms" in done.stderr
    assert (tmp_path / "kept" / "inspection" / "control" / "flows.mitm").exists()


@pytest.mark.network
def test_what_is_not_found_fails_it_and_is_named(run, monkeypatch):
    def lost(planted):
        return [replace(one, body=b"{}") if one.form == "plain JSON" else one for one in controls(planted)]

    monkeypatch.setattr(recording, "controls", lost)
    done = command("control", "--run", run)
    assert done.exit_code == 1
    assert "FAILED: 9 of 10 forms" in done.stderr
    assert "failed 20" in (said := load_run(run).tools["positive control"])
    assert "not found: plain JSON: display_name" in said


def test_nothing_planted_and_no_run(tmp_path):
    assert "no run at" in command("control", "--run", tmp_path / "none").output
    folder = create_run(tmp_path, "base", Run(id="base", planted={"city": ("Zov",)}))
    assert "nothing is planted in base" in command("control", "--run", folder).output
