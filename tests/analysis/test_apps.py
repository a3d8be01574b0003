"""Whose event it is."""

import pytest

from portalscope.analysis import apps
from portalscope.capture.run import Run
from tests.analysis.recorded import KEY, event, real, synthetic, upload


def test_an_event_says_so_itself():
    """The web SDK's nine events of the sample state the app's id; what else is in the recordings does not."""
    found = apps.events_of(real("web", "old-1"), "company-portal", KEY)
    assert set(found["run"]) == {"web"}
    assert len(found) == 9
    assert set(found["by"]) == {"event"}


def test_without_the_key_nobody_sees_what_an_event_states():
    assert apps.events_of(real("web"), "company-portal").empty
    assert apps.events_of(real("web"), "company-portal", b"another key").empty


def test_the_recordings_word(tmp_path):
    """In a run of the app an event that names no app is its, one that names another app is not, with the key."""
    events = [event("A", app=""), event("B", app="A:com.microsoft.emmx"), event("C")]
    run = Run(id="a", app="company portal ")
    frames = synthetic(tmp_path / "d", a=(run, [upload(0, "a", events)]))
    assert apps.runs_of(frames, "company-portal") == ("a",)
    by = dict(zip(*(apps.events_of(frames, "company-portal", KEY)[name] for name in ("event", "by")), strict=True))
    assert by == {0: "run", 1: "run", 3: "event", 4: "run"}  # request, A, C, response
    assert len(apps.events_of(frames, "company-portal")) == 5


@pytest.mark.parametrize(
    "stated", ["a:COM.microsoft.windowsintune.companyportal".lower(), "com.microsoft.CompanyPortal"]
)
def test_prefixes_and_platforms(tmp_path, stated):
    frames = synthetic(tmp_path / "d", a=(Run(id="a"), [upload(0, "a", [event("A", app=stated)])]))
    assert apps.events_of(frames, "company-portal", KEY)["event"].tolist() == [1]


def test_an_unknown_app():
    with pytest.raises(ValueError, match="no app nonsense; there are company-portal"):
        apps.app("nonsense")
