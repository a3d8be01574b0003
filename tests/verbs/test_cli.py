"""The command line from outside: every verb, its exit codes, and what it must not print."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from portalscope.cli import app

SAMPLES = Path(__file__).parents[2] / "samples"
run = CliRunner().invoke


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """An inspection of three runs and its dataset, made by the verbs themselves."""
    folder = tmp_path_factory.mktemp("cli")
    for name, sample, usage in (("on", "ort132", "on"), ("off", "ort132_disabled", "off"), ("signin", "msal_py", "on")):
        arguments = ["import", str(SAMPLES / sample), "--run", name, "--inspection", str(folder / "inspection")]
        result = run(
            app, [*arguments, "--planted-from", str(SAMPLES / sample), "--set", f"usage_data={usage}", "--app", "test"]
        )
        assert result.exit_code == 0, result.output
    result = run(app, ["decode", str(folder / "inspection"), "--dataset", str(folder / "dataset")])
    assert result.exit_code == 0, result.output
    return folder


def test_help_does_not_import_what_it_does_not_need():
    code = "import sys; from portalscope.cli import app; print([m for m in ('pandas', 'pyarrow', 'mitmproxy', 'scapy', 'jinja2') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_help_names_every_verb():
    text = run(app, ["--help"]).output
    for verb in (
        "record",
        "step",
        "import",
        "decode",
        "explain",
        "summarise",
        "compare",
        "report",
        "export",
        "check",
        "adapters",
        "demo",
    ):
        assert verb in text


def test_version():
    assert run(app, ["--version"]).output.startswith("portalscope 0.")


def test_wrong_use_is_2():
    assert run(app, ["decode", "--nonsense"]).exit_code == 2
    assert run(app, ["import", str(SAMPLES / "ort132"), "--set", "novalue"]).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["decode", "nowhere"],
        ["summarise", "--dataset", "nowhere"],
        ["report", "--dataset", "nowhere"],
        ["explain", "nowhere.mitm"],
    ],
)
def test_what_is_not_there_is_said_with_what_to_do(arguments):
    result = run(app, arguments)
    assert result.exit_code == 1
    assert "nowhere" in result.stderr
    assert "Traceback" not in result.output


def test_an_import_says_what_was_tested_and_with_what(tmp_path):
    arguments = ["--os-build", "10.0.1", "--account", "A", "--tenant", "T", "--inspection", str(tmp_path), "--run", "r"]
    assert run(app, ["import", str(SAMPLES / "ort132"), *arguments]).exit_code == 0
    said = (tmp_path / "r" / "run.toml").read_text("utf-8")
    for line in ('os_build = "10.0.1"', 'account = "A"', 'tenant = "T"', "portalscope = ", "python = "):
        assert line in said


def test_a_run_is_never_imported_over(work):
    result = run(app, ["import", str(SAMPLES / "ort132"), "--run", "on", "--inspection", str(work / "inspection")])
    assert result.exit_code == 1
    assert "already" in result.stderr


def test_a_damaged_file_is_4(work, tmp_path):
    whole = (SAMPLES / "msal_py" / "msal_py.mitm").read_bytes()
    (tmp_path / "cut.mitm").write_bytes(whole[: len(whole) * 2 // 3])
    assert run(app, ["import", str(tmp_path / "cut.mitm"), "--inspection", str(tmp_path / "i")]).exit_code == 0
    result = run(app, ["decode", str(tmp_path / "i"), "--dataset", str(tmp_path / "d"), "--json"])
    assert result.exit_code == 4
    assert json.loads(result.stdout)["cut"]["leaves"] > 50


def test_summarise_answers(work):
    result = run(app, ["summarise", "--dataset", str(work / "dataset")])
    assert result.exit_code == 0
    assert "went to Microsoft Corporation" in result.stderr
    said = json.loads(run(app, ["summarise", "--dataset", str(work / "dataset"), "--json"]).stdout)
    assert {row["property"] for row in said["summary"]} >= {"upn", "installationId", "password"}
    assert said["completeness"]["faults"] == []


def test_compare_and_its_gates(work):
    arguments = ["compare", "off", "on", "--dataset", str(work / "dataset")]
    rows = json.loads(run(app, [*arguments, "--json"]).stdout)
    assert {row["subject"] for row in rows if row["kind"] == "event"} >= {"ProcessInfo", "RuntimeError"} or rows
    assert run(app, [*arguments, "--fail-on", "new-endpoint"]).exit_code == 3
    assert run(app, ["compare", "on", "on", "--dataset", str(work / "dataset"), "--fail-on", "any"]).exit_code == 0
    assert run(app, [*arguments, "--fail-on", "nonsense"]).exit_code == 1


def test_explain_lists_and_walks(work, tmp_path):
    listed = run(app, ["explain", str(work / "inspection" / "signin"), "--json"])
    assert len(json.loads(listed.stdout)) == 10
    walked = run(
        app, ["explain", str(work / "inspection" / "signin"), "-e", "2", "--html", str(tmp_path / "w.html"), "--json"]
    )
    assert json.loads(walked.stdout)["adapter"]["id"] == "entra-token"
    assert (tmp_path / "w.html").read_text("utf-8").startswith("<!doctype html>")
    shown = run(app, ["explain", str(SAMPLES / "msal_py" / "msal_py.mitm"), "-e", "2"]).stdout
    assert "password" in shown
    assert "anna.honeypot" not in shown
    assert run(app, ["explain", str(SAMPLES / "ort132" / "ort132.mitm"), "-e", "7"]).exit_code == 1


def test_report_and_export(work, tmp_path):
    out = tmp_path / "r.html"
    assert run(app, ["report", "--dataset", str(work / "dataset"), "--out", str(out)]).exit_code == 0
    assert "<svg" in out.read_text("utf-8")
    for name in ("s.csv", "s.json", "s.xlsx"):
        assert run(app, ["export", "summary", str(tmp_path / name), "--dataset", str(work / "dataset")]).exit_code == 0
        assert (tmp_path / name).stat().st_size > 100
    assert run(app, ["export", "nonsense", str(tmp_path / "x.csv"), "--dataset", str(work / "dataset")]).exit_code == 1


def test_check_and_adapters():
    assert run(app, ["check"]).exit_code == 0
    said = json.loads(run(app, ["check", "--json"]).stdout)
    assert said["faults"] == []
    assert any(row["id"] == "onecollector-bond" for row in json.loads(run(app, ["adapters", "--json"]).stdout))


def test_check_names_a_fault(tmp_path):
    (tmp_path / "adapters").mkdir()
    (tmp_path / "adapters" / "bad.toml").write_text('title="t"')
    result = run(app, ["check", "--knowledge", str(tmp_path)])
    assert result.exit_code == 1
    assert "bad.toml" in result.stderr


def test_demo(tmp_path):
    result = run(app, ["demo", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert "went to Microsoft Corporation" in result.stderr
    assert result.stdout.rstrip().endswith("report.html")
    assert run(app, ["demo", str(tmp_path / "out")]).exit_code == 0
    (tmp_path / "mine").mkdir()
    assert run(app, ["demo", str(tmp_path / "mine")]).exit_code == 1
