"""T5, T7 and T11, against the planted values and tags of the samples."""

import pytest

from portalscope.analysis import evidence
from portalscope.analysis.field_table import (
    CATEGORIES,
    FIELDS,
    IDENTIFIERS,
    categories,
    fields,
    identifiers,
    subjects,
)
from portalscope.analysis.labels import vocabulary
from tests.analysis.recorded import real, truth


@pytest.fixture(scope="module")
def web():
    return fields(real("web"))


def test_fields_say_what_they_are_and_why(web):
    assert list(web.columns) == FIELDS.names
    row = web[(web["event"] == "CP.PiiKinds") & (web["field"] == "body:[].data.Pii_PhoneNumber")].iloc[0]
    assert row[["property", "class", "evidence_level", "documented", "distinct", "leaves"]].tolist() == [
        "phoneNumber", "D1", "E1", "not documented", 1, 1,
    ]  # fmt: skip
    assert row["meaning"] == "Number that reaches a person, also MSISDN."
    assert row["verdict"] == "holds a direct identifier"
    envelope = web[(web["event"] == "CP.PiiKinds") & (web["field"] == "body:[].ext.app.id")].iloc[0]
    assert envelope["documented"] == "source code only"
    assert set(web[web["field"].str.startswith("header:")]["documented"]) == {"no record"}


def test_no_field_is_lost_and_no_value_is_printed(web):
    assert len(web) == len(evidence.fields(real("web")))
    text = web.to_csv()
    assert not [value for _, value in truth("js1ds_444_v1")["honey_sent"] if len(value) > 5 and value in text]


def test_identifiers_that_were_planted():
    """The oracle found each of these in the one request; all but the user's name in one spelling."""
    table = identifiers(real("web"))
    assert list(table.columns) == IDENTIFIERS.names
    sure = table.set_index(["property", "class"])
    for name, code in (
        ("phoneNumber", "D1"),
        ("aadDeviceId", "D3"),
        ("intuneDeviceId", "D3"),
        ("serialNumber", "D3"),
        ("macAddress", "D3"),
    ):
        assert sure.loc[(name, code), ["distinct", "requests"]].tolist() == [1, 1], name
    assert sure.loc[("phoneNumber", "D1"), "scope"] == "user"
    assert set(table["companies"]) == {"Microsoft Corporation"}


def test_an_identifier_that_stays_the_same_over_versions():
    """The oracles of both samples have the same UPN, and it went to several hosts."""
    upns = [
        {h["value"] for flow in truth(s)["flows"] for h in flow["honey"] if h["type"] == "email_upn"}
        for s in ("sample_reg_v1", "sample_reg_v2")
    ]
    assert upns[0] & upns[1]
    row = identifiers(real("clients-old", "clients-new")).set_index(["property", "class"]).loc[("upn", "D1")]
    assert row["across_runs"] >= 1
    assert row["across_hosts"] >= 1
    assert "login.microsoftonline.com" in row["hosts"]


def test_categories_that_were_not_seen_have_a_row():
    """ONNX Runtime holds no direct identifier and no secret; the device's identifier is in all 32 records."""
    table = categories(real("old-1"))
    assert list(table.columns) == CATEGORIES.names
    rows = table.set_index("class")
    assert rows.loc[["D1", "S1"], ["properties", "events", "run"]].to_numpy().tolist() == [["", 0, ""], ["", 0, ""]]
    assert rows.loc["D3", "events"] >= 32
    assert "deviceId" in rows.loc["D3", "properties"]
    assert "whoever uses the device" in rows.loc["D3", "data_subjects"]


def test_events_are_counted_once():
    """CP.PiiKinds holds a dozen direct identifiers and is one event: nine records and one request at most."""
    row = categories(real("web")).set_index("class").loc["D1"]
    assert 1 <= row["events"] <= 10
    assert row["requests"] == 1
    assert row["strongest"] == "E1"


def test_content_concerns_more_than_the_user():
    row = categories(real("web")).set_index("class").loc["C1"]
    assert row["data_subjects"].startswith("the user, and everybody whom the content names")
    assert "Art. 9" in row["note"]


def test_every_scope_and_category_of_the_vocabulary_has_data_subjects():
    known = vocabulary()
    assert set(subjects()["categories"]["personal"]) == set(known.categories)
    assert {one.scope for one in known.properties.values()} <= set(subjects()["scope"])
    assert set(subjects()["class"]) | set(subjects()["note"]) <= set(known.classes)


def test_it_never_says_more_than_it_can():
    text = categories(real("old-1")).to_csv().lower()
    assert "anonym" not in text
    assert "not personal" not in text
