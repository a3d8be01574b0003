"""Leaves become columns, by code, and come back as they were."""

from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from portalscope.analysis import schema, values
from portalscope.analysis.observations import Codes, Observations
from portalscope.analysis.rows import Rows
from portalscope.decoders.message import Event, Field, Scalar

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()


def event(given_: list[Scalar]) -> Event:
    leaves = [
        Field(part="body", path=f"x[{i}]", shape="x[]", value=value, depth=i % 3) for i, value in enumerate(given_)
    ]
    return Event(index=7, kind="record", name="n", fields=tuple(leaves))


def written(path: Path, given_: list[Scalar], group: int) -> list[dict[str, object]]:
    observations = Observations(Rows(path, schema.OBSERVATIONS, group), str.upper, b"key")
    observations.fields.append("f")
    for i in range(0, len(given_), 3):
        part = event(given_[i : i + 3])
        observations.add(f"e{i}", part, [0] * len(part.fields))
    observations.close()
    found: list[dict[str, object]] = pq.ParquetFile(path).read().to_pylist()
    return found


@given(given_=st.lists(SCALARS, max_size=30), group=st.integers(1, 10))
def test_values_keep_kind_size_and_hash(tmp_path_factory, given_: list[Scalar], group: int) -> None:
    rows = written(tmp_path_factory.mktemp("o") / "x.parquet", given_, group)
    data = [values.as_bytes(value) for value in given_]
    assert [row["value_kind"] for row in rows] == [values.kind(value) for value in given_]
    assert [row["value_size"] for row in rows] == [len(one) for one in data]
    zero = (b"0.0", b"-0.0")  # equal numbers of one type are one value
    expected = [values.digest(b"key", one) if one else None for one in data]
    assert [r["value_hash"] for r, d in zip(rows, data, strict=True) if d not in zero] == [
        h for h, d in zip(expected, data, strict=True) if d not in zero
    ]


def test_places_are_kept_and_masked(tmp_path: Path) -> None:
    rows = written(tmp_path / "x.parquet", ["a", "b", "a", "c"], 100)
    assert [(row["exchange"], row["event"], row["path"], row["depth"]) for row in rows] == [
        ("e0", 7, "X[0]", 0),
        ("e0", 7, "X[1]", 1),
        ("e0", 7, "X[2]", 2),
        ("e3", 7, "X[0]", 0),
    ]


def test_codes_are_given_in_order_of_appearance() -> None:
    codes: Codes[str] = Codes(str.upper)
    assert [codes["b"], codes["a"], codes["b"]] == [0, 1, 0]
    assert codes.words == ["B", "A"]
