"""Answers of vendors as files. All of them are synthetic: made from the published examples of the formats."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalscope.analysis import access_export
from portalscope.analysis.access_export import Format, at, formats, mapping, of_table, read

# the example on Microsoft's page on diagnostic events of Copilot Chat, its last comma left out
COPILOT = {
    "time": "2025-03-13T13:47:24.438000+00:00",
    "correlationId": None,
    "properties": {
        "ActionTime": "2025-03-13T13:47:24.438Z",
        "AppName": "Microsoft 365 Copilot Chat",
        "Action": "NewChatClicked",
        "Target": "",
        "IP": "",
        "InputMethod": "",
        "DevicePlatform": "Windows",
        "SearchTerm": "",
        "SearchResult": "",
        "BrowserType": "",
        "Location": "",
    },
}
WHEN = datetime(2025, 3, 13, 13, 47, 24, 438000, UTC)
PAYLOAD = {"ver": "4.0", "name": "Ms.X", "time": "2026-03-01T12:00:00.1234567Z", "ext": {"device": {"localId": "s:1"}}}


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("wrapped", [[COPILOT], {"value": [COPILOT]}, COPILOT, None])
def test_microsoft_365(tmp_path, wrapped):
    """As a list, in an object, alone, or one object a line."""
    content = f"{json.dumps(COPILOT)}\n\n{json.dumps(COPILOT)}\n" if wrapped is None else wrapped
    found = read(write(tmp_path / "a.json", content))
    assert len(found) == (2 if wrapped is None else 1)
    assert (found[0].name, found[0].time, found[0].identifiers) == ("NewChatClicked", WHEN, ())


def test_identifiers_are_kept_and_not_shown(tmp_path):
    said = {
        **COPILOT,
        "correlationId": "c-1",
        "properties": {**COPILOT["properties"], "EventName": "E", "IP": "192.0.2.1"},
    }
    (one,) = read(write(tmp_path / "a.json", [said]))
    assert (one.name, one.identifiers) == ("E", ("c-1", "192.0.2.1"))
    assert "192.0.2.1" not in repr(one)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.mark.parametrize(("separator", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), (",", "utf-16")])
def test_diagnostic_data_viewer(tmp_path, separator, encoding):
    """Columns as Export-Csv of PowerShell writes them, with its line of the type and a local time."""
    lines = [
        "#TYPE System.Management.Automation.PSCustomObject",
        separator.join(map(quoted, ("Name", "Timestamp", "Payload"))),
    ]
    lines += [separator.join(map(quoted, ("Ms.X", "3/1/2026 1:00:00 PM", json.dumps(PAYLOAD))))]
    path = tmp_path / "a.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    (one,) = read(path)
    assert (one.name, one.identifiers) == ("Ms.X", ("s:1",))
    assert one.time == datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)  # that of the payload: the other has no time zone


def test_diagnostic_data_viewer_as_json(tmp_path):
    row = {"Timestamp": "/Date(1772366400000)/", "FullName": "Ms.X", "Payload": "no JSON"}
    (one,) = read(write(tmp_path / "a.json", [row]))
    assert (one.name, one.time) == ("Ms.X", datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


def test_a_mapping_of_ones_own(tmp_path):
    form = mapping(write(tmp_path / "m.toml", 'kind = "csv"\nname = ["what"]\ntime = ["at"]\nidentifiers = ["who"]'))
    (tmp_path / "a.csv").write_text("what;at;who\nA;2026-03-01;7\n;2026-03-01;8\n")
    (one,) = read(tmp_path / "a.csv", form)  # the row without a name is no event
    assert (one.row, one.name, one.time, one.identifiers) == (0, "A", datetime(2026, 3, 1, tzinfo=UTC), ("7",))
    table = '[mine]\ntitle = "t"\nkind = "json"\nname = ["n"]\ntime = ["t"]\nrecords = ["a.b"]'
    assert mapping(write(tmp_path / "m.toml", table)).records == ("a.b",)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"kind": "xml", "name": ["n"], "time": ["t"]}, "kind must be json or csv"),
        ({"kind": "csv", "time": ["t"]}, "name is missing"),
        ({"kind": "csv", "name": "n", "time": ["t"]}, "name must be a list"),
        ({"kind": "csv", "name": ["n"], "time": ["t"], "colour": "red"}, "colour is not known"),
        ({"kind": 7, "name": ["n"], "time": ["t"]}, "kind must be text"),
    ],
)
def test_a_mapping_that_is_wrong(said, why):
    with pytest.raises(ValueError, match=why):
        of_table("m.toml", said)


@pytest.mark.parametrize(
    "content",
    ["", "hello", "[1, 2", "[" * 100_000, '{"a": 1}', "a,b\n1,2\n", "[]", "null", '"x"'],
)
def test_what_is_no_answer_is_said(tmp_path, content):
    with pytest.raises(ValueError, match=r"a\.txt: of no known format \(microsoft-365, "):
        read(write(tmp_path / "a.txt", content))


def test_a_broken_file_of_a_known_format(tmp_path):
    with pytest.raises(ValueError, match="not JSON"):
        read(write(tmp_path / "a.json", "[{"), formats()["microsoft-365"])
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="neither UTF-8 nor UTF-16"):
        read(tmp_path / "b.csv")


def test_a_file_that_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(access_export, "LARGEST", 10)
    with pytest.raises(ValueError, match="larger than"):
        read(write(tmp_path / "a.json", [COPILOT]))


def test_paths():
    assert at({"a": {"b": 1}}, "a.b") == 1
    assert at({"a.b": 2}, "a.b") == 2
    assert at({"a": {"b.c": 3}}, "a.b.c") == 3
    assert at({"a": [1]}, "a.b") is None
    assert at({"a": 1}, "b") is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "a.json"
    path.write_text(text, "utf-8", errors="replace")
    for form in (None, *formats().values()):
        try:
            assert all(one.name for one in read(path, form))
        except ValueError as error:
            assert "a.json" in str(error)


def test_every_built_in_format_says_where_it_is_from():
    assert all(isinstance(form, Format) and form.title and form.because for form in formats().values())
