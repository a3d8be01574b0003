"""A run becomes a partition: every leaf a row, no value in clear, all of it or nothing."""

import hashlib
import hmac
import json
import stat
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from portalscope.analysis import schema
from portalscope.analysis.dataset import Writer
from portalscope.capture.exchange import Exchange
from portalscope.capture.run import Run

EMAIL = "anna.honeypot@contoso-honey.example"
KEY = bytes(range(32))

type Write = Callable[..., None]
type Make = Callable[..., Exchange]


def rows(dataset: Path, table: str, run: str = "a") -> list[dict[str, object]]:
    found: list[dict[str, object]] = (
        pq.ParquetFile(dataset / table / f"run={run}" / "part-0.parquet").read().to_pylist()
    )
    return found


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_every_leaf_is_a_row(dataset: Path) -> None:
    assert len(rows(dataset, "observations")) == 2 * 18
    assert [row["leaves"] for row in rows(dataset, "events")] == [5, 5, 6, 2] * 2


def test_the_address_of_the_person_is_nowhere_in_the_dataset(dataset: Path) -> None:
    for table in schema.TABLES:
        for run in ("a", "b"):
            text = json.dumps(rows(dataset, table, run), default=str)
            assert "honeypot" not in text.lower(), table
            assert "s3cr3t" not in text, table


def test_names_are_masked_and_the_rest_of_them_stays(dataset: Path) -> None:
    exchange = rows(dataset, "exchanges")[0]
    assert exchange["target"] == "/devices/{upn}"
    assert {row["name"] for row in rows(dataset, "events")} == {"Telemetry", "Start", "Stop {upn}", "200"}
    assert "[0].users.{upn}" in {row["path"] for row in rows(dataset, "observations")}
    assert "[].users.{upn}" in {row["shape"] for row in rows(dataset, "fields")}
    assert rows(dataset, "problems")[0]["why"] == "stopped at {upn}"
    assert rows(dataset, "steps")[0]["name"] == "signed in as {upn}"
    assert rows(dataset, "runs")[0]["planted"] == '["upn"]'


def test_a_value_is_a_keyed_hash_of_its_text(dataset: Path) -> None:
    by_path = {str(row["path"]): row for row in rows(dataset, "observations")}
    expected = hmac.new(KEY, EMAIL.encode(), hashlib.sha256).hexdigest()[:16]
    assert by_path["user"]["value_hash"] == expected
    assert by_path["user"]["value_size"] == len(EMAIL)
    kinds = {path: by_path[f"[1].{path}"]["value_kind"] for path in ("name", "count", "flag", "raw")}
    assert kinds == {"name": "string", "count": "int", "flag": "bool", "raw": "bytes"}
    assert by_path["[1].count"]["value_hash"] != by_path["[1].flag"]["value_hash"]


def test_sentinels_null_and_empty_have_no_hash(dataset: Path) -> None:
    by_path = {row["path"]: row for row in rows(dataset, "observations")}
    assert [by_path["empty"][name] for name in ("value_kind", "value_size", "value_hash")] == ["empty", 0, None]
    assert [by_path["[0].nil"][name] for name in ("value_kind", "value_size", "value_hash")] == ["null", 0, None]


def test_a_field_keeps_all_its_grounds(dataset: Path) -> None:
    (field,) = [row for row in rows(dataset, "fields") if row["shape"] == "user"]
    assert (field["property"], field["class"], field["evidence_level"]) == ("upn", "D1", "E1")
    assert [ground["level"] for ground in json.loads(str(field["grounds"]))] == ["E1", "E2"]
    (tagged,) = [row for row in rows(dataset, "fields") if row["tags"]]
    assert (tagged["tags"], tagged["candidate"]) == ("pii:10", True)


def test_a_field_has_the_same_id_in_every_run(dataset: Path) -> None:
    first, second = ({row["field"] for row in rows(dataset, "fields", run)} for run in ("a", "b"))
    assert first == second


def test_bytes_are_accounted_for(dataset: Path) -> None:
    exchange = rows(dataset, "exchanges")[0]
    assert (exchange["body_size"], exchange["body_decoded"], exchange["body_unread"]) == (203, 200, 3)
    problem = rows(dataset, "problems")[0]
    assert (problem["size"], problem["sha256"]) == (3, hashlib.sha256(b"\x00\x01\x02").hexdigest())


def test_an_attempt_is_not_a_delivery(dataset: Path) -> None:
    answered, attempted = rows(dataset, "exchanges")
    assert (answered["delivered"], attempted["delivered"]) == (True, False)
    assert attempted["error"] == "gone {upn}"


def test_endpoints_count_what_went_there(dataset: Path) -> None:
    by_key = {row["endpoint"]: row for row in rows(dataset, "endpoints")}
    assert list(by_key) == [
        "mobile.events.data.microsoft.com@20.42.73.24",
        "mobile.events.data.microsoft.com",
        "settings-win.data.microsoft.com@51.104.136.2",
    ]
    first, _, closed = by_key.values()
    assert (first["requests"], first["request_bytes"], first["country"], first["seat"]) == (1, 100, "US", "US")
    assert (closed["requests"], closed["connections"], closed["closed"], closed["country"]) == (0, 1, 1, "IE")


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, write_run: Write, make_exchange: Make) -> None:
    for name in ("one", "two"):
        write_run(tmp_path / name, "a", [make_exchange(i, "a") for i in range(5)])
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_row_groups_hold_the_same_rows(tmp_path: Path, write_run: Write, make_exchange: Make) -> None:
    exchanges = [make_exchange(i, "a") for i in range(5)]
    write_run(tmp_path / "large", "a", exchanges)
    write_run(tmp_path / "small", "a", exchanges, group=7)
    small = pq.ParquetFile(tmp_path / "small/observations/run=a/part-0.parquet")
    assert small.num_row_groups > 5
    for table in schema.TABLES:
        assert rows(tmp_path / "small", table) == rows(tmp_path / "large", table)


def test_decoding_again_replaces_the_run_and_leaves_the_others(
    tmp_path: Path, write_run: Write, make_exchange: Make
) -> None:
    dataset = tmp_path / "dataset"
    write_run(dataset, "a", [make_exchange(1, "a"), make_exchange(2, "a")])
    write_run(dataset, "b", [make_exchange(1, "b")])
    before = content(dataset / "observations/run=b")
    write_run(dataset, "a", [make_exchange(7, "a")])
    assert [row["exchange"] for row in rows(dataset, "exchanges")] == ["flows.mitm#7"]
    assert content(dataset / "observations/run=b") == before
    assert not list(dataset.glob(".*"))


def test_a_failure_leaves_the_dataset_as_it_was(tmp_path: Path, write_run: Write, make_exchange: Make) -> None:
    dataset = tmp_path / "dataset"
    write_run(dataset, "a", [make_exchange(1, "a")])
    before = content(dataset)
    with pytest.raises(KeyboardInterrupt), Writer(dataset, Run(id="a"), key=KEY):
        raise KeyboardInterrupt
    assert content(dataset) == before


def test_a_destination_that_nothing_is_said_of_is_an_error(tmp_path: Path, make_exchange: Make) -> None:
    with pytest.raises(ValueError, match="1 destinations"), Writer(tmp_path / "d", Run(id="a"), key=KEY) as writer:
        writer.destinations.exchange(make_exchange(1, "a"))
    assert not list((tmp_path / "d").glob("*"))


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "a=b"])
def test_a_run_id_is_a_plain_file_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="run id"):
        Writer(tmp_path / "d", Run(id=name), key=KEY)


def test_other_keys_do_not_mix(tmp_path: Path, write_run: Write, make_exchange: Make) -> None:
    write_run(tmp_path / "d", "a", [make_exchange(1, "a")])
    with pytest.raises(ValueError, match="another key"):
        Writer(tmp_path / "d", Run(id="b"), key=b"other")


def test_values_in_clear_are_beside_the_dataset_without_secrets(
    tmp_path: Path, write_run: Write, make_exchange: Make
) -> None:
    write_run(tmp_path / "d", "a", [make_exchange(1, "a")], keep="clear")
    path = tmp_path / "d-values/values/run=a/part-0.parquet"
    found = {row["value"]: row["value_hash"] for row in pq.ParquetFile(path).read().to_pylist()}
    assert EMAIL in found
    assert "0xff00" in found
    assert not [value for value in found if "s3cr3t" in value]
    assert found[EMAIL] in {row["value_hash"] for row in rows(tmp_path / "d", "observations")}
    assert stat.S_IMODE((tmp_path / "d-values").stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(path.parent.glob("*.draft"))


def test_a_value_that_was_a_secret_elsewhere_is_left_out(tmp_path: Path, write_run: Write, make_exchange: Make) -> None:
    write_run(tmp_path / "d", "a", [make_exchange(1, "a")], "Bearer s3cr3t", keep="clear")
    found = pq.ParquetFile(tmp_path / "d-values/values/run=a/part-0.parquet").read()["value"].to_pylist()
    assert "Bearer s3cr3t" not in found


def test_pandas_duckdb_and_polars_read_it(dataset: Path) -> None:
    path = dataset / "observations"
    expected = 18 * 3
    frame = pd.read_parquet(path)
    assert (len(frame), sorted(frame["run"].unique())) == (expected, ["a", "b"])
    source = f"read_parquet('{path}/*/*.parquet', hive_partitioning=true)"
    counted = duckdb.sql(f"SELECT run, count(*) FROM {source} GROUP BY ALL ORDER BY run").fetchall()
    assert counted == [("a", 36), ("b", 18)]
    lazy = pl.scan_parquet(f"{path}/**/*.parquet", hive_partitioning=True)
    assert lazy.select(pl.len()).collect().item() == expected
    assert lazy.filter(pl.col("path") == "user").collect()["value_kind"].to_list() == ["string"] * 3


def test_files_carry_schema_versions_and_descriptions(dataset: Path) -> None:
    found: pa.Schema = pq.read_schema(dataset / "observations/run=a/part-0.parquet")
    assert found.metadata[b"schema_version"] == schema.VERSION.encode()
    assert found.metadata[b"knowledge"] == b"abc"
    assert found.field("path").metadata[b"description"].startswith(b"Where the leaf is")
    assert not found.field("path").nullable
    assert (dataset / "README.md").read_text("utf-8") == schema.page()
