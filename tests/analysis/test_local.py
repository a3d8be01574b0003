"""What was seen on the device alone never counts as sent to anybody (the database is synthetic, see tests/windows.py)."""

from pathlib import Path

import pytest

from portalscope.analysis import compare, coverage, exhibits, labels, report, sankey
from portalscope.analysis.answer import sentence
from portalscope.analysis.destinations import Destination
from portalscope.analysis.frames import load
from portalscope.analysis.local import HOST, NOT_ON_WIRE
from portalscope.analysis.pipeline import Pipeline
from portalscope.analysis.summary import summary
from portalscope.capture.importing import import_file
from portalscope.capture.run import Run
from tests.windows import STORE, database, payload, row

SAMPLE = Path(__file__).parents[2] / "samples" / "js1ds_444_v1" / "js1ds_444_v1.mitm"
UNPROVEN = "were seen on the device alone: their upload is not proven"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Two runs from the device and one from the wire."""
    folder = tmp_path_factory.mktemp("local")
    sources = {
        "device": database(folder / "EventTranscript.db", row(), row(payload(STORE), name=STORE)),
        "later": database(folder / "later.db", row(payload(Serial="1"))),
        "wire": SAMPLE,
    }
    pipeline = Pipeline()
    for name, source in sources.items():
        import_file(folder / "inspection", name, [source], Run(id=name, app=name))
        pipeline.decode_run(folder / "inspection" / name, folder / "dataset")
    return folder / "dataset"


@pytest.fixture
def device(dataset):
    return load(dataset, ["device"])


def test_it_is_nowhere_and_nobodys():
    owner, where = Pipeline().locate(Destination(host=HOST, server_ip=None))
    assert (where.status, where.country, where.rungs) == ("not on the wire", "", ())
    assert (owner.company, owner.operator, owner.role) == ("nobody", "", "")


def test_the_events_are_decoded_and_judged(device):
    records = device.events[device.events["kind"] == "record"]
    assert list(records["name"]) == ["Win32kTraceLogging.AppInteractivitySummary", STORE]
    assert set(device.exchanges["adapter"]) == {"windows-transcript"}
    kinds = dict(zip(device.fields["shape"], device.fields["property"], strict=True))
    assert kinds["[].ext.device.localId"] == "deviceId"
    assert kinds["sid"] == "securityIdentifier"
    assert list(device.runs["source_kind"]) == ["local_transcript"]


def test_the_summary_names_no_place_and_no_delivery(device):
    table = summary(device)
    assert set(table["host"]) == {HOST}
    assert set(table["location"]) == {NOT_ON_WIRE}
    assert set(table["country"]) == {""}
    assert not table["us"].any()
    assert int(table["delivered"].sum()) == 0


def test_the_answer_says_that_it_is_not_proven(device):
    said = sentence(device)
    assert UNPROVEN in said
    assert "device identifier" in said
    assert "went to" not in said
    assert "could not be located" not in said


def test_the_answer_keeps_wire_and_device_apart(dataset):
    said = sentence(load(dataset, ["device", "wire"]))
    wire, _, kept = said.rpartition(" and pseudonymous data (user identifier, Windows security identifier")
    assert UNPROVEN in kept
    assert " went to " in wire
    assert "nobody" not in said


def test_coverage_counts_it_as_stored_and_not_as_sent(dataset):
    wire, both = (coverage.coverage(load(dataset, names)) for names in (["wire"], ["wire", "device"]))
    assert both.stored > 80
    assert wire.stored == 0
    assert (both.hosts, both.closed, both.unlocated, both.leaves) == (
        wire.hosts,
        wire.closed,
        wire.unlocated,
        wire.leaves,
    )
    assert both.size > wire.size
    assert both.faults == ()


def test_the_line_of_a_run_from_the_device(device):
    assert coverage.line(device).startswith("0 of 0 hosts opened; 100 % of ")
    assert "values were seen on the device alone: their upload is not proven." in coverage.line(device)


def test_it_is_no_limit_that_it_has_no_place_and_no_answer(device):
    kinds = set(coverage.limits(device)["kind"])
    assert not kinds & {"not located", "not delivered", "not opened"}


def test_the_report_lists_no_host_and_no_transfer_for_it(device):
    assert exhibits.endpoints(device) == []
    (stored,) = exhibits.transfers(device)
    assert stored["local"]
    assert {line["property"] for line in stored["data"]} >= {"deviceId", "securityIdentifier"}
    assert all(row["hosts"] == [] for row in exhibits.identifiers(device))
    assert sankey.picture(device).nodes == ()


def test_the_page_says_so(device):
    page = report.html(device)
    assert "on the device; the upload is not proven, 2 stored events" in page
    assert "Whether, when and to which host it was uploaded is not proven" in page
    assert "<b>0</b> requests" in page
    assert "Rules on transfers" not in page


def test_transfers_of_the_wire_come_first(dataset):
    rows = exhibits.transfers(load(dataset, ["device", "wire"]))
    assert [row["local"] for row in rows] == [False] * (len(rows) - 1) + [True]


def test_two_runs_from_the_device_can_be_compared(dataset):
    table = compare.differences(load(dataset), "device", "later")
    assert "endpoint" not in set(table["kind"])
    assert STORE in set(table.query("kind == 'event' and change == 'gone'")["subject"])
    new = table.query("kind == 'field' and change == 'new'")["subject"]
    assert list(new) == ["Win32kTraceLogging.AppInteractivitySummary :: body:[].data.Serial"]


def test_words_for_people():
    assert labels.place("", NOT_ON_WIRE) == "Not on the wire"
    assert labels.in_place("", NOT_ON_WIRE) == "(stored on the device, not on the wire)"
    assert labels.certainty(NOT_ON_WIRE) == ""
