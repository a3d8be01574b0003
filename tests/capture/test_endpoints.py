"""Endpoints: the table is sound, the closest pattern wins, bad tables are refused with a reason."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.endpoints import (
    Endpoint,
    Endpoints,
    faults,
    load_endpoints,
    operators,
    read,
    sources,
    vocabulary,
)

KNOWN = load_endpoints()
SERVICE = """
[[service]]
service = "Portal"
product = "Portal"
purpose = "telemetry"
operator = "microsoft"
role = "processor"
because = "observed"
source = "own-knowledge"
"""


def one(pattern: str, **other: str) -> Endpoint:
    words = {"service": "S", "product": "P", "purpose": "telemetry", "operator": "microsoft", "role": "processor"}
    cited = {"because": "observed", "source": "own-knowledge", "company": "C", "file": "test.toml"}
    return Endpoint(pattern=pattern, **{**words, **cited, **other})


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_table_is_sound() -> None:
    assert faults(KNOWN) == []
    assert len(KNOWN.all) > 650


@pytest.mark.parametrize(
    ("host", "pattern", "purpose", "company"),
    [
        ("mobile.events.data.microsoft.com", "mobile.events.data.microsoft.com", "telemetry", "Microsoft Corporation"),
        ("eu-mobile.events.data.microsoft.com", "eu-mobile.events.data.microsoft.com", "telemetry", "Microsoft Corporation"),
        ("eu-self.events.data.microsoft.com", "eu-*.events.data.microsoft.com", "telemetry", "Microsoft Corporation"),
        ("eu-umwatsonc.events.data.microsoft.com", "*-umwatsonc.events.data.microsoft.com", "crash", "Microsoft Corporation"),
        ("v20c.events.data.microsoft.com", "*.events.data.microsoft.com", "telemetry", "Microsoft Corporation"),
        ("fef.amsub0102.manage.microsoft.com", "*.amsub*.manage.microsoft.com", "management", "Microsoft Corporation"),
        ("m.fei.msua02.manage.microsoft.com", "*.msua*.manage.microsoft.com", "management", "Microsoft Corporation"),
        ("enrollment.manage.microsoft.com", "enrollment.manage.microsoft.com", "enrolment", "Microsoft Corporation"),
        ("wip.mam.manage.microsoft.com", "wip.mam.manage.microsoft.com", "app protection", "Microsoft Corporation"),
        ("login.microsoftonline.com", "login.microsoftonline.com", "sign-in", "Microsoft Corporation"),
        ("graph.microsoft.com", "graph.microsoft.com", "product function", "Microsoft Corporation"),
        ("enterpriseregistration.windows.net", "enterpriseregistration.windows.net", "enrolment", "Microsoft Corporation"),
        ("westeurope-5.in.applicationinsights.azure.com", "*.in.applicationinsights.azure.com", "telemetry", "Microsoft Corporation"),
        ("js.monitor.azure.com", "js.monitor.azure.com", "content delivery", "Microsoft Corporation"),
        ("dc.services.visualstudio.com", "dc.services.visualstudio.com", "telemetry", "Microsoft Corporation"),
        ("in.appcenter.ms", "in.appcenter.ms", "telemetry", "Microsoft Corporation"),
        ("powerlift-frontdesk.acompli.net", "powerlift-frontdesk.acompli.net", "support logs", "Microsoft Corporation"),
        ("settings-win.data.microsoft.com", "settings-win.data.microsoft.com", "configuration", "Microsoft Corporation"),
        ("update.googleapis.com", "update.googleapis.com", "update", "Google LLC"),
        ("12-courier.push.apple.com", "*-courier.push.apple.com", "push", "Apple Inc."),
        ("events.appsflyer.com", "events.appsflyer.com", "advertising/analytics", "AppsFlyer Ltd"),
        ("new-service.microsoft.com", "*.microsoft.com", "unknown", "Microsoft Corporation"),
    ],
)  # fmt: skip
def test_finds_the_closest_pattern(host: str, pattern: str, purpose: str, company: str) -> None:
    found = KNOWN.find(host)
    assert found is not None
    assert (found.pattern, found.purpose, found.company) == (pattern, purpose, company)


@pytest.mark.parametrize(
    "host", ["", ".", "localhost", "169.254.169.254", "example.org", "microsoft.com.example.org", "x" * 300]
)
def test_an_unknown_host_has_no_endpoint(host: str) -> None:
    assert KNOWN.find(host) is None


def test_case_and_last_dot_do_not_matter() -> None:
    assert KNOWN.find("Login.MicrosoftOnline.COM.") is KNOWN.find("login.microsoftonline.com") is not None


def test_the_importer_is_a_company_with_a_seat() -> None:
    adjust = KNOWN.find("app.adjust.com")
    assert adjust is not None
    assert (adjust.company, adjust.seat, adjust.group) == ("Adjust GmbH", "DE", "AppLovin (US)")
    assert operators()["microsoft"].seat == "US"
    assert operators()["microsoft"].contract == "Microsoft Ireland Operations Limited (IE)"


def test_sovereign_clouds_have_other_operators() -> None:
    china = KNOWN.find("portal.manage.microsoftonline.cn")
    assert china is not None
    assert (china.operator, china.seat) == ("21vianet", "CN")


def test_words_are_defined_and_used() -> None:
    used = {endpoint.purpose for endpoint in KNOWN.all}
    assert used == vocabulary()["purpose"].keys()
    assert {endpoint.role for endpoint in KNOWN.all} == vocabulary()["role"].keys()
    assert all(text for words in vocabulary().values() for text in words.values())


def test_every_operator_has_a_ground_and_a_citation() -> None:
    for operator in operators().values():
        assert operator.because in vocabulary()["because"], operator.id
        assert operator.source in sources(), operator.id
        assert len(operator.seat) == 2, operator.id


def test_every_citation_says_what_where_and_when() -> None:
    for key, source in sources().items():
        assert source.keys() == {"title", "url", "read"}, key
        assert all(source.values()), key


def test_a_star_inside_a_label_does_not_cross_a_dot() -> None:
    endpoints = Endpoints([one("eu-*.example.com")])
    assert endpoints.find("eu-a.example.com") is not None
    assert endpoints.find("eu-a.b.example.com") is None


def test_longer_tail_then_star_inside_then_literal_characters() -> None:
    endpoints = Endpoints([one("*.example.com"), one("a*.example.com"), one("ab*.example.com"), one("*.b.example.com")])
    wanted = {
        "x.example.com": "*.example.com",
        "ax.example.com": "a*.example.com",
        "abc.example.com": "ab*.example.com",
    }
    wanted |= {"a.b.example.com": "*.b.example.com", "b.example.com": "*.example.com"}
    assert {host: getattr(endpoints.find(host), "pattern", None) for host in wanted} == wanted


def test_a_pattern_of_the_user_replaces_the_built_in_one(tmp_path: Path) -> None:
    own = file(tmp_path, SERVICE + 'hosts = [{ pattern = "MAM.manage.microsoft.com", note = "ours" }]')
    endpoints = load_endpoints([own])
    found = endpoints.find("mam.manage.microsoft.com")
    assert found is not None
    assert (found.note, found.file) == ("ours", "own.toml")
    assert len(endpoints.all) == len(KNOWN.all)
    assert faults(endpoints) == []


def test_a_host_overrides_its_service_and_may_bring_its_own_company(tmp_path: Path) -> None:
    text = SERVICE + 'hosts = [{ pattern = "a.example.com", operator = "me", company = "Me BV", seat = "NL" }]'
    [found] = read(file(tmp_path, text))
    assert (found.service, found.operator, found.company, found.seat) == ("Portal", "me", "Me BV", "NL")


def test_every_fault_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    text = (
        SERVICE.replace('role = "processor"\n', "")
        + 'hosts = [{ colour = "red" }, { pattern = "a.example.com", note = 1 }]'
    )
    with pytest.raises(ValueError, match=r"^own\.toml: a host: pattern is missing") as caught:
        read(file(tmp_path, text))
    said = str(caught.value)
    assert "own.toml: a host: colour is no key of an endpoint" in said
    assert "own.toml: a.example.com: role is missing" in said
    assert "own.toml: a.example.com: note must be text" in said


@pytest.mark.parametrize(
    "text", ["", "x = ", "service = 1", "[[service]]\nhosts = 3", "[[service]]\nhosts = ['a.example.com']", "\ud800"]
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ValueError, match=r"^own\.toml: "):
        read(path)


@pytest.mark.parametrize(
    ("endpoints", "fault"),
    [
        ([one("a.example.com"), one("a.example.com")], "a.example.com: stands 2 times"),
        ([one("*.*.example.com")], "is no pattern"),
        ([one("*.com")], "is no pattern"),
        ([one("A.example.com")], "is no pattern"),
        ([one("a..example.com")], "is no pattern"),
        ([one("-a.example.com")], "is no pattern"),
        ([one("a.example.com", purpose="fun")], "unknown purpose 'fun'"),
        ([one("a.example.com", role="king")], "unknown role 'king'"),
        ([one("a.example.com", because="hope")], "unknown because 'hope'"),
        ([one("a.example.com", source="nowhere")], "unknown source 'nowhere'"),
        ([one("a.example.com", interception="maybe")], "unknown interception 'maybe'"),
        ([one("a.example.com", eu_variant="eu.example.net")], "the EU variant eu.example.net is no known endpoint"),
        ([one("a.example.com", operator="nobody", company="")], "the operator nobody is not in operators.toml"),
        ([one("a0*.example.com"), one("a*.example.com"), one("a00*.example.com")], "a0*.example.com: is shadowed by a00*"),
    ],
)  # fmt: skip
def test_faults_are_found(endpoints: list[Endpoint], fault: str) -> None:
    assert any(fault in found for found in faults(Endpoints(endpoints)))


def test_an_operator_that_nobody_uses_is_a_fault() -> None:
    assert "operators.toml: adjust: no endpoint uses it" in faults(Endpoints([one("a.example.com")]))


@given(st.text(max_size=300))
def test_any_host_name_gives_an_answer(host: str) -> None:
    found = KNOWN.find(host)
    assert found is None or found.tail.split(".")[-1] in host.lower()


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portalscope.capture.endpoints.REMEMBERED", 3)
    endpoints = Endpoints([one("*.example.com")])
    for number in range(50):
        assert endpoints.find(f"{number}.example.com") is not None
    assert len(endpoints.remembered) <= 3


def test_a_citation_that_the_decoders_use_too_leads_to_the_same_place() -> None:
    theirs = tomllib.loads((Path(__file__).parents[2] / "decoders/data/sources.toml").read_text("utf-8"))
    shared = sources().keys() & theirs.keys()
    assert shared
    assert {key: sources()[key]["url"] for key in shared} == {key: theirs[key]["url"] for key in shared}
