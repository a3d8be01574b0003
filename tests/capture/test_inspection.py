"""The inspection folder."""

import gzip
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.importing import import_file
from portalscope.capture.inspection import (
    append_connection,
    append_step,
    contents,
    create_run,
    digest,
    key,
    load_run,
    raw_files,
    runs,
    save_run,
    verify,
)
from portalscope.capture.problem import Problem
from portalscope.capture.run import Run

SAMPLES = Path(__file__).parents[2] / "samples"
ORT, MSAL = SAMPLES / "ort132", SAMPLES / "msal_py"
AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def inspection(tmp_path):
    return tmp_path / "inspection"


def mode(path):
    return path.stat().st_mode & 0o777


def test_a_new_run(inspection):
    folder = create_run(inspection, "win-on.1", Run(id="ignored", label="first"))
    assert folder == inspection / "win-on.1"
    assert load_run(folder) == Run(id="win-on.1", label="first")
    assert (mode(inspection), mode(folder)) == (0o700, 0o700)
    assert runs(inspection) == [folder]


def test_a_run_is_never_recorded_over(inspection):
    save_run(create_run(inspection, "a"), Run(id="a", label="kept"))
    with pytest.raises(FileExistsError, match="is there already"):
        create_run(inspection, "a")
    assert load_run(inspection / "a").label == "kept"


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\\b", "a b", "é", "a\n", "../x"])
def test_names_that_are_none(inspection, name):
    with pytest.raises(ValueError, match="not a name for a run"):
        create_run(inspection, name)
    assert not inspection.exists()


def test_runs_are_sorted_and_other_folders_are_none(inspection):
    for name in ("b", "a", "C"):
        create_run(inspection, name)
    (inspection / "report").mkdir()
    assert [path.name for path in runs(inspection)] == ["C", "a", "b"]


def test_the_key_is_made_once_for_the_owner_alone(inspection):
    create_run(inspection, "a")
    made = key(inspection)
    assert (len(made), key(inspection), mode(inspection / ".key")) == (32, made, 0o600)
    assert len(set(made)) > 10


def test_a_key_of_another_size_is_refused(inspection):
    create_run(inspection, "a")
    (inspection / ".key").write_bytes(b"short")
    with pytest.raises(ValueError, match="holds 5 bytes, not 32"):
        key(inspection)


def test_digest(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    assert digest(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_verify_says_what_differs(inspection):
    folder = import_file(inspection, "x", [ORT / "ort132.mitm", MSAL / "msal_py.mitm"]).folder
    (folder / "ort132.mitm").write_bytes(b"")
    (folder / "msal_py.mitm").unlink()
    (folder / "new.har").write_bytes(b"x")
    append_step(folder, AT, "signed in")  # notes are no recordings
    assert verify(folder) == ["msal_py.mitm: missing", "new.har: not listed in run.toml", "ort132.mitm: changed"]


def test_contents_are_all_recordings_by_name_and_the_noted_connections(inspection):
    folder = import_file(inspection, "x", [MSAL / "msal_py.mitm", ORT / "ort132.har"]).folder
    append_connection(folder, Connection(id="c#0", run="x", at=AT, transport="tls", host="a.example", port=443))
    append_step(folder, AT, "signed in")
    (folder / "ort132.keylog").write_text("CLIENT_RANDOM 00 11\n")
    (folder / ".DS_Store").write_bytes(b"\x00")
    (folder / "notes.txt").write_text("hello")
    seen = list(contents(folder))
    assert [one.id for one in seen if isinstance(one, Exchange)] == [
        *(f"msal_py.mitm#{number}" for number in range(10)), "ort132.har#0",
    ]  # fmt: skip
    assert [one.exchange for one in seen if isinstance(one, Problem)] == ["notes.txt"]
    assert isinstance(seen[-1], Connection)
    assert {one.run for one in seen if not isinstance(one, Problem)} == {"x"}


def test_progress_counts_all_recordings_together(inspection, tmp_path):
    (tmp_path / "packed.mitm").write_bytes(gzip.compress((MSAL / "msal_py.mitm").read_bytes()))
    folder = import_file(inspection, "x", [ORT / "ort132.har", tmp_path / "packed.mitm"]).folder
    told = []
    list(contents(folder, told.append))
    assert told == sorted(told)
    assert told[-1] == sum(path.stat().st_size for path in raw_files(folder))


def test_a_key_log_opens_a_pcap_unless_the_proxy_recorded_too(tmp_path: Path) -> None:
    sample = Path(__file__).parents[2] / "samples" / "pcap_ort132"
    folder = tmp_path / "inspection" / "run"
    folder.mkdir(parents=True)
    for path in sample.iterdir():
        if path.suffix in (".pcap", ".keylog"):
            shutil.copy(path, folder)
    assert sum(isinstance(item, Exchange) for item in contents(folder)) == 1
    shutil.copy(sample.parent / "ort132" / "ort132.mitm", folder)
    found = [item for item in contents(folder) if isinstance(item, Exchange)]
    assert [item.id for item in found] == ["ort132.mitm#0"]
