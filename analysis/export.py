"""Tables for other programs: CSV, JSON and XLSX, in which whatever a sender wrote stays text."""

import csv
import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd
import xlsxwriter

from portalscope.analysis import schema
from portalscope.analysis.coverage import limits
from portalscope.analysis.frames import Frames
from portalscope.analysis.summary import summary

ACTIVE = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes text in a CSV that begins so for a formula
MOST_ROWS = 1_048_576  # of an XLSX sheet
LONGEST = 32_767  # characters of an XLSX cell
WIDEST = 60  # characters of a column as it is shown
CREATED = dt.datetime(2020, 1, 1)  # noqa: DTZ001 - XLSX knows no time zones; always the same, for the same bytes

type Cell = str | int | float | bool | None


def frame_of(frames: Frames, name: str) -> pd.DataFrame:
    """Return a table by name: `summary`, `completeness` or one of the dataset. Raises ValueError for another name."""
    if name == "summary":
        return summary(frames)
    if name == "completeness":
        return limits(frames)
    if name not in schema.TABLES:
        raise ValueError(f"no table {name}; there are summary, completeness, {', '.join(schema.TABLES)}")
    found: pd.DataFrame = frames.observations() if name == "observations" else getattr(frames, name)
    return found


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table to a `.csv`, `.json` or `.xlsx`. The same table gives the same bytes.

    Raises ValueError for another ending and for more rows than a sheet holds.
    """
    match path.suffix:
        case ".csv":
            write_csv(table, path)
        case ".json":
            write_json(table, path)
        case ".xlsx":
            write_xlsx({path.stem: table}, path)
        case _:
            raise ValueError(f"{path.name}: a table is written to .csv, .json or .xlsx")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV (RFC 4180, UTF-8); text that a spreadsheet would run begins with an apostrophe."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([passive(str(name)) for name in table.columns])
        writer.writerows([passive(value) for value in row] for row in rows(table))


def passive(value: Cell) -> Cell:
    """Return a value that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(ACTIVE) else value


def write_json(table: pd.DataFrame, path: Path) -> None:
    """Write a table as a JSON list with an object for each row."""
    names = [str(name) for name in table.columns]
    records = [dict(zip(names, row, strict=True)) for row in rows(table)]
    path.write_text(json.dumps(records, ensure_ascii=False, indent=1) + "\n", "utf-8")


def write_xlsx(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write tables as sheets, ready to be sorted and filtered; how complete a summary is stands on a sheet `about`."""
    if large := [name for name, table in tables.items() if len(table) >= MOST_ROWS]:
        raise ValueError(f"{', '.join(large)}: more rows than an XLSX sheet holds; write .csv")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": CREATED})
        head = book.add_format({"bold": True, "bottom": 1})
        for name, table in tables.items():
            write_sheet(book.add_worksheet(titled(name)), table, head)
        if notes := [(name, table.attrs["completeness"]) for name, table in tables.items() if table.attrs]:
            write_sheet(book.add_worksheet("about"), pd.DataFrame(notes, columns=["table", "completeness"]), head)


def titled(name: str) -> str:
    """Return a name as a sheet can have it: 31 characters, without the signs that Excel refuses."""
    return re.sub(r"[\[\]:*?/\\']", "_", name)[:31] or "table"


def write_sheet(sheet: xlsxwriter.worksheet.Worksheet, table: pd.DataFrame, head: xlsxwriter.format.Format) -> None:
    """Write one table to one sheet, its head frozen and with a filter."""
    widths = [len(str(name)) for name in table.columns]
    for column, name in enumerate(table.columns):
        sheet.write_string(0, column, str(name), head)
    for number, row in enumerate(rows(table), 1):
        for column, value in enumerate(row):
            write_cell(sheet, number, column, value)
            widths[column] = max(widths[column], len(str(value)))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(width, WIDEST) + 1)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table), max(len(widths) - 1, 0))


def write_cell(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Cell) -> None:
    """Write one value by its own type: text is text, whatever it looks like."""
    if isinstance(value, str):
        sheet.write_string(row, column, value[:LONGEST])
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif value is not None:
        sheet.write_number(row, column, value)


def rows(table: pd.DataFrame) -> Iterator[list[Cell]]:
    """Give the rows with plain values: times as ISO 8601, nothing for null."""
    columns: Iterable[list[object]] = (table[name].astype("object").tolist() for name in table.columns)
    for row in zip(*columns, strict=True):
        yield [plain(value) for value in row]


def plain(value: object) -> Cell:
    """Return a value of a frame as text, number or truth value, None for null."""
    if isinstance(value, str | bool | int):
        return value
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return None
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value if isinstance(value, float) else str(value)
