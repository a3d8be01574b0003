"""Exports of Diagnostic Data Viewer: the rows are SYNTHETIC, in the form of the published ones."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalscope.capture.ddv import codec, ddv_csv, ddv_json, is_csv, is_json, separator
from portalscope.capture.exchange import Exchange
from tests.windows import AT, STORE, USAGE, payload

TYPE = "#TYPE DDVCmdlets.Containers.EventRecord\r\n"
COLUMNS = ["Name", "Timestamp", "Payload", "IsRequired", "DiagnosticDataCategories"]
OLDER = ["Name", "Timestamp", "Payload", "IsBasic", "DiagnosticDataTypes"]
APP = ["Timestamp", "FullName", "Json"]  # the public names of the app's own export
LIST = "System.Collections.Generic.List`1[System.Int32]"


def table(columns, *rows, between=",", type_line=TYPE):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=between, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows(rows)
    return type_line + out.getvalue()


def usual(between=","):
    rows = ([name, "5/18/2021 3:31:42 PM", payload(name), "True", LIST] for name in (USAGE, STORE))
    return table(COLUMNS, *rows, between=between)


def of_csv(data):
    return list(ddv_csv(io.BytesIO(data), "d.csv", "run", codec(data[:2])))


def of_json(data):
    return list(ddv_json(io.BytesIO(data), "d.json", "run", codec(data[:2])))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_both_separators_and_every_encoding_of_powershell(encoding, between):
    data = usual(between).encode(encoding)
    one, other = of_csv(data)
    assert (one.id, one.path, one.host) == ("d.csv#0", "/DiagnosticDataViewer", "local-transcript")
    assert one.body.decode() == payload()
    assert other.body.decode() == payload(STORE)
    assert one.headers == (
        ("Name", USAGE),
        ("Timestamp", "5/18/2021 3:31:42 PM"),
        ("IsRequired", "True"),
        ("DiagnosticDataCategories", LIST),
    )
    assert is_csv(data[:4096])


def test_a_time_in_the_words_of_a_country_does_not_count():
    """5/6/2021 is a day in May or in June, in nobody knows which time zone: the payload says it."""
    assert of_csv(usual().encode())[0].at.isoformat() == AT


@pytest.mark.parametrize(
    ("time", "iso"),
    [
        ("2026-05-04T11:30:00+02:00", "2026-05-04T09:30:00+00:00"),
        ("/Date(1621351902000)/", "2021-05-18T15:31:42+00:00"),
        ("/Date(999999999999999)/", AT),
        ("2026-05-04T11:30:00", AT),
        ("", AT),
    ],
)
def test_times_that_leave_no_doubt_count(time, iso):
    (one,) = of_csv(table(OLDER, [USAGE, time, payload(), "False", "{11}"]).encode())
    assert one.at.isoformat() == iso


@pytest.mark.parametrize("columns", [OLDER, APP, ["full event name", "timestamp", "JSON"]])
def test_other_columns(columns):
    values = {"payload": payload(), "json": payload(), "timestamp": "x"}
    data = table(columns, [values.get(name.lower(), "y") for name in columns], type_line="").encode()
    assert is_csv(data)
    (one,) = of_csv(data)
    assert one.body.decode() == payload()
    assert len(one.headers) == len(columns) - 1


def test_a_payload_with_line_ends_and_quotes_stays_one():
    body = payload(text='two\n"lines";\r\nhere')
    (one,) = of_csv(table(COLUMNS, [USAGE, "x", body, "True", LIST]).encode())
    assert one.body.decode() == body


def test_a_payload_larger_than_the_limit_of_the_library():
    body = payload(text="x" * 300_000)
    (one,) = of_csv(table(COLUMNS, [USAGE, "x", body, "True", LIST]).encode())
    assert one.body.decode() == body


def test_a_row_that_is_cut_off_is_counted_and_read_as_far_as_it_goes():
    data = usual().encode()
    seen = of_csv(data[: data.rindex(b'","True')])
    assert [one.id for one in seen if isinstance(one, Exchange)] == ["d.csv#0", "d.csv#1"]
    assert [one.why for one in seen if not isinstance(one, Exchange)] == ["a row of 3 columns where there are 5"]


@pytest.mark.parametrize(
    ("line", "between"),
    [("a,b;c,d", ","), ("a;b", ";"), ("a\tb", "\t"), ("a", ",")],
)
def test_the_separator_is_what_stands_there_most(line, between):
    assert separator(line) == between


RECORD = {"Name": USAGE, "Timestamp": "/Date(1621351902000)/", "Payload": payload(), "IsRequired": False}
RECORD |= {"DiagnosticDataCategories": [1, 24]}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([RECORD, RECORD], indent=4),
        json.dumps(RECORD) + "\n" + json.dumps(RECORD) + "\n",
        json.dumps(RECORD) + "\r\n" + json.dumps(RECORD),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_a_list_or_lines(text, encoding):
    data = text.encode(encoding)
    assert is_json(data[:4096])
    one, other = of_json(data)
    assert (one.id, other.id) == ("d.json#0", "d.json#1")
    assert one.body.decode() == payload()
    assert one.at.isoformat() == "2021-05-18T15:31:42+00:00"
    assert dict(one.headers) == {
        "Name": USAGE,
        "Timestamp": "/Date(1621351902000)/",
        "IsRequired": "false",
        "DiagnosticDataCategories": "[1, 24]",
    }


@pytest.mark.parametrize("text", [f"[{payload()},{payload(STORE)}]", f"{payload()}\n{payload(STORE)}\n"])
def test_payloads_alone_are_events_byte_for_byte(text):
    assert is_json(text.encode())
    assert [one.body.decode() for one in of_json(text.encode())] == [payload(), payload(STORE)]


def test_one_record_alone():
    (one,) = of_json(json.dumps(RECORD).encode())
    assert one.body.decode() == payload()


@pytest.mark.parametrize(
    ("text", "events", "why"),
    [
        (json.dumps([RECORD, RECORD])[:-40], 1, "the file ends inside event 1"),
        (json.dumps(RECORD) + "\n" + json.dumps(RECORD)[:50], 1, "the file ends inside event 1"),
        ("[" + json.dumps(RECORD) + ', {"Payload": nonsense}]', 1, "not an event"),
        ("[" + json.dumps(RECORD) + ", 12]", 1, "not an event"),
        ("[" + json.dumps(RECORD) + "] nonsense", 1, None),
        (json.dumps(RECORD) + " nonsense", 1, "not a list of events from event 1 on"),
    ],
)
def test_what_is_damaged_is_counted(text, events, why):
    seen = of_json(text.encode())
    assert sum(isinstance(one, Exchange) for one in seen) == events
    problems = [one.why for one in seen if not isinstance(one, Exchange)]
    assert [found.startswith(why) for found in problems] == ([True] if why else [])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello\n",
        b"a,b,c\n1,2,3\n",
        b'{"log":{"entries":[]}}',
        b"[1,2]",
        b'{"ver": 1}',
        b"Payload\n",
        b"\x00\x01",
        b"\r\x00",
    ],
)
def test_other_files_are_not_taken_for_exports(data):
    assert not is_csv(data)
    assert not is_json(data)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_anything_ends(data):
    is_csv(data)
    is_json(data)
    for seen in (of_csv(usual().encode()[:400] + data), of_json(b"[" + data), of_json(data)):
        assert len(seen) <= 2 * len(data) + 10
