"""The open recording of one run: what is on disk, when, and what cannot be."""

from datetime import UTC, datetime

import pytest
from mitmproxy.io import FlowReader
from mitmproxy.test import tflow, tutils

from portalscope.capture.exchange import Connection
from portalscope.capture.inspection import digest, load_run, save_run, verify
from portalscope.capture.recorder import Recorder
from portalscope.capture.run import Run

AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
ABOUT = Run(id="run", started=AT, app="Company Portal", settings={"usage_data": "off"}, tools={"mitmproxy": "12"})


@pytest.fixture
def recorder(tmp_path):
    made = Recorder(tmp_path / "inspection" / "run", ABOUT)
    yield made
    made.file.close()


def connection(why=None):
    return Connection(id="", run="", at=AT, transport="tls", host="a.example", port=443, opaque_because=why)


def test_a_flow_is_in_the_file_when_write_returns(recorder):
    sent = tflow.tflow(resp=True)
    recorder.write(sent, "a.example")
    with (recorder.folder / "flows.mitm").open("rb") as file:
        (there,) = FlowReader(file).stream()
    assert (there.id, there.request.raw_content) == (sent.id, sent.request.raw_content)


def test_what_is_recorded_is_counted(recorder):
    for flow, host in (
        (tflow.tflow(resp=True), "a.example"),
        (tflow.tflow(err=True), "b.example"),
        (tflow.ttcpflow(), "c"),
    ):
        recorder.write(flow, host)
    for why in (None, "tls failed: one reason", "tls failed: another", "established, then silent"):
        recorder.note(connection(why))
    counts = recorder.counts
    assert (counts.exchanges, counts.others, counts.hosts) == (2, 1, {"a.example", "b.example"})
    assert counts.closed == {"tls failed": 2, "established, then silent": 1}


def test_connections_are_numbered(recorder):
    recorder.note(connection())
    recorder.note(connection())
    lines = (recorder.folder / "connections.jsonl").read_text().splitlines()
    assert ['"connections.jsonl#0"' in lines[0], '"connections.jsonl#1"' in lines[1]] == [True, True]


def test_closing_seals_the_files(recorder):
    recorder.write(tflow.tflow(resp=True), "a.example")
    recorder.note(connection())
    recorder.close()
    run = load_run(recorder.folder)
    assert run.files == {name: digest(recorder.folder / name) for name in ("flows.mitm", "connections.jsonl")}
    assert datetime.fromisoformat(run.tools["ended"]).tzinfo == UTC
    assert (run.app, run.settings, run.started, run.tools["mitmproxy"]) == (ABOUT.app, ABOUT.settings, AT, "12")
    assert verify(recorder.folder) == []


def test_what_a_person_writes_into_run_toml_meanwhile_stays(recorder):
    save_run(recorder.folder, Run(id="run", label="changed by hand", planted={"upn": ("planted@contoso.example",)}))
    recorder.close()
    run = load_run(recorder.folder)
    assert (run.label, run.planted) == ("changed by hand", {"upn": ("planted@contoso.example",)})


def test_a_stop_is_written_down(recorder):
    recorder.close("the disk is full")
    assert load_run(recorder.folder).tools["stopped because"] == "the disk is full"


def test_a_recording_is_never_recorded_over(recorder):
    recorder.write(tflow.tflow(resp=True), "a.example")
    before = (recorder.folder / "flows.mitm").read_bytes()
    with pytest.raises(FileExistsError, match="never recorded over"):
        Recorder(recorder.folder, ABOUT)
    assert (recorder.folder / "flows.mitm").read_bytes() == before


def test_a_prepared_folder_is_taken_with_what_it_says(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    known = Run(
        id="run", app="older", device="phone 1", settings={"sync": "on"}, planted={"upn": ("x@contoso.example",)}
    )
    save_run(folder, known)
    Recorder(folder, ABOUT).close()
    run = load_run(folder)
    assert (run.app, run.device, run.started) == ("Company Portal", "phone 1", AT)
    assert (run.settings, run.planted) == ({"sync": "on", "usage_data": "off"}, known.planted)


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "run").mkdir()
    Recorder(tmp_path / "run", ABOUT).close()
    assert load_run(tmp_path / "run").app == "Company Portal"


def test_a_folder_that_went_away_is_an_error_although_the_system_would_write_on(recorder):
    recorder.folder.rename(recorder.folder.with_name("elsewhere"))
    with pytest.raises(FileNotFoundError):
        recorder.write(tflow.tflow(), "a.example")


def test_another_file_in_the_place_of_ours_is_an_error(recorder):
    path = recorder.folder / "flows.mitm"
    path.unlink()
    path.touch()
    with pytest.raises(FileNotFoundError, match="was replaced"):
        recorder.write(tflow.tflow(), "a.example")


def test_no_folder_can_be_made_below_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Recorder(tmp_path / "file" / "run", ABOUT)


def test_a_link_is_not_written_through(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "flows.mitm").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        Recorder(tmp_path / "run", ABOUT)
    assert not (tmp_path / "elsewhere").exists()


def signed_in():
    headers = ((b"authorization", b"Bearer 0.opaque-token"), (b"content-type", b"application/x-www-form-urlencoded"))
    body = b"grant_type=password&password=H0ney%21Pass"
    return tflow.tflow(req=tutils.treq(headers=headers, content=body), resp=True)


def test_secrets_never_reach_the_disk(recorder):
    recorder.write(signed_in(), "a.example")
    recorder.close()
    data = (recorder.folder / "flows.mitm").read_bytes()
    assert not [secret for secret in (b"0.opaque", b"H0ney") if secret in data]
    assert load_run(recorder.folder).tools["secrets"] == "replaced: 1 access_token, 1 password"
    assert (recorder.folder.parent / ".key").stat().st_mode & 0o777 == 0o600


def test_secrets_are_kept_if_somebody_asks_for_it(tmp_path):
    recorder = Recorder(tmp_path / "inspection" / "run", ABOUT, keep_secrets=True)
    recorder.write(signed_in(), "a.example")
    recorder.close()
    assert b"0.opaque" in (recorder.folder / "flows.mitm").read_bytes()
    assert "secrets" not in load_run(recorder.folder).tools


def test_planted_secrets_are_read_once_and_then_only_their_beginnings_stay(tmp_path):
    folder = tmp_path / "inspection" / "run"
    folder.mkdir(parents=True)
    save_run(folder, Run(id="run", planted={"secret_word": ("blue-7731-fish",), "upn": ("a@b.example",)}))
    recorder = Recorder(folder, ABOUT)
    recorder.write(tflow.tflow(req=tutils.treq(content=b"say blue-7731-fish to a@b.example")), "a.example")
    recorder.close()
    assert load_run(folder).planted == {"secret_word": ("SECRET.secret_word.",), "upn": ("a@b.example",)}
    assert not [path for path in folder.iterdir() if b"blue-7731" in path.read_bytes()]
    assert b"say SECRET.secret_word.14." in (folder / "flows.mitm").read_bytes()


def test_a_damaged_key_is_an_error_before_anything_is_recorded(tmp_path):
    (tmp_path / "inspection").mkdir()
    (tmp_path / "inspection" / ".key").write_bytes(b"short")
    with pytest.raises(ValueError, match="not 32"):
        Recorder(tmp_path / "inspection" / "run", ABOUT)
