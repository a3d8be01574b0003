"""What the verbs on a dataset share."""

import pandas as pd
import pytest
import typer

from portalscope.verbs.dataset import key_of, opened, records, written
from tests.analysis.recorded import KEY, real_dataset


def test_what_is_not_there_is_said(tmp_path, capsys):
    with pytest.raises(typer.Exit):
        opened(tmp_path / "nowhere", None)
    assert "portalscope decode" in capsys.readouterr().err


def test_a_run_that_is_not_there(capsys):
    with pytest.raises(typer.Exit):
        opened(real_dataset(), ["nowhere"])
    assert "no run nowhere" in capsys.readouterr().err


def test_the_key(tmp_path, capsys):
    assert key_of(real_dataset(), tmp_path, "nothing can be compared") is None
    assert "nothing can be compared (--inspection FOLDER)" in capsys.readouterr().err
    (tmp_path / ".key").write_bytes(KEY)
    assert key_of(real_dataset(), tmp_path, "") == KEY


def test_rows_without_pandas_own_words_for_nothing():
    frame = pd.DataFrame({"a": pd.array([1, None], "Int32"), "b": pd.to_datetime([None, "2026-01-01"], utc=True)})
    assert records(frame) == [{"a": 1, "b": None}, {"a": None, "b": "2026-01-01T00:00:00+00:00"}]


def test_a_file_of_an_unknown_kind(tmp_path, capsys):
    with pytest.raises(typer.Exit):
        written(pd.DataFrame({"a": [1]}), tmp_path / "x.pdf")
    assert ".csv, .json or .xlsx" in capsys.readouterr().err
