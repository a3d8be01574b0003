"""Recordings of other programs into the inspection folder."""

import base64
import hashlib
import hmac
import json
import shutil
import zlib
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from mitmproxy.io import FlowReader

from portalscope.capture import importing as module
from portalscope.capture.exchange import Exchange
from portalscope.capture.importing import import_file
from portalscope.capture.inspection import contents, key, load_run, raw_files, verify
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
    truth = dict(json.loads((MSAL / "expected.json").read_bytes())["honey_sent"])
    kept = {name: f"SECRET.{name}." if name.startswith("secret_") else value for name, value in truth.items()}
    assert done.run.planted == {"device": ("LAPTOP-1",), **{name: (value,) for name, value in kept.items()}}
    assert load_run(done.folder).planted == done.run.planted
    assert (mode(done.folder / "planted.toml"), len(truth)) == (0o600, 8)


def every_byte(folder):
    """All bytes of a folder's files, and what is packed in bodies of its flows."""
    yield from (path.read_bytes() for path in folder.iterdir())
    for exchange in (item for item in contents(folder) if isinstance(item, Exchange)):
        for body in (exchange.body, exchange.response_body):
            for window in (31, 15, -15):
                with suppress(zlib.error):
                    yield zlib.decompress(body, window)


@pytest.mark.parametrize("source", [MSAL, MSAL / "msal_py.har", SAMPLES / "sample_reg_v1", SAMPLES / "sample_reg_v2"])
def test_no_planted_secret_is_in_any_file_of_the_run(inspection, source):
    folder = source if source.is_dir() else source.parent
    done = import_file(inspection, "m", [source], planted_from=folder)
    secrets = [
        value.encode()
        for name, value in json.loads((folder / "expected.json").read_bytes())["honey_sent"]
        if name.startswith("secret_")
    ]
    assert secrets
    for data in every_byte(done.folder):
        for secret in secrets:
            forms = (
                secret,
                quote(secret).encode(),
                base64.b64encode(secret)[:12],
                base64.b64encode(b" " + secret)[4:12],
            )
            assert not [form for form in forms if form in data]
    assert verify(done.folder) == []


def test_what_was_replaced_is_said_and_what_the_file_was_before(inspection):
    done = import_file(inspection, "m", [MSAL], Run(id="x", tools={"rig": "1"}))
    tools = load_run(done.folder).tools
    assert tools["secrets"] == "replaced: 11 access_token, 1 client_secret, 6 code, 1 password, 7 refresh_token"
    assert tools["SHA-256 of msal_py.mitm before"] == hashlib.sha256((MSAL / "msal_py.mitm").read_bytes()).hexdigest()
    assert tools["rig"] == "1"
    assert mode(done.folder / "msal_py.mitm") == 0o600


def test_secrets_can_be_kept(inspection):
    done = import_file(inspection, "m", [MSAL], planted_from=MSAL, keep_secrets=True)
    assert (done.folder / "msal_py.mitm").read_bytes() == (MSAL / "msal_py.mitm").read_bytes()
    assert done.run.planted["secret_password"] == ("H0ney!Passw0rd",)
    assert load_run(done.folder).tools == {"secrets": "kept as they were sent"}
    assert done.unclean == ()


def test_packets_cannot_be_cleaned_and_it_is_said(inspection, tmp_path):
    (tmp_path / "a.pcap").write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    done = import_file(inspection, "m", [tmp_path / "a.pcap"])
    assert done.unclean[0].startswith("a.pcap: its secrets are not replaced")
    assert load_run(done.folder).tools == {"not cleaned": "a.pcap"}


def test_the_same_bodies_can_still_be_told(inspection):
    """Size and keyed hash of a body that was changed are those of the ground truth."""
    done = import_file(inspection, "m", [MSAL])
    with (done.folder / "msal_py.mitm").open("rb") as file:
        marks = [flow.metadata.get("portalscope-cleaned", {}) for flow in FlowReader(file).stream()]
    with (MSAL / "msal_py.mitm").open("rb") as file:
        bodies = [flow.request.raw_content for flow in FlowReader(file).stream()]
    truth = json.loads((MSAL / "expected.json").read_bytes())["flows"]
    changed = [number for number, mark in enumerate(marks) if "body" in mark]
    assert len(changed) == 6
    for number in changed:
        said, sent = marks[number]["body"], bodies[number]
        assert hashlib.sha256(sent).hexdigest() == truth[number]["req_wire_sha256"]
        keyed = hmac.new(key(inspection), sent, hashlib.sha256).hexdigest()
        assert (said["size"], said["hmac_sha256"]) == (truth[number]["req_wire_bytes"], keyed)


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
