"""What claims are tested on: filters, planted values in any form, recordings by their settings."""

import pytest

from portalscope.analysis.claim_view import View, chosen, kind_of_planted, planted_as
from portalscope.analysis.claims import Claim
from portalscope.capture.run import Run
from tests.analysis.recorded import KEY, event, real, synthetic, upload

ANY = Claim(id="x", text="t", source="s", dated="d", expect="none")


@pytest.mark.parametrize(
    ("detail", "kind"),
    [
        ("planted device_name, plain", "deviceName"),
        ("part of the value: planted phone, digits", "phoneNumber"),
        ("planted email_upn, base64 > sha256", "upn"),
        ("rule body:x of y", ""),
    ],
)
def test_which_kind_was_planted(detail, kind):
    assert planted_as(detail) == kind


def test_a_name_of_the_researchers_own():
    assert kind_of_planted("file_name") == "fileName"
    assert kind_of_planted("serial") == "serialNumber"
    assert kind_of_planted("colour of the door") == "otherIdentifiers"


def test_filters():
    view = View(real("old-1"), KEY)
    leaves = view.leaves
    assert chosen(leaves, {}).all()
    errors = leaves[chosen(leaves, {"event": ("Runtime*",), "kind": ("record",), "level": ("1",)})]
    assert set(errors["event_name"].astype(str)) == {"RuntimeError", "RuntimePerf"}
    assert not chosen(leaves, {"level": ("2",)}).any()
    assert chosen(leaves, {"host": ("*.events.data.microsoft.com",)}).all()


def test_recordings_by_settings():
    view = View(real("old-1", "off"), KEY)
    assert view.runs({"usage_data": ("off", "0")}) == ("off",)
    assert view.runs({"Usage_Data": ("ON",)}) == ("old-1",)
    assert view.runs({"windows_level": ("basic",)}) == ()
    assert view.runs({}) == ("old-1", "off")


def test_the_scope_of_an_app_is_its_events_or_their_whole_exchange(tmp_path):
    events = [event("Mine"), event("Other", app="A:com.microsoft.emmx")]
    frames = synthetic(tmp_path / "d", a=(Run(id="a"), [upload(0, "a", events)]))
    view = View(frames, KEY)
    mine = Claim(id="x", text="t", source="s", dated="d", expect="none", app="company-portal")
    assert set(view.scope(mine, ["a"])["event"]) == {1}
    whole = Claim(id="x", text="t", source="s", dated="d", expect="none", app="company-portal", whole=True)
    assert set(view.scope(whole, ["a"])["event"]) == {0, 1, 2}
    assert view.tested(mine, {}) == ("a",)
    assert View(frames).tested(mine, {}) == ()  # without the key nobody sees what an event states


def test_what_was_planted():
    assert "phoneNumber" in View(real("web")).planted["web"]
    assert View(real("old-1")).planted["old-1"] == frozenset()
