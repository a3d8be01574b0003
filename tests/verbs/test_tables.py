"""`tables`: listed, printed, as JSON, CSV and spreadsheet."""

import csv
import json

import pytest

from tests.analysis.recorded import truth
from tests.verbs.assessment import complete, run


def test_tables_are_listed():
    assert "Content incidents" in run("tables").stdout
    listed = json.loads(run("tables", "--json").stdout)
    assert [one["table"] for one in listed] == [f"T{n}" for n in range(1, 13)]


@pytest.mark.parametrize("name", [f"T{n}" for n in range(1, 13)])
def test_every_table_prints_and_is_json(name):
    shown = run("tables", name, "--run", "old-1", "--run", "clients-new")
    assert complete(shown)
    said = json.loads(run("tables", name.lower(), "--run", "old-1", "--json").stdout)
    assert list(said) == ["table", "title", "completeness", "columns", "rows"]
    assert all(list(row) == list(said["columns"]) for row in said["rows"])


def test_tables_as_files(tmp_path):
    out, sheet = tmp_path / "t4.csv", tmp_path / "t4.xlsx"
    result = run("tables", "T4", "--run", "old-1", "--csv", str(out), "--xlsx", str(sheet))
    assert complete(result)
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["event"]: int(row["events"]) for row in rows}["EpDeviceUsage"] == 6  # as in expected.json
    assert sheet.stat().st_size > 1000
    said = json.loads((tmp_path / "t4.csv-metadata.json").read_text())
    assert "hosts opened" in said["dc:description"]


def test_wrong_tables(tmp_path):
    assert "no table T13; there are T1" in run("tables", "T13", code=1).stderr
    assert "ends in .csv" in run("tables", "T1", "--csv", str(tmp_path / "x.txt"), code=1).stderr
    assert "no run nowhere" in run("tables", "T1", "--run", "nowhere", code=1).stderr


@pytest.mark.parametrize("name", ["T1", "T5", "T6", "T7", "T8"])
def test_no_planted_value_is_printed(name):
    values = [value for _, value in truth("js1ds_444_v1")["honey_sent"] if len(value) > 5]
    output = run("tables", name, "--json").output.lower()
    assert not [value for value in values if value.lower() in output]
