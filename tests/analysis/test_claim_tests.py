"""Verdicts on claims. The events of Company Portal are synthetic, or a web SDK's that states its id: no recording exists."""

import json
from datetime import timedelta

import pytest

from portalscope.analysis import access_request, coverage
from portalscope.analysis.claim_tests import CONTRADICTED, NOT_TESTABLE, SUPPORTED, VERDICTS, verdicts
from portalscope.analysis.claims import load, own, read
from portalscope.capture.exchange import Connection
from portalscope.capture.run import Run
from tests.analysis.recorded import KEY, START, event, real, synthetic, upload

WINDOWS = "v10.vortex-win.data.microsoft.com"


def portal(tmp_path, events, runs=("on",), key=KEY, **about):
    """Verdicts on synthetic events; every run is one of Company Portal with that position of the switch."""
    made = {
        name: (
            Run(id=name, app="Company Portal", settings={"usage_data": name}, **about),
            [upload(0, name, events[name])] if events.get(name) else [],
        )
        for name in runs
    }
    return verdicts(synthetic(tmp_path / "d", **made), own(), key).set_index("id")


def test_without_company_portal_nothing_of_it_is_testable():
    table = verdicts(real("old-1", "off"), own(), KEY).set_index("id")
    claims = [name for name in table.index if name.startswith("CP-")]
    assert set(table.loc[claims, "verdict"]) == {NOT_TESTABLE}
    assert table.loc["CP-1", "because"].startswith("no Company Portal event is in these recordings")
    assert table.loc["CP-5", "needs"] == "a recording of Company Portal with usage_data = off"
    assert list(table.reset_index().columns) == VERDICTS.names


def test_an_event_that_states_the_apps_id_decides():
    """Identifiers and content in the web SDK's events of the sample, as its makers planted and tagged them."""
    table = verdicts(real("web"), own(), KEY).set_index("id")
    assert table.loc[["CP-1", "CP-2", "CP-3"], "verdict"].tolist() == [CONTRADICTED] * 3
    assert "a recording cannot show" in table.loc["CP-1", "because"]
    assert json.loads(table.loc["CP-1", "exchanges"]) == [{"run": "web", "exchange": "js1ds_444_v1.mitm#0"}]
    fields = json.loads(table.loc["CP-2", "fields"])
    assert {
        "event_name": "CP.PiiKinds",
        "part": "body",
        "shape": "[].data.Pii_PhoneNumber",
        "property": "phoneNumber",
        "class": "D1",
        "evidence_level": "E1",
    } in fields
    assert verdicts(real("web"), own()).set_index("id").loc["CP-1", "verdict"] == NOT_TESTABLE  # no key


def test_planted_values_contradict():
    """device_name, phone and customer_content were planted in the sample, and its oracle found them in the body."""
    row = verdicts(real("web"), own(), KEY).set_index("id").loc["CP-4"]
    assert row["verdict"] == CONTRADICTED
    assert "phone number (D1)" in row["because"]


def test_planted_values_that_were_not_sent(tmp_path):
    """Synthetic: three values planted, a fourth sent as a positive control."""
    planted = {
        "device_name": ("HONEY-PC-7",),
        "phone": ("+31612345678",),
        "file_name": ("geheim-plan.docx",),
        "email_upn": ("anna@contoso.example",),
    }
    sent = {"on": [event("A", {"who": "anna@contoso.example"})]}
    assert portal(tmp_path / "1", sent, planted=planted).loc["CP-4", "verdict"] == SUPPORTED
    nothing = portal(tmp_path / "2", {"on": [event("A")]}, planted=planted).loc["CP-4"]
    assert (nothing["verdict"], nothing["needs"]) == (NOT_TESTABLE, "a planted value that is sent")
    some = portal(tmp_path / "3", sent, planted={k: v for k, v in planted.items() if k != "phone"}).loc["CP-4"]
    assert (some["verdict"], some["because"]) == (NOT_TESTABLE, "no value was planted for phone number")
    one = {"on": [event("A", {"x": "bmFtZTogSE9ORVktUEMtNw=="})]}  # base64 of `name: HONEY-PC-7`
    assert portal(tmp_path / "4", one, planted=planted).loc["CP-4", "verdict"] == CONTRADICTED


def test_the_switch_is_off_and_nothing_is_sent(tmp_path):
    row = portal(tmp_path, {"on": [event("Page.View")], "off": []}, ("on", "off")).loc["CP-5"]
    assert (row["verdict"], row["runs"]) == (SUPPORTED, "off")


def test_the_switch_is_off_and_optional_events_are_sent(tmp_path):
    sent = {"on": [event("Page.View")], "off": [event("Page.View"), event("Check", level=1)]}
    row = portal(tmp_path, sent, ("on", "off")).loc["CP-5"]
    assert row["verdict"] == CONTRADICTED
    assert "in 1 of 1 event: Page.View" in row["because"]
    assert "Page.View" in row["because"]
    assert "Check" not in row["because"]  # it states that it is required


def test_the_switch_is_off_and_events_state_no_level(tmp_path):
    sent = {"on": [event("Page.View")], "off": [event("Page.View", level=None)]}
    row = portal(tmp_path, sent, ("on", "off")).loc["CP-5"]
    assert row["verdict"] == NOT_TESTABLE
    assert "need a closer look: Page.View :: body:[]" in row["because"]
    assert row["deciding"] == 0
    assert row["undecided"] > 0


def test_absence_says_nothing_without_a_control(tmp_path):
    row = portal(tmp_path, {"off": []}, ("off",)).loc["CP-5"]
    assert row["verdict"] == NOT_TESTABLE
    assert row["needs"] == "a recording of Company Portal with usage_data = on"


def test_what_goes_on_with_the_switch_off_is_looked_into(tmp_path):
    sent = {"off": [event("Check", level=1, device={"localId": "s:4f1c"})]}
    row = portal(tmp_path, sent, ("off",)).loc["CP-6"]
    assert row["verdict"] == CONTRADICTED
    assert "device identifier (D3)" in row["because"]


def test_names_of_fields_alone_do_not_contradict(tmp_path):
    """A field called serialNumber with the value `unset` is a candidate: somebody has to look."""
    row = portal(tmp_path, {"on": [event("A", {"serialNumber": "Q7F3X"})]}).loc["CP-1"]
    assert (row["verdict"], row["deciding"], row["undecided"]) == (NOT_TESTABLE, 0, 1)
    assert "serialNumber" in row["because"]


def test_an_event_without_any_identifier(tmp_path):
    row = portal(tmp_path, {"on": [event("A", {"durationMs": 3})]}).loc["CP-1"]
    assert row["verdict"] == SUPPORTED
    assert row["because"].startswith("nothing of it was recognised among ")
    assert "in 1 recording: on" in row["because"]


def test_what_could_not_be_looked_into_is_told(tmp_path):
    shut = Connection(
        id="c#1", run="on", at=START, transport="tls", host="x.example", port=443, opaque_because="pinned"
    )
    run = Run(id="on", app="Company Portal")
    frames = synthetic(tmp_path / "d", on=(run, [upload(0, "on", [event("A", {"durationMs": 3})]), shut]))
    row = verdicts(frames, own(), KEY).set_index("id").loc["CP-1"]
    assert "1 host could not be looked into" in row["because"]


def test_conflicts_of_documents_are_no_matter_of_traffic():
    row = verdicts(real("web"), own(), KEY).set_index("id").loc["CP-7"]
    assert row["verdict"] == NOT_TESTABLE
    assert "shell-intune-samples" in row["sources"]


def windows(tmp_path, level, kilobytes, hours=24.0):
    """Verdicts on so many kilobytes to Windows' collector over so many hours, in two requests."""
    half = [
        upload(
            n,
            "a",
            [],
            WINDOWS,
            path="/collect/v1",
            body=b"x" * (kilobytes * 500),
            at=START + timedelta(hours=n * hours),
        )
        for n in (0, 1)
    ]
    run = Run(id="a", settings={"windows_level": level})
    return verdicts(synthetic(tmp_path / "d", a=(run, half)), own(), KEY).set_index("id")


@pytest.mark.parametrize(("kilobytes", "verdict"), [(120, SUPPORTED), (90, CONTRADICTED), (160, CONTRADICTED)])
def test_bytes_a_day(tmp_path, kilobytes, verdict):
    table = windows(tmp_path, "Basic", kilobytes)
    assert (table.loc["WIN-2-basic", "verdict"], table.loc["WIN-2-basic", "because"]) == (
        verdict,
        f"a: {kilobytes} kB a day",
    )
    assert table.loc["WIN-2-enhanced", "verdict"] == NOT_TESTABLE


def test_a_recording_that_is_too_short(tmp_path):
    row = windows(tmp_path, "basic", 120, hours=2).loc["WIN-2-basic"]
    assert (row["verdict"], row["needs"]) == (NOT_TESTABLE, "a recording of 24 hours that can be read")


def test_windows_at_its_lowest_level(tmp_path):
    """Synthetic: settings with and without an account."""
    for name, query, verdict in (
        ("a", "os=windows&deviceId=s:1", SUPPORTED),
        ("b", "upn=anna@contoso.example", CONTRADICTED),
    ):
        run = Run(id="x", settings={"windows_level": "security"}, planted={"upn": ("anna@contoso.example",)})
        call = upload(
            0,
            "x",
            [],
            "settings-win.data.microsoft.com",
            method="GET",
            path="/settings/v2.0/WSD/X",
            query=query,
            body=b"",
            headers=(),
        )
        table = verdicts(synthetic(tmp_path / name, x=(run, [call])), own(), KEY).set_index("id")
        assert table.loc["WIN-1", "verdict"] == verdict, table.loc["WIN-1", "because"]


def test_office_required_data(tmp_path):
    run = Run(id="a", settings={"office_level": "required"}, planted={"email": ("anna@contoso.example",)})
    good = synthetic(
        tmp_path / "1",
        a=(run, [upload(0, "a", [event("Office.System.X", {"Activity.Success": True}, level=1, app="")])]),
    )
    assert verdicts(good, own(), KEY).set_index("id").loc["OFF-1", "verdict"] == SUPPORTED
    bad = synthetic(
        tmp_path / "2",
        a=(run, [upload(0, "a", [event("Office.System.X", {"To": "anna@contoso.example"}, level=1, app="")])]),
    )
    row = verdicts(bad, own(), KEY).set_index("id").loc["OFF-1"]
    assert row["verdict"] == CONTRADICTED
    assert "hashed e-mail address: 0" in row["because"]


def test_collectors_without_a_region():
    """Version 2 of the clients: 2 records to mobile, 3 to browser, 9 to eu-mobile, as in expected.json."""
    row = verdicts(real("clients-new"), own(), KEY).set_index("id").loc["EUDB-1"]
    assert row["verdict"] == SUPPORTED
    assert row["because"].startswith("5 of 14 events fit; eu-mobile.events.data.microsoft.com 64.3 %")


def test_only_regional_collectors(tmp_path):
    run, call = Run(id="a"), upload(0, "a", [event("A")], "eu-mobile.events.data.microsoft.com")
    row = verdicts(synthetic(tmp_path / "d", a=(run, [call])), own(), KEY).set_index("id").loc["EUDB-1"]
    assert row["verdict"] == CONTRADICTED


def test_an_answer_to_an_access_request():
    frames = real("old-1")
    without = verdicts(frames, own(), KEY).set_index("id").loc["DSR-1"]
    assert (without["verdict"], without["needs"]) == (NOT_TESTABLE, "the vendor's export, with `portalscope dsar`")
    row = verdicts(frames, own(), KEY, access_request.comparison(frames, [], KEY)).set_index("id").loc["DSR-1"]
    assert (row["verdict"], row["because"]) == (SUPPORTED, "32 of 32 events that were sent are not in the answer")


def test_a_claim_of_ones_own(tmp_path):
    (tmp_path / "mine.toml").write_text(
        '[[claim]]\nid = "ME"\ntext = "t"\nsource = "a letter"\ndated = "2026"\nexpect = "some"\n'
        'within = { event = ["Runtime*"] }\nleaves = { property = ["errorInformation"] }\nshare = "event_name"\n'
    )
    row = verdicts(real("old-1"), read(tmp_path / "mine.toml"), KEY).iloc[0]
    assert (row["id"], row["verdict"], row["sources"]) == ("ME", SUPPORTED, "a letter")
    assert row["because"] == "1 of 4 events fit; RuntimePerf 75.0 %, RuntimeError 25.0 %"
    assert len(load(tmp_path / "mine.toml").claims) == len(own().claims) + 1


def test_completeness_and_cautious_words():
    table = verdicts(real("web", "old-1"), own(), KEY)
    assert table.attrs["completeness"] == coverage.line(real("web", "old-1"))
    assert set(table["verdict"]) <= {SUPPORTED, CONTRADICTED, NOT_TESTABLE}
    ours = " ".join((*table["because"], *table["needs"])).lower()
    assert not [word for word in ("anonym", "not personal data", "no transfer", "illegal", "unlawful") if word in ours]
