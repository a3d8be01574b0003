"""`identify` on the command line, against a dataset of synthetic runs."""

import json

import pytest
import typer
from typer.testing import CliRunner

from portalscope.capture.run import Run
from portalscope.verbs.identify import identify
from tests.analysis.run_matrix import THIRD, UPN, Request, Said, value, write

DEVICE = Said(is_="deviceId", code="D3", level="E5", because="source code")
NAME = "anna@contoso-honey.example"


@pytest.fixture
def dataset(tmp_path):
    """Two runs: one that names a user beside a device, one that only has the device."""
    path = tmp_path / "dataset"
    device = {"body:id": (value("device"), DEVICE)}
    write(path, Run(id="named", planted={"upn": (NAME,)}), [Request(records=[{**device, "body:upn": (NAME, UPN)}])])
    write(path, Run(id="bare", settings={"arm": "nonsense"}), [Request(host=THIRD, records=[device])])
    return path


@pytest.fixture
def run(dataset):
    """Run the verb alone."""
    app = typer.Typer()
    app.command()(identify)
    return lambda *args: CliRunner().invoke(app, [*args, "--dataset", str(dataset)])


def test_table_and_sentences(run, dataset):
    done = run()
    assert done.exit_code == 0, done.output
    assert "Device identifier" in done.stdout
    assert "It is joined to the user principal name at Microsoft Corporation: same event" in done.stdout
    assert "'nonsense' is not an arm" in done.stderr
    assert NAME not in done.output
    assert (dataset / "links" / "part-0.parquet").is_file()


def test_some_runs_only(run, dataset):
    done = run("bare", "--json")
    assert [row["property"] for row in json.loads(done.stdout)["identifiers"]] == ["deviceId"]
    assert not (dataset / "links").exists(), "a table of some runs would pass for one of all"


def test_json_is_whole(run):
    found = json.loads(run("--json").stdout)
    assert {*found} == {"identifiers", "verdicts", "records", "links", "sentences", "answers", "notes"}
    assert {row["host"]: row["verdict"] for row in found["verdicts"]}[THIRD] == "device_scoped"
    assert len(found["sentences"]) == len(found["identifiers"])


def test_dutch_and_a_picture(run, tmp_path):
    done = run("--lang", "nl", "--picture", str(tmp_path / "out.svg"))
    assert "gekoppeld aan ‘aanmeldnaam (UPN)’" in done.stdout
    assert (tmp_path / "out.svg").read_text("utf-8").startswith('<svg class="links"')


def test_without_the_source_address(run):
    assert all(row["strength"] != "possible" for row in json.loads(run("--json", "--no-address").stdout)["links"])


def test_no_dataset(tmp_path):
    app = typer.Typer()
    app.command()(identify)
    done = CliRunner().invoke(app, ["--dataset", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert "no dataset" in done.output


def test_an_unknown_run(run):
    done = run("other")
    assert done.exit_code == 1
    assert "no run other" in done.output
