"""The registry of T1 to T12: every table fits its schema, every column is described, completeness goes with it."""

import json

import pandas as pd
import pyarrow as pa
import pytest

from portalscope.analysis import coverage, export
from portalscope.analysis.schema import may, must
from portalscope.analysis.tables import TABLES, named, page, table, write_metadata
from tests.analysis.recorded import real


def plain(schema: pa.Schema) -> pa.Schema:
    """The schema without dictionaries, which pandas makes by itself."""
    kinds = [(c, c.type.value_type if pa.types.is_dictionary(c.type) else c.type) for c in schema]
    return pa.schema([pa.field(c.name, kind, c.nullable) for c, kind in kinds])


@pytest.fixture(scope="module", params=list(TABLES))
def made(request):
    one = TABLES[request.param]
    return one, one.make(real("old-1", "new-1", "off", "clients-new"))


def test_twelve_tables_in_order():
    assert list(TABLES) == [f"T{n}" for n in range(1, 13)]
    assert named("t10") is TABLES["T10"]
    with pytest.raises(ValueError, match="no table T13; there are T1, T2"):
        named("T13")


def test_columns_and_types_are_those_of_the_schema(made):
    one, frame = made
    assert list(frame.columns) == one.schema.names
    found = pa.Table.from_pandas(frame, schema=plain(one.schema), preserve_index=False)
    assert [c.name for c in plain(one.schema) if not c.nullable and found[c.name].null_count] == []


@pytest.mark.parametrize("one", TABLES.values(), ids=lambda one: one.name)
def test_a_recording_without_traffic_gives_a_table_as_well(one):
    frame = one.make(real("off"))
    assert list(frame.columns) == one.schema.names
    pa.Table.from_pandas(frame, schema=plain(one.schema), preserve_index=False)


def test_every_table_and_column_is_described(made):
    one, _ = made
    assert one.title.startswith(f"{one.name} ")
    assert all(len(column.metadata[b"description"]) > 5 for column in one.schema)


def test_completeness_goes_with_every_table(made):
    _, frame = made
    assert frame.attrs["completeness"] == coverage.line(real("old-1", "new-1", "off", "clients-new"))


def test_no_verdict_that_nobody_can_give(made):
    _, frame = made
    text = frame.to_csv().lower()
    assert not [word for word in ("anonymous", "not personal data", "no transfer") if word in text]


def test_csv_with_what_it_cannot_say(made, tmp_path):
    one, frame = made
    path = tmp_path / f"{one.name}.csv"
    export.write(frame, path)
    said = json.loads(write_metadata(one, frame, path).read_text())
    assert said["@context"] == "http://www.w3.org/ns/csvw"
    assert (said["url"], said["dc:title"]) == (path.name, one.title)
    assert said["dc:description"] == frame.attrs["completeness"]
    assert [column["name"] for column in said["tableSchema"]["columns"]] == list(frame.columns)
    assert path.with_name(f"{path.name}-metadata.json").exists()


def test_spreadsheet(made, tmp_path):
    _, frame = made
    export.write(frame, tmp_path / "t.xlsx")
    assert (tmp_path / "t.xlsx").stat().st_size > 1000


def test_titles_get_the_name_in_front():
    columns = pa.schema([must("a", pa.string(), "An a."), may("b", pa.int32(), "A b.")], metadata={b"title": b"Things"})
    assert table("T99", columns, lambda _: pd.DataFrame()).title == "T99 Things"


def test_the_page_documents_every_column():
    text = page()
    assert text.count("\n## T") == 12
    assert all(f"| `{name}` |" in text for one in TABLES.values() for name in one.schema.names)
