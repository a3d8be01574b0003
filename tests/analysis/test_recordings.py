"""T1 and T12, against what the makers of the samples wrote down."""

import json

from portalscope.analysis import coverage
from portalscope.analysis.recordings import LIMITS, RUNS, limits, runs
from portalscope.capture.exchange import Connection
from portalscope.capture.run import Run
from tests.analysis.recorded import REAL, START, event, real, synthetic, truth, upload


def test_every_recording_with_its_settings_and_requests():
    table = runs(real()).set_index("run")
    assert list(table.reset_index().columns) == RUNS.names
    for name, (sample, app, version, usage) in REAL.items():
        row = table.loc[name]
        assert (row["app"], row["app_version"], json.loads(row["settings"])) == (app, version, {"usage_data": usage})
        assert row["requests"] == truth(sample)["n_flows"]
    assert table.loc[list(REAL), "requests"].tolist() == [2, 2, 1, 2, 0, 1, 1, 31, 34]
    assert table.loc[["old-1", "new-2", "off", "web"], "repeats"].tolist() == [1, 1, 0, 0]
    assert set(table["method"]) == {"seen on the network"}


def test_names_of_planted_values_and_never_the_values():
    table = runs(real("web"))
    assert {"email_upn", "device_name", "phone"} <= set(json.loads(table.iloc[0]["planted"]))
    text = table.to_csv()
    assert not [value for _, value in truth("js1ds_444_v1")["honey_sent"] if len(value) > 4 and value in text]


def test_a_recording_without_requests():
    row = runs(real("off")).iloc[0]
    assert (row["requests"], row["closed"]) == (0, 0)


def test_what_was_seen_on_the_device_alone(tmp_path):
    run = Run(id="a", source_kind="local_transcript")
    frames = synthetic(tmp_path / "d", a=(run, [upload(0, "a", [event("A")])]))
    assert runs(frames)["method"].tolist() == ["seen on the device alone: upload not proven"]


def test_limits_are_those_of_coverage_and_what_was_not_executed():
    frames = real("old-1", "clients-new")
    table = limits(frames)
    assert list(table.columns) == LIMITS.names
    whole = table[table["kind"] != "not executed"]
    assert whole.to_dict("records") == coverage.limits(frames).to_dict("records")
    lost = table[table["kind"] == "not delivered"].iloc[0]
    assert (lost["subject"], lost["count"]) == ("169.254.169.254", 1)
    assert table[table["kind"] == "not executed"]["subject"].tolist() == [
        "repeat", "run with usage data switched off", "run without any action",
    ]  # fmt: skip


def test_repeats_and_the_switch_are_no_limit_once_they_were_recorded():
    missing = limits(real("old-1", "old-2", "off"))
    missing = missing[missing["kind"] == "not executed"]
    assert missing["subject"].tolist() == ["repeat", "run without any action"]
    assert missing.iloc[0]["why"].endswith(": off")


def test_a_closed_connection_is_a_limit(tmp_path):
    shut = Connection(
        id="c#1", run="a", at=START, transport="tls", host="settings-win.data.microsoft.com", port=443,
        opaque_because="the client does not trust the certificate",
    )  # fmt: skip
    frames = synthetic(tmp_path / "d", a=(Run(id="a"), [upload(0, "a", [event("A")]), shut]))
    assert runs(frames)["closed"].tolist() == [1]
    assert limits(frames).iloc[0][["kind", "subject"]].tolist() == ["not opened", "settings-win.data.microsoft.com"]
