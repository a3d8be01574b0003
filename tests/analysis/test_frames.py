"""Frames hold what was written, typed, and join every leaf with the right rows."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from portalscope.analysis import frames, schema


def test_frames_have_the_columns_of_the_schema(dataset: Path) -> None:
    found = frames.load(dataset)
    assert found.names == ("a", "b")
    for table in schema.TABLES:
        frame = found.observations() if table == "observations" else getattr(found, table)
        assert list(frame.columns) == ["run", *schema.TABLES[table].names], table


def test_few_words_are_categories_and_null_stays_null(dataset: Path) -> None:
    found = frames.load(dataset)
    assert isinstance(found.exchanges["host"].dtype, pd.CategoricalDtype)
    assert found.exchanges["status"].tolist() == [200, pd.NA, 200]
    assert str(found.exchanges["at"].dt.tz) == "UTC"


def test_every_leaf_meets_its_own_event_field_exchange_and_endpoint(dataset: Path) -> None:
    columns = ["exchange", "event", "path", "kind", "property", "host", "server_ip", "country", "delivered", "sent"]
    found = frames.load(dataset).leaves(columns)
    assert list(found.columns) == ["run", *columns]
    attempted = found[(found["run"] == "a") & (found["exchange"] == "flows.mitm#2") & (found["path"] == "user")]
    assert attempted.iloc[0].tolist()[3:] == [
        *("user", "request", "upn", "mobile.events.data.microsoft.com"),
        *(pytest.approx(float("nan"), nan_ok=True), "", False, True),
    ]
    other = found[(found["run"] == "b") & (found["path"] == "[1].ver")].iloc[0]
    assert (other["event"], other["property"], other["host"]) == (
        2,
        "sdkVersion",
        "eu-mobile.events.data.microsoft.com",
    )
    assert found.groupby("sent").size().to_dict() == {False: 6, True: 48}


def test_leaves_do_not_multiply(dataset: Path) -> None:
    found = frames.load(dataset)
    assert len(found.leaves(["field", "property"])) == len(found.observations(["field"])) == 54


def test_runs_are_chosen_and_ordered(dataset: Path) -> None:
    assert frames.load(dataset, ["b"]).exchanges["run"].tolist() == ["b"]
    assert frames.load(dataset, ["b", "a"]).names == ("b", "a")


def test_a_run_that_is_not_there_is_named(dataset: Path) -> None:
    with pytest.raises(ValueError, match="no run c in dataset; it has a, b"):
        frames.load(dataset, ["a", "c"])


def test_a_folder_that_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no dataset"):
        frames.load(tmp_path)


def test_an_unknown_column(dataset: Path) -> None:
    with pytest.raises(KeyError, match="colour"):
        frames.load(dataset).leaves(["colour"])


def test_another_schema_version_is_refused(tmp_path: Path, dataset: Path) -> None:
    old = tmp_path / "old/runs/run=a"
    old.mkdir(parents=True)
    table = pq.ParquetFile(dataset / "runs/run=a/part-0.parquet").read()
    pq.write_table(table.replace_schema_metadata({"schema_version": "0", "value_key": "x"}), old / "part-0.parquet")
    with pytest.raises(ValueError, match="schema version 0, this is version"):
        frames.load(tmp_path / "old")
