"""The notebooks run as they are, in an empty folder."""

import runpy
import tempfile
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.py"))
SAYS = {
    "01_walk_one_request": ["onecollector-json", "0 problems", "E1 planted"],
    "02_compare_versions": ["('sample_reg_v1', 'sample_reg_v2')", "'new-personal ("],
    "03_where_does_it_go": ["hosts opened", "went to", "request_bytes"],
}


def test_there_is_one_for_each_group_of_users():
    assert [path.stem for path in NOTEBOOKS] == list(SAYS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    runpy.run_path(str(path))
    said = capsys.readouterr().out
    assert [words for words in SAYS[path.stem] if words not in said] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_one_of_jupytext(path):
    text = path.read_text("utf-8")
    assert "formats: py:percent" in text
    assert text.count("# %% [markdown]") >= 5
