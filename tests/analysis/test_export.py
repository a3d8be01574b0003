"""Exports: whatever a sender wrote stays text, and the same table gives the same bytes."""

import csv
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from portalscope.analysis import frames, schema
from portalscope.analysis.export import MOST_ROWS, frame_of, write, write_xlsx
from portalscope.analysis.summary import SUMMARY

HOSTILE = '=HYPERLINK("http://evil.example","click")'
TABLE = pd.DataFrame(
    {
        "name": [HOSTILE, "https://evil.example/", "@SUM(1)", "-1+1", 'plain, "quoted"', "\x01 control"],
        "count": pd.array([1, 2, None, -4, 5, 6], dtype="int64[pyarrow]"),
        "share": [0.5, float("nan"), 1.0, 2.0, 3.0, 4.0],
        "flag": [True, False, True, True, True, True],
        "at": [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)] * 5 + [pd.NaT],
        "kind": pd.Categorical(["a", None, "b", "b", "b", "b"]),
    }
)  # fmt: skip


def sheets(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def test_xlsx_keeps_formulas_and_addresses_as_text(tmp_path: Path) -> None:
    write(TABLE, tmp_path / "x.xlsx")
    found = sheets(tmp_path / "x.xlsx")
    sheet = ET.fromstring(found["xl/worksheets/sheet1.xml"])
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert sheet.findall(f".//{space}f") == []
    assert sheet.findall(f".//{space}hyperlink") == []
    assert [cell.get("t") for cell in sheet.iter(f"{space}c") if (cell.get("r") or "")[0] == "A"] == ["s"] * 7
    texts = [t.text for t in ET.fromstring(found["xl/sharedStrings.xml"]).iter(f"{space}t")]
    assert HOSTILE in texts
    assert "https://evil.example/" in texts


def test_xlsx_is_reproducible(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_xlsx({"fields": TABLE, "a/very: [long] name of a sheet, with signs": TABLE}, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_xlsx_of_a_summary_says_how_complete_it_is(tmp_path: Path, dataset: Path) -> None:
    write(frame_of(frames.load(dataset), "summary"), tmp_path / "x.xlsx")
    found = sheets(tmp_path / "x.xlsx")
    assert 'name="about"' in found["xl/workbook.xml"]
    assert "2 of 3 hosts opened" in found["xl/sharedStrings.xml"]


def test_csv_disarms_formulas_and_leaves_numbers(tmp_path: Path) -> None:
    write(TABLE, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["name", "count", "share", "flag", "at", "kind"]
    assert [row[0] for row in rows[1:]] == [
        f"'{HOSTILE}", "https://evil.example/", "'@SUM(1)", "'-1+1", 'plain, "quoted"', "\x01 control",
    ]  # fmt: skip
    assert rows[1][1:] == ["1", "0.5", "True", "2026-01-02T03:04:05+00:00", "a"]
    assert rows[3][1] == rows[2][2] == rows[2][5] == rows[6][4] == ""
    assert rows[4][1] == "-4"


def test_json_keeps_everything_as_it_is(tmp_path: Path) -> None:
    write(TABLE, tmp_path / "x.json")
    records = json.loads((tmp_path / "x.json").read_text("utf-8"))
    assert records[0] == {
        "name": HOSTILE, "count": 1, "share": 0.5, "flag": True, "at": "2026-01-02T03:04:05+00:00", "kind": "a",
    }  # fmt: skip
    assert records[1]["share"] is None
    assert records[2]["count"] is None


def test_another_ending_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"x.pdf: a table is written to .csv, .json or .xlsx"):
        write(TABLE, tmp_path / "x.pdf")


def test_more_rows_than_a_sheet_holds(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x: more rows than an XLSX sheet holds"):
        write(pd.DataFrame({"n": range(MOST_ROWS)}), tmp_path / "x.xlsx")


@pytest.mark.parametrize("name", [*schema.TABLES, "summary", "completeness"])
def test_every_table_can_be_written(tmp_path: Path, dataset: Path, name: str) -> None:
    table = frame_of(frames.load(dataset), name)
    for ending in ("csv", "json", "xlsx"):
        write(table, tmp_path / f"x.{ending}")
    assert len(json.loads((tmp_path / "x.json").read_text("utf-8"))) == len(table)


def test_tables_by_name(dataset: Path) -> None:
    found = frames.load(dataset)
    assert list(frame_of(found, "summary").columns) == SUMMARY.names
    assert len(frame_of(found, "observations")) == 54
    with pytest.raises(ValueError, match="no table colours; there are summary, completeness, runs"):
        frame_of(found, "colours")
