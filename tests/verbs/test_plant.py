"""`portalscope plant` as a person runs it."""

import json

import pytest
from typer.testing import CliRunner

from portalscope.capture.inspection import load_run
from portalscope.capture.planting import plantable
from portalscope.capture.run_file import load_planted
from portalscope.cli import app

GUID = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1"


def plant(*arguments, said=None):
    return CliRunner().invoke(app, ["plant", *map(str, arguments)], input=said)


def values(folder):
    return {name: every[0] for name, every in load_run(folder).planted.items()}


def test_a_run_is_prepared_without_questions(tmp_path):
    done = plant(tmp_path / "inspection" / "base", "--generate", "--platform", "windows")
    folder = tmp_path / "inspection" / "base"
    assert done.exit_code == 0
    assert values(folder).keys() == {one.name for one in plantable() if one.make}
    assert (folder / "planted.toml").stat().st_mode & 0o777 == 0o600
    assert values(folder)["serial"] in done.stdout
    assert "Rename this PC" in " ".join(done.stdout.split())
    assert "entra_object_id" in done.stderr


def test_what_is_read_back_is_added_and_what_was_not_taken_is_taken_out(tmp_path):
    folder = tmp_path / "base"
    plant(folder, "--generate")
    before = values(folder)
    done = plant(folder, "--value", f"entra_object_id={GUID}", "--value", "serial=-", "--json")
    after = values(folder)
    assert after == {name: value for name, value in before.items() if name != "serial"} | {"entra_object_id": GUID}
    assert {one["name"]: one["value"] for one in json.loads(done.stdout)} == after


def test_values_in_a_file_are_used_for_several_runs(tmp_path):
    file = tmp_path / "person.toml"
    assert plant(file, "--generate", "--domain", "contoso-test.example").exit_code == 0
    assert plant(tmp_path / "two", "--from", file).exit_code == 0
    assert values(tmp_path / "two") == {name: every[0] for name, every in load_planted(file).items()}
    assert file.stat().st_mode & 0o777 == 0o600


def test_answers_are_checked(tmp_path):
    answers = ["Test User", "Zovrika Pelodado", *["-"] * (len(plantable()) - 1)]
    done = plant(tmp_path / "base", said="\n".join(answers) + "\n")
    assert done.exit_code == 0
    assert "Not this one: it is made of everyday words" in done.output
    assert values(tmp_path / "base") == {"display_name": "Zovrika Pelodado"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--value", "imei=123456789012345"], 1, "imei: it is no IMEI"),
        (["--value", "imei"], 2, "NAME=VALUE"),
        (["--from", "nowhere"], 1, "no planted values in nowhere"),
        (["--value", "serial=-"], 1, "nothing to plant"),
    ],
)
def test_wrong_use(tmp_path, arguments, code, said):
    done = plant(tmp_path / "base", *arguments)
    assert (done.exit_code, said in done.output) == (code, True)
    assert not (tmp_path / "base").exists()


def test_a_folder_that_is_no_run_is_left_alone(tmp_path):
    assert plant(tmp_path, "--generate").exit_code == 1
    assert not (tmp_path / "planted.toml").exists()
