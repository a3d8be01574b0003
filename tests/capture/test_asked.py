"""The options of the addon, checked, and the run that they describe."""

import logging

import pytest
from mitmproxy.addonmanager import Loader
from mitmproxy.test import taddons, tflow

from portalscope import __version__
from portalscope.capture.asked import FLAGS, LISTS, TEXTS, Asked, add_options


@pytest.fixture
def asked():
    """A function that gives the options of a mitmproxy in which these were set."""
    with taddons.context() as context:
        add_options(Loader(context.master))
        context.options.add_option("onboarding_host", str, "mitm.it", "")
        context.options.add_option("stream_large_bodies", str, "", "")

        def given(**values):
            ours = {name if name in context.options else f"portalscope_{name}": values[name] for name in values}
            context.options.update(**ours)
            return Asked(context.options)

        yield given


def test_every_option_is_prefixed_and_explained():
    with taddons.context() as context:
        before = set(context.options.keys())
        add_options(Loader(context.master))
        added = context.options.keys() - before
        assert added == {f"portalscope_{name}" for name in (*TEXTS, *FLAGS, *LISTS)}
        assert all(len(context.options._options[name].help) > 10 for name in added)


def test_secrets_are_kept_only_when_asked_for(asked, caplog, tmp_path):
    assert (asked().keep_secrets, asked().about.tools["secrets"]) == (False, "replaced when recorded")
    kept = asked(keep_secrets=True, run=str(tmp_path / "run"))
    kept.begin().file.close()
    assert kept.about.tools["secrets"] == "kept as they were sent"
    assert "tokens and passwords are written as they are sent" in caplog.text


def test_everything_is_recorded_by_default(asked):
    default = asked()
    assert default.refusal("never-heard-of.example") == default.refused(tflow.tflow(), "never-heard-of.example") == ""
    assert default.onboarding == "mitm.it"


def test_the_run_that_is_described(asked):
    about = asked(app="Company Portal", os_build="22631", set=["usage_data=off", "windows_level = required"]).about
    assert (about.app, about.os_build) == ("Company Portal", "22631")
    assert about.settings == {"usage_data": "off", "windows_level": "required"}
    assert (about.tools["portalscope"], about.tools["scope"], about.tools["mode"]) == (__version__, "all", "regular")


@pytest.mark.parametrize(
    ("host", "why"), [("pinned.example", "passed on"), ("x.PINNED.example", "passed on"), ("a.example", "")]
)
def test_tls_of_ignored_hosts_is_passed_on(asked, host, why):
    given = asked(ignore=["pinned.example", "*.pinned.example"])
    assert why in given.refusal(host)
    assert bool(given.refusal(host)) == bool(why)


def test_a_request_in_the_clear_to_an_ignored_host_is_seen_anyway(asked):
    assert asked(ignore=["pinned.example"]).refused(tflow.tflow(), "pinned.example") == ""


def test_scope_known_is_our_table_and_what_is_listed(asked):
    given = asked(scope="known", hosts=["*.contoso.example"])
    hosts = ("login.microsoftonline.com", "LOGIN.microsoftonline.com", "a.contoso.example", "stranger.example")
    assert [bool(given.refusal(host)) for host in hosts] == [False, False, False, True]


def test_names_in_dns_are_always_kept(asked):
    assert asked(scope="known").refused(tflow.tdnsflow(), "stranger.example") == ""


def test_without_a_name_the_run_is_named_after_the_time(asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recorder = asked().begin()
    recorder.close()
    assert recorder.folder.parent.name == "inspection"
    assert recorder.folder.name.startswith("20")
    assert recorder.folder.name.endswith("Z")


def test_streaming_is_warned_of_and_written_down(asked, tmp_path, caplog):
    given = asked(stream_large_bodies="1m", run=str(tmp_path / "run"))
    with caplog.at_level(logging.WARNING):
        given.begin().close()
    assert "not recorded" in caplog.text
    assert given.about.tools["stream_large_bodies"] == "1m"


@pytest.mark.parametrize(("hosts", "meaning"), [([], "connected, then silent"), ([r"a\.example"], "not intercepted")])
def test_what_nobody_opened_may_be_mitmproxys_own_list(asked, hosts, meaning):
    assert asked(ignore_hosts=hosts).untouched == meaning


@pytest.mark.parametrize(
    ("option", "value"),
    [("scope", ""), ("run", "somewhere/.hidden"), ("set", ["a=b", "c"]), ("hosts", ["a b"]), ("ignore", ["[::1]"])],
)
def test_what_is_wrong_is_named(asked, option, value):
    with pytest.raises(ValueError, match=f"^portalscope_{option}: "):
        asked(**{option: value})
