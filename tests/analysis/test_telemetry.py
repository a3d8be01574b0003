"""T4 and T6: counts from the samples' expected.json; content where the senders themselves tag it."""

from collections import Counter

import pytest

from portalscope.analysis.telemetry import INCIDENTS, OVERVIEW, incidents, overview
from portalscope.capture.run import Run
from tests.analysis.recorded import REAL, event, get, real, synthetic, truth, upload


@pytest.mark.parametrize(
    "run", [name for name in REAL if name not in ("off", "insights", "clients-old", "clients-new")]
)
def test_events_are_counted_as_the_truth_counts_them(run):
    known = Counter(name for flow in truth(REAL[run][0])["flows"] for name in flow["body"].get("events", []))
    table = overview(real(run))
    assert dict(zip(table["event"], table["events"], strict=True)) == known
    assert list(table.columns) == OVERVIEW.names


def test_levels_and_settings_beside_each_other():
    """The runtime states level 1; with telemetry switched off it sends nothing, and that is a row with 0."""
    table = overview(real("old-1", "new-1", "off"))
    assert set(table["stated"]) == {"required"}
    errors = table[table["event"] == "RuntimeError"].set_index("run")
    assert errors["events"].to_dict() == {"old-1": 1, "new-1": 1, "off": 0}
    assert errors["settings"].to_dict() == {
        "old-1": "usage_data on", "new-1": "usage_data on", "off": "usage_data off",
    }  # fmt: skip
    metrics = table[table["event"] == "SystemMetrics"].set_index("run")["events"]
    assert metrics.to_dict() == {"old-1": 3, "new-1": 0, "off": 0}


def test_a_recording_of_another_app_has_no_zeros():
    assert set(overview(real("old-1", "web"))[lambda t: t["event"] == "CP.PiiKinds"]["run"]) == {"web"}


def test_optional_unstated_and_unknown_levels(tmp_path):
    events = [event("A", level=2), event("A", level=None), event("A", level=110), event("A", level=77)]
    table = overview(synthetic(tmp_path / "d", a=(Run(id="a"), [upload(0, "a", events)])))
    assert table["stated"].tolist() == ["optional", "level 77", "required service data", "not stated"]
    assert table["events"].tolist() == [1, 1, 1, 1]


def test_the_rate(tmp_path):
    """Synthetic: four events in two minutes."""
    calls = [upload(0, "a", [event("A")] * 3), upload(2, "a", [event("A")])]
    row = overview(synthetic(tmp_path / "d", a=(Run(id="a"), calls))).iloc[0]
    assert (row["events"], row["requests"], row["per_hour"]) == (4, 2, 120.0)


def test_content_that_the_sender_tags():
    """CP.PiiKinds: mail subject (5), query string (7), URI (11) and customer content (8193), once each."""
    table = incidents(real("web"))
    assert list(table.columns) == INCIDENTS.names
    tagged = table[(table["event"] == "CP.PiiKinds") & (table["class"] == "C1")]
    assert dict(zip(tagged["tags"], tagged["property"], strict=True)) == {
        "customer-content:1": "customerContent",
        "pii:5": "mailSubject",
        "pii:7": "searchTerm",
        "pii:11": "url",
    }
    assert tagged["leaves"].tolist() == [1, 1, 1, 1]
    assert tagged["certain"].all()
    planted = tagged[tagged["evidence_level"] == "E1"]
    assert set(planted["property"]) == {"customerContent", "mailSubject"}
    assert set(planted["exchange"]) == {"js1ds_444_v1.mitm#0"}


def test_messages_of_onnx_runtime():
    """Three fields of 1.30 can hold text of the user: the message of an error, the file and the name of a model."""
    table = incidents(real("old-1"))
    assert set(table["field"]) == {
        "body:[].data.errorMessage", "body:[].data.modelFileName", "body:[].data.modelGraphName",
    }  # fmt: skip
    assert table["leaves"].sum() == 1 + 3 + 3


def test_a_planted_path_inside_a_message():
    """`user_path` and `email_upn` were planted for Application Insights; its oracle found them in the one request."""
    table = incidents(real("insights"))
    message = table[table["field"] == "body:[].data.baseData.exceptions[].message"].iloc[0]
    assert message["planted"] == "user_path"
    assert set("; ".join(table["planted"]).split("; ")) >= {"user_path", "email_upn"}


def test_a_path_with_a_users_name_is_an_incident(tmp_path):
    """Synthetic: the path is planted and fills a field that no rule knows."""
    run = Run(id="a", planted={"user_path": ("/home/anna-honeypot/x",)})
    frames = synthetic(tmp_path / "d", a=(run, [upload(0, "a", [event("A", {"x": "/home/anna-honeypot/x"})])]))
    (row,) = incidents(frames).to_dict("records")
    assert (row["property"], row["class"], row["evidence_level"]) == ("userPath", "D1", "E1")


def test_content_in_other_traffic_is_no_incident(tmp_path):
    search = get(0, "a", "graph.microsoft.com", "/v1.0/search", query="q=secret+plans&url=https://intranet.example/x")
    assert incidents(synthetic(tmp_path / "d", a=(Run(id="a"), [search]))).empty


def test_nothing_of_the_kind(tmp_path):
    frames = synthetic(tmp_path / "d", a=(Run(id="a"), [upload(0, "a", [event("A")])]))
    table = incidents(frames)
    assert table.empty
    assert list(table.columns) == INCIDENTS.names
    assert "1 of 1 hosts opened" in table.attrs["completeness"]
