"""Every column is documented, and the documentation is up to date."""

from pathlib import Path

import duckdb
import pytest

from portalscope.analysis import schema

PAGE = Path(__file__).parents[2] / "docs/reference/dataset.md"


@pytest.mark.parametrize("table", [*schema.TABLES, "values"])
def test_every_column_says_what_it_is(table: str) -> None:
    columns = schema.TABLES.get(table, schema.VALUES)
    assert all(column.metadata[b"description"].endswith(b".") for column in columns)
    assert len(set(columns.names)) == len(columns.names)
    assert "run" not in columns.names, "the partition is the column"


def test_the_page_in_the_docs_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8").endswith(schema.page()), "run docs/generate.py"


def test_the_page_names_every_column() -> None:
    page = schema.page()
    for table, columns in schema.TABLES.items():
        section = page.partition(f"## {table}\n")[2].partition("\n## ")[0]
        assert [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")] == columns.names


def test_the_query_on_the_page_runs(dataset: Path) -> None:
    query = schema.page().partition("```sql\n")[2].partition("```")[0]
    counts = {
        (name, host): count for name, host, count in duckdb.sql(query.replace("'dataset/", f"'{dataset}/")).fetchall()
    }
    assert counts["upn", "mobile.events.data.microsoft.com"] == 6
    assert sum(counts.values()) == 54


def test_a_stamp_keeps_title_and_columns() -> None:
    stamped = schema.stamped(schema.STEPS, "knows", "key")
    assert stamped.equals(schema.STEPS, check_metadata=False)
    assert stamped.metadata[b"title"] == schema.STEPS.metadata[b"title"]
    assert (stamped.metadata[b"knowledge"], stamped.metadata[b"value_key"]) == (b"knows", b"key")
