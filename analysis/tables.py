"""The tables T1 to T12 of a data protection impact assessment: one function from frames to a frame for each."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from portalscope.analysis import access_request, documented, field_table, parties, recordings, schema, telemetry
from portalscope.analysis.frames import Frames

CSVW = "http://www.w3.org/ns/csvw"  # Metadata Vocabulary for Tabular Data, W3C Recommendation of 17 December 2015
TYPES = {
    pa.string(): "string",
    pa.int32(): "integer",
    pa.int64(): "integer",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    schema.TIME: "dateTime",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: its schema, with a title and a description of every column, and the function that makes it."""

    name: str
    schema: pa.Schema
    make: Callable[[Frames], pd.DataFrame]

    @property
    def title(self) -> str:
        """The title of the schema."""
        return str(self.schema.metadata[b"title"].decode())


def table(name: str, columns: pa.Schema, make: Callable[[Frames], pd.DataFrame]) -> Table:
    """Return a table; titles of schemas that do not begin with the name get it in front."""
    title = columns.metadata[b"title"].decode()
    titled = title if title.startswith(f"{name} ") else f"{name} {title}"
    return Table(name=name, schema=columns.with_metadata({b"title": titled.encode()}), make=make)


TABLES: Mapping[str, Table] = {
    one.name: one
    for one in (
        table("T1", recordings.RUNS, recordings.runs),
        table("T2", parties.ENDPOINTS, parties.endpoints),
        table("T3", parties.THIRD_PARTIES, parties.third_parties),
        table("T4", telemetry.OVERVIEW, telemetry.overview),
        table("T5", field_table.FIELDS, field_table.fields),
        table("T6", telemetry.INCIDENTS, telemetry.incidents),
        table("T7", field_table.IDENTIFIERS, field_table.identifiers),
        table("T8", access_request.COMPARISON, access_request.comparison),
        table("T9", documented.DOCUMENTED, documented.documented),
        table("T10", parties.TRANSFERS, parties.transfers),
        table("T11", field_table.CATEGORIES, field_table.categories),
        table("T12", recordings.LIMITS, recordings.limits),
    )
}


def named(name: str) -> Table:
    """Return a table by its name, in any case. Raises ValueError for another name."""
    found = TABLES.get(name.upper())
    if found is None:
        raise ValueError(f"no table {name}; there are {', '.join(TABLES)}")
    return found


def write_metadata(one: Table, frame: pd.DataFrame, path: Path) -> Path:
    """Write what a CSV file cannot say into `<file>-metadata.json` beside it, as CSV on the Web; return its path.

    Title, meaning and type of every column, and the line on completeness, which goes with every table.
    """
    columns = [
        {
            "name": column.name,
            "titles": column.name,
            "dc:description": column.metadata[b"description"].decode(),
            "datatype": TYPES[column.type.value_type if pa.types.is_dictionary(column.type) else column.type],
            "required": not column.nullable,
        }
        for column in one.schema
    ]
    said = {
        "@context": CSVW,
        "url": path.name,
        "dc:title": one.title,
        "dc:description": str(frame.attrs.get("completeness", "")),
        "tableSchema": {"columns": columns},
    }
    beside = path.with_name(f"{path.name}-metadata.json")
    beside.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return beside


def page() -> str:
    """Return the Markdown page that documents every column of every table."""
    parts = [schema.section(one.title, one.schema.with_metadata({b"title": b""})) for one in TABLES.values()]
    return "\n".join([HEAD, *parts])


HEAD = """# Tables of the assessment

`portalscope tables T4` prints one of them, `--csv`, `--xlsx` and `--json` write it with all columns. None of them holds
a value: what was sent is named by its kind, and by the exchange that it can be looked up in. The line on completeness
goes with every table; beside a CSV file it stands in `<file>-metadata.json` (CSV on the Web).
"""
