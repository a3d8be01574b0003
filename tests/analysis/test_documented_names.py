"""Names against a documentation made for the test: exact, other version, near misses told apart."""

import pytest

from portalscope.analysis.documentation import Product
from portalscope.analysis.documented_names import Asked, Match, fold, ratio

OLD, NEW = frozenset({"1"}), frozenset({"2"})


def publication(**more) -> Product:
    given = {
        "name": "p",
        "title": "P",
        "ground": "documentation",
        "url": "https://p.example",
        "versions": ("1", "2"),
        "adapters": ("one*",),
        "own": ("store",),
        "free": (),
        "events": {"Corp.App.Started": OLD | NEW, "Corp.App.Stopped": OLD, "session": NEW},
        "fields": {"Corp.App.Started": {"DurationMs": NEW, "UserId": OLD, "Kind": NEW}, "session": {"State": NEW}},
        "common": {"ext.app.id": OLD | NEW},
        "loose": frozenset(),
        **more,
    }
    return Product(**given)


SDK = publication(
    name="sdk",
    ground="source code",
    events={},
    fields={},
    common={"ext.sdk.seq": frozenset()},
    loose=frozenset({"name"}),
    free=("properties",),
)
ASKED = Asked(products=(publication(), SDK))


@pytest.mark.parametrize(
    ("event", "status", "near"),
    [
        ("Corp.App.Started", "documented", ""),
        ("corp_app_started", "other spelling", "Corp.App.Started"),
        ("Corp.App.Start", "similar name", "Corp.App.Started"),  # 'corpappstart' and 'corpappstarted': 2*12/26
        ("Corp.App.Frozen", "not documented", ""),
        ("session", "general name", ""),
    ],
)
def test_events(event, status, near):
    found = ASKED.event("onecollector", event)
    assert (found.status, found.near) == (status, near)


def test_a_general_name_is_sure_where_nothing_else_can_be():
    assert ASKED.event("one", "session").status == "general name"
    asked = Asked(products=(publication(adapters=("*",)),))
    assert asked.event("store", "session").status == "documented"


def test_the_version_counts():
    asked = Asked(products=(publication(),), version="2")
    assert asked.event("one", "Corp.App.Stopped").status == "other version"
    match = asked.event("one", "Corp.App.Started")
    assert asked.field("one", "Corp.App.Started", match, "data.UserId", ()).status == "other version"
    assert asked.field("one", "Corp.App.Started", match, "data.Kind", ()).status == "documented"


@pytest.mark.parametrize(
    ("field", "status", "near"),
    [
        ("data.DurationMs", "documented", ""),
        ("data.duration_ms", "other spelling", "DurationMs"),
        ("data.DurationMsec", "similar name", "DurationMs"),  # 2*10/22 = 0.91
        ("data.Other", "not documented", ""),
        ("ext.app.id", "documented", ""),
        ("ext.app.ID", "not documented", ""),
        ("ext.sdk.seq", "source code only", ""),
        ("data.name", "source code only", ""),
        ("data.properties.name", "not documented", ""),  # what the maker of an app puts there is its own
    ],
)
def test_fields(field, status, near):
    match = ASKED.event("one", "Corp.App.Started")
    found = ASKED.field("one", "Corp.App.Started", match, field, {"Kind"})
    assert (found.status, found.near) == (status, near)


def test_a_name_that_was_seen_itself_is_nobodys_near_miss():
    match = ASKED.event("one", "Corp.App.Started")
    assert ASKED.field("one", "Corp.App.Started", match, "data.duration_ms", {"DurationMs"}).status == "not documented"


def test_a_misspelt_event_has_the_fields_of_the_documented_one():
    match = ASKED.event("one", "CORP.App.Started")
    assert match == Match("other spelling", "p", OLD | NEW, "Corp.App.Started")
    assert ASKED.field("one", "CORP.App.Started", match, "data.Kind", ()).status == "documented"


def test_fields_of_a_general_name_are_no_surer_than_the_event():
    match = ASKED.event("one", "session")
    assert ASKED.field("one", "session", match, "data.State", ()).status == "general name"
    assert ASKED.field("one", "session", match, "data.state", ()).status == "not documented"


def test_only_publications_that_speak_of_such_messages():
    assert ASKED.event("syncml", "Corp.App.Started") == Match("not documented")
    assert ASKED.field("syncml", "x", Match("not documented"), "ext.app.id", ()).status == "not documented"


def test_measures():
    assert fold("A_b.C-d") == "abcd"
    assert ratio("abcdefgh", "abcdefgh") == 1.0
    assert ratio("abcdefgh", "zzz") == 0.0
