"""What was sent beside what is documented: real clients, and a synthetic event of Windows."""

import pandas as pd
import pytest

from portalscope.analysis import coverage
from portalscope.analysis.documented import DOCUMENTED, SHARES, documented, place, shares
from portalscope.capture.run import Run
from tests.analysis.recorded import event, real, synthetic, truth, upload

ADD = "Microsoft.Windows.Inventory.Core.InventoryApplicationAdd"


@pytest.fixture(scope="module")
def runtime() -> pd.DataFrame:
    return documented(real("old-1"))


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    """Synthetic: an event of Windows with two documented fields, one misspelt, one unknown; and one of no publication."""
    data = {"action": "add", "hidden_arp": True, "Naam": "x", "AndroidPackageId": ""}
    events = [event(ADD, data, app=""), event(ADD.replace("Add", "Added"), {}, app="")]
    path = tmp_path_factory.mktemp("windows") / "d"
    return synthetic(path, a=(Run(id="a"), [upload(0, "a", events, "v10.events.data.microsoft.com")]))


def test_no_event_of_onnx_runtime_is_documented(runtime):
    """Twelve event names, 32 records, as in the sample's expected.json; no publication of ours has any of them."""
    events = runtime[runtime["what"] == "event"]
    names = {name for flow in truth("ort130")["flows"] for name in flow["body"]["events"]}
    assert set(events["event"]) == names
    assert len(names) == 12
    assert set(events["status"]) == {"not documented"}
    assert events["count"].sum() == 32
    assert set(events["run"]) == {"old-1"}


def test_its_envelope_is_known_from_source_code_alone(runtime):
    fields = runtime[(runtime["what"] == "field") & (runtime["event"] == "ProcessInfo")].set_index("field")
    assert fields.loc["ext.device.localId", ["status", "product", "class"]].tolist() == [
        "source code only", "common-schema", "D3",
    ]  # fmt: skip
    own = fields[fields.index.str.startswith("data.") & ~fields.index.str.startswith("data.EventInfo")]
    assert "not documented" in set(own["status"])
    assert "documented" not in set(fields["status"])


def test_a_documented_event_and_its_near_misses(windows):
    table = documented(windows)
    events = table[table["what"] == "event"].set_index("event")
    assert events.loc[ADD, ["status", "product"]].tolist() == ["documented", "windows"]
    assert events.loc[f"{ADD}ed", ["status", "near"]].tolist() == ["similar name", ADD]
    fields = table[(table["what"] == "field") & (table["event"] == ADD)].set_index("field")
    assert fields.loc["data.action", "status"] == "documented"
    assert fields.loc["data.hidden_arp", ["status", "near"]].tolist() == ["other spelling", "HiddenArp"]
    assert fields.loc["data.Naam", "status"] == "not documented"
    assert fields.loc["ext.app.id" if "ext.app.id" in fields.index else "name", "status"] == "documented"
    assert fields.loc["data.Publisher", "status"] == "documented, not seen"
    assert "data.HiddenArp" in fields.index  # documented under that spelling, not seen under it


def test_the_version_that_is_asked_for(windows):
    old = documented(windows, "windows", "1809")
    status = old[old["event"] == ADD].set_index("field")["status"]
    assert status["data.AndroidPackageId"] == "other version"  # since 24H2
    new = documented(windows, "windows", "24H2")
    assert new[new["event"] == ADD].set_index("field")["status"]["data.AndroidPackageId"] == "documented"
    assert (new["status"] == "documented, not seen").sum() > 200


def test_events_that_were_not_seen_are_listed_for_one_publication(windows):
    every = documented(windows, "windows")
    events = every[(every["what"] == "event") & (every["status"] == "documented, not seen")]
    assert len(events) == 745 - 1  # all but the one that was seen; the misspelt one stands for the same
    assert documented(windows)["status"].eq("documented, not seen").sum() < 100


def test_shares(runtime, windows):
    parts = shares(documented(windows)).set_index(["what", "product", "status"])
    assert parts.loc[("event", "all", "documented"), ["count", "share"]].tolist() == [1, 0.5]
    assert parts.loc[("event", "all", "similar name"), "share"] == 0.5
    whole = shares(runtime)
    assert whole[(whole["product"] == "all") & (whole["status"] != "documented, not seen")].groupby("what")[
        "share"
    ].sum().round(9).tolist() == [1, 1]
    assert list(whole.columns) == SHARES.names


def test_what_is_not_documented_comes_first_and_nothing_is_lost(runtime):
    assert list(runtime.columns) == DOCUMENTED.names
    assert runtime.iloc[0][["what", "status"]].tolist() == ["event", "not documented"]
    assert runtime.attrs["completeness"] == coverage.line(real("old-1"))


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ("[].data.AppName", "data.AppName"),
        ("logs[].device.model", "device.model"),
        ("[].data.url|url.query.upn", "data.url"),
        ("[].ext.metadata.f.Name.t", "ext.metadata.f"),
        ("plain", "plain"),
    ],
)
def test_places(shape, found):
    assert place(shape) == found


def test_wrong_questions(windows):
    with pytest.raises(ValueError, match="no documentation of linux"):
        documented(windows, "linux")
    with pytest.raises(ValueError, match="no version 95; there are 1703, 1709"):
        documented(windows, "windows", "95")
