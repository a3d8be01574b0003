"""Recordings of other programs into the inspection folder."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from portalscope.capture import importing as module
from portalscope.capture.importing import import_file
from portalscope.capture.inspection import contents, load_run, raw_files, verify
from portalscope.capture.problem import Problem
from portalscope.capture.run import Run
from tests.windows import database, payload, row

SAMPLES = Path(__file__).parents[2] / "samples"
ORT, MSAL = SAMPLES / "ort132", SAMPLES / "msal_py"


@pytest.fixture
def inspection(tmp_path):
    return tmp_path / "inspection"


def mode(path):
    return path.stat().st_mode & 0o777


def test_a_folder_with_both_forms_gives_the_flow_file(inspection):
    done = import_file(inspection, "ort", [ORT], Run(id="x", app="ONNX Runtime"))
    assert done.left == ("ort132.har: left out, ort132.mitm is of the same name and says more",)
    assert done.folder == inspection / "ort"
    assert [path.name for path in raw_files(done.folder)] == ["ort132.mitm"]
    assert (done.folder / "ort132.mitm").read_bytes() == (ORT / "ort132.mitm").read_bytes()
    assert mode(done.folder / "ort132.mitm") == 0o600
    hashed = hashlib.sha256((ORT / "ort132.mitm").read_bytes()).hexdigest()
    assert load_run(done.folder) == done.run == Run(id="ort", app="ONNX Runtime", files={"ort132.mitm": hashed})
    assert verify(done.folder) == []


def test_a_recording_of_nothing_is_one(inspection):
    done = import_file(inspection, "off", [SAMPLES / "ort132_disabled"])
    assert list(done.run.files) == ["ort132_disabled.mitm"]
    assert list(contents(done.folder)) == []


def test_files_that_are_named_are_taken(inspection):
    done = import_file(inspection, "two", [ORT / "ort132.har", MSAL / "msal_py.mitm"])
    assert (sorted(done.run.files), done.left) == (["msal_py.mitm", "ort132.har"], ())


def test_a_pcap_beside_a_flow_file_is_taken(inspection, tmp_path):
    source = tmp_path / "capture"
    shutil.copytree(ORT, source)
    (source / "ort132.pcap").write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    (source / "ort132.keylog").write_text("CLIENT_RANDOM 00 11\n")
    done = import_file(inspection, "both", [source])
    assert sorted(done.run.files) == ["ort132.mitm", "ort132.pcap"]


@pytest.mark.parametrize("name", ["expected.json", "ORIGIN.md"])
def test_a_file_that_is_no_recording_is_refused_and_leaves_nothing(inspection, name):
    with pytest.raises(ValueError, match="a recording is a mitmproxy flow file"):
        import_file(inspection, "x", [ORT / name])
    assert not inspection.exists()


def test_a_folder_without_recording_is_refused(inspection, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no recording in"):
        import_file(inspection, "x", [tmp_path / "empty"])


def test_two_files_of_one_name_are_refused(inspection, tmp_path):
    (tmp_path / "ort132.mitm").write_bytes((MSAL / "msal_py.mitm").read_bytes())
    with pytest.raises(ValueError, match="same file name"):
        import_file(inspection, "x", [ORT / "ort132.mitm", tmp_path / "ort132.mitm"])


def test_half_an_import_leaves_nothing(inspection, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "copy", full)
    with pytest.raises(OSError, match="No space"):
        import_file(inspection, "x", [ORT])
    assert not (inspection / "x").exists()


def test_an_import_never_goes_over_a_run(inspection):
    import_file(inspection, "x", [ORT])
    with pytest.raises(FileExistsError):
        import_file(inspection, "x", [MSAL])
    assert list(load_run(inspection / "x").files) == ["ort132.mitm"]


@pytest.mark.parametrize("source", [MSAL, MSAL / "expected.json"])
def test_planted_values_of_the_ground_truth(inspection, source):
    about = Run(id="x", planted={"device": ("LAPTOP-1",)})
    done = import_file(inspection, "m", [MSAL], about, planted_from=source)
    truth = json.loads((MSAL / "expected.json").read_bytes())["honey_sent"]
    assert done.run.planted == {"device": ("LAPTOP-1",), **{name: (value,) for name, value in truth}}
    assert load_run(done.folder).planted == done.run.planted
    assert (mode(done.folder / "planted.toml"), len(truth)) == (0o600, 8)


def test_one_planted_name_may_have_several_values(inspection, tmp_path):
    (tmp_path / "expected.json").write_text('{"honey_sent": [["upn", "a@x"], ["upn", "b@x"]]}')
    done = import_file(inspection, "m", [ORT], planted_from=tmp_path)
    assert done.run.planted == {"upn": ("a@x", "b@x")}


@pytest.mark.parametrize("said", ["{}", "[]", '{"honey_sent": [["upn"]]}', "not JSON", '{"honey_sent": 3}'])
def test_no_planted_values_where_they_were_asked_for(inspection, tmp_path, said):
    (tmp_path / "expected.json").write_text(said)
    with pytest.raises(ValueError, match="holds no planted values"):
        import_file(inspection, "m", [ORT], planted_from=tmp_path)
    assert not inspection.exists()


def test_what_was_seen_on_the_device_alone_says_so(inspection, tmp_path):
    base = database(tmp_path / "EventTranscript.db", row())
    (tmp_path / "ddv.json").write_text(payload())
    done = import_file(inspection, "w", [base, tmp_path / "ddv.json"], Run(id="x", platform="windows"))
    assert done.run.source_kind == load_run(done.folder).source_kind == "local_transcript"
    assert sorted(done.run.files) == ["EventTranscript.db", "ddv.json"]
    assert import_file(inspection, "o", [ORT]).run.source_kind == "wire"


def test_wire_and_device_are_two_runs(inspection, tmp_path):
    base = database(tmp_path / "EventTranscript.db", row())
    with pytest.raises(ValueError, match="import that as two runs"):
        import_file(inspection, "x", [base, ORT])
    assert not inspection.exists()


@pytest.mark.parametrize("named", [True, False])
def test_the_write_ahead_log_of_a_database_is_kept_as_evidence(inspection, tmp_path, named):
    source = tmp_path / "source"
    source.mkdir()
    base = database(source / "EventTranscript.db", row())
    (source / "EventTranscript.db-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(28))
    done = import_file(inspection, "x", [base if named else source])
    assert sorted(done.run.files) == ["EventTranscript.db", "EventTranscript.db-wal"]
    one, *more = sorted(contents(done.folder), key=lambda item: isinstance(item, Problem), reverse=True)
    assert one.why.startswith("32 bytes of newer events wait in EventTranscript.db-wal")
    assert len(more) == 1
    assert verify(done.folder) == []
