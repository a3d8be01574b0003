"""Identity from end to end: golden verdicts on synthetic requests that go all the way, and samples of real clients.

Of the golden verdicts (c) is in test_verdicts.py and (l) in test_scopes.py.
"""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portalscope.analysis import identify, links, verdicts
from portalscope.analysis.dataset import Writer, write_run
from portalscope.analysis.frames import load
from portalscope.analysis.pipeline import Pipeline
from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.importing import import_file
from portalscope.capture.run import Run
from tests.analysis.run_matrix import KEY, SIX, STATE

SAMPLES = Path(__file__).parents[2] / "samples"
UPN = "anna.honeypot@contoso-honey.example"
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
COLLECTOR, GRAPH, THIRD = "unknown.events.data.microsoft.com", "graph.microsoft.com", "collector.third-party.example"


@pytest.fixture(scope="module")
def pipeline():
    return Pipeline()


@pytest.fixture
def decoded(tmp_path, pipeline):
    """Decode SYNTHETIC requests, given as keywords of Exchange, with all our knowledge; return the frames."""

    def decoded(*requests, runs=None, closed=(), **about):
        for name, (some, more) in (runs or {"a": (requests, about)}).items():
            run = Run(id=name, **more)
            items = [exchange(name, n, **one) for n, one in enumerate(some)]
            items += [
                Connection(
                    id=f"c#{n}", run=name, at=AT, transport="tls", host=host, port=443, opaque_because="tls failed"
                )
                for n, host in enumerate(closed)
            ]
            write_run(Writer(tmp_path / "d", run, key=KEY), items, pipeline.judge(run), pipeline.locate)
        return load(tmp_path / "d")

    return decoded


def exchange(run, number, host=COLLECTOR, body=None, **more):
    sent = json.dumps(body).encode() if body is not None else b""
    headers = (("content-type", "application/json"), *more.pop("headers", ()))
    given = {"method": "POST", "path": "/synthetic", "query": "", "status": 200, **more}
    at = AT + timedelta(seconds=number)
    return Exchange(
        id=f"x#{number}", run=run, at=at, scheme="https", host=host, port=443, headers=headers, body=sent, **given
    )


def bearer(**claims):
    """A token without a signature, as nobody would accept it."""
    parts = ({"alg": "none", "typ": "JWT"}, {"tid": "6babcaad-604b-40ac-a9d7-9fd97c0b779f", **claims})
    text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return (("authorization", f"Bearer {text}."),)


def guid(*of):
    text = hashlib.sha256(repr(of).encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"


def answer(frames, host):
    """Verdict and verdict with guesses of a destination, and its cause."""
    found = identify.tables(frames).verdicts.set_index("host").loc[host]
    return str(found["verdict"]), str(found["candidate"]), str(found["property"])


def row(frames, name, lang="en"):
    table = identify.tables(frames, lang).identifiers
    (found,) = table[table["property"] == name].to_dict("records")
    return found


def test_a_a_stable_guid_beside_a_token_that_names_the_user(decoded):
    """Golden verdict (a): D3 or D2, attributable at Microsoft, by experiment and by what stands beside it."""
    runs = {
        arm: (
            [
                {"path": f"/p{n}", "body": {"zq": guid(STATE[arm]["device"])}, "headers": bearer(upn=UPN)}
                for n in range(3)
            ],
            {"settings": {"arm": arm}},
        )
        for arm in SIX
    }
    frames = decoded(runs=runs)
    found = identify.tables(frames)
    (one,) = found.identifiers[found.identifiers["fields"] == "body:zq"].to_dict("records")
    assert (one["class"], one["candidate"], one["evidence_level"], one["scopes"]) == ("D3", False, "E5", "device")
    assert (one["strength"], one["not_tested"]) == ("direct", "")
    assert "survives a reinstall" in one["reset"]
    whole = identify.graphed(frames)
    events = verdicts.events(whole)
    assert {*events.loc[events["property"] == "otherIdentifiers", "verdict"]} <= {"pseudonymous_attributable"}
    (link,) = found.links[found.links["identifier"] == one["identifier"]].to_dict("records")
    assert (link["recipient"], link["reasons"]) == ("Microsoft Corporation", "token_subject")


def test_b_a_request_id_that_is_seen_once(decoded):
    frames = decoded({"host": GRAPH, "path": "/v1.0/me", "method": "GET", "headers": (("client-request-id", guid(1)),)})
    assert answer(frames, GRAPH)[0] == "no_identifier_found"


def test_d_a_tenant_id_names_no_person(decoded):
    frames = decoded({"body": {"tenant": guid("t")}}, planted={"tenant_id": (guid("t"),)})
    assert row(frames, "tenantId")["class"] == "O1"
    assert answer(frames, COLLECTOR)[:2] == ("no_identifier_found", "no_identifier_found")


def test_e_a_hash_of_the_user_name_is_a_pseudonym(decoded):
    digest = hashlib.sha256(UPN.lower().encode()).hexdigest()
    frames = decoded({"host": THIRD, "body": {"zq": digest}}, planted={"email_upn": (UPN,)})
    (one,) = identify.tables(frames).identifiers.to_dict("records")
    assert (one["class"], one["evidence_level"], one["candidate"]) == ("D2", "E1", False)
    assert answer(frames, THIRD)[0] == "pseudonymous_unattributed"


@pytest.mark.parametrize(
    ("planted", "candidate", "level"), [({}, True, "H2"), ({"device_name": ("Kims-iPhone",)}, False, "E1")]
)
def test_f_a_device_name_with_a_persons_name(decoded, planted, candidate, level):
    found = row(decoded({"body": {"deviceName": "Kims-iPhone"}}, planted=planted), "deviceName")
    assert (found["class"], found["candidate"], found["evidence_level"]) == ("D1", candidate, level)


def test_g_a_file_name_is_content(decoded):
    name = "Disability claim Anna.docx"
    frames = decoded({"body": {"zq": name}}, planted={"file_name": (name,)})
    found = identify.tables(frames).verdicts.iloc[0]
    assert (found["verdict"], found["content"]) == ("no_identifier_found", 1)


def test_h_a_placeholder_is_dropped(decoded):
    frames = decoded({"body": {"deviceId": "00000000-0000-0000-0000-000000000000"}})
    assert identify.tables(frames).identifiers.empty
    assert answer(frames, COLLECTOR)[:2] == ("no_identifier_found", "no_identifier_found")


def test_i_locale_and_model_only(decoded):
    frames = decoded({"body": {"locale": "nl-NL", "model": "Pixel 9"}})
    found = identify.tables(frames)
    assert found.verdicts["verdict"].tolist() == ["no_identifier_found"]
    (said,) = found.answers
    levels = "E2 to H1 (E1 not tested: nothing was planted)"
    assert said == f"{COLLECTOR} (Microsoft Corporation): no identifier found at evidence level {levels} in runs a."


def test_j_seen_on_the_device_only(decoded):
    frames = decoded({"body": {"zq": UPN}}, planted={"email_upn": (UPN,)}, source_kind="local_transcript")
    found = identify.tables(frames)
    assert not found.identifiers["proven"].any()
    assert found.links.empty
    assert "that it was sent is not proven" in found.sentences[0]


def test_k_a_host_that_stayed_closed(decoded):
    found = identify.tables(decoded({"body": {"n": 1}}, closed=["settings-win.data.microsoft.com"]))
    assert found.answers[0].endswith("not decoded: 1 connections stayed closed.")


@pytest.fixture(scope="module")
def samples(tmp_path_factory, pipeline):
    """Two samples as runs with what was planted in them, and one of them without."""
    path = tmp_path_factory.mktemp("samples")
    for name, sample, planted in (
        ("old", "sample_reg_v1", True),
        ("bare", "sample_reg_v1", False),
        ("library", "ort130", True),
    ):
        folder = SAMPLES / sample
        import_file(path / "inspection", name, [folder / f"{sample}.mitm"], Run(id=name), folder if planted else None)
        pipeline.decode_run(path / "inspection" / name, path / "dataset")
    return path / "dataset"


def test_a_sample_with_planted_values(samples):
    found = identify.tables(load(samples, ["old"]))
    upn = found.identifiers.iloc[0]
    assert (upn["property"], upn["evidence_level"], upn["strength"]) == ("upn", "E1", "itself")
    strength = dict(zip(found.identifiers["property"], found.identifiers["strength"], strict=True))
    assert strength["aadDeviceId"] == strength["serialNumber"] == strength["aadObjectId"] == "direct"
    answers = dict(zip(found.verdicts["host"], found.verdicts["verdict"].astype(str), strict=True))
    assert answers["browser.events.data.microsoft.com"] == "identified"
    assert answers["mobile.events.data.microsoft.com"] == "device_scoped"
    assert answers["js.monitor.azure.com"] == "no_identifier_found"


def test_a_library_whose_device_id_stands_alone(samples):
    """ONNX Runtime names nobody: only the source address it shares with a browser could join the two."""
    found = identify.tables(load(samples, ["old"]))
    only = found.identifiers[found.identifiers["hosts"] == "mobile.events.data.microsoft.com"]
    assert {*only["strength"]} == {"possible"}
    without = identify.tables(load(samples, ["old"]), address=False).identifiers
    assert {*without.loc[without["hosts"] == "mobile.events.data.microsoft.com", "strength"]} == {"none"}


@pytest.mark.parametrize("run", ["bare", "library"])
def test_nothing_rests_on_planted_values_where_nothing_was_planted(samples, run):
    found = identify.tables(load(samples, [run]))
    assert "E1" not in " ".join(found.identifiers["levels"])
    if run == "library":
        assert "identified" not in {*found.verdicts["verdict"].astype(str)}
    together = identify.tables(load(samples, ["old", "library"]))
    library = together.records[together.records["host"] == "mobile.events.data.microsoft.com"]
    assert "identified" not in {*library["verdict"].astype(str)}


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_a_sentence_for_each_identifier_without_words_that_promise(samples, lang):
    found = identify.tables(load(samples), lang)
    assert len(found.sentences) == len(found.identifiers)
    assert len(found.answers) == len(found.verdicts)
    text = " ".join((*found.sentences, *found.answers, found.svg)).lower()
    assert not re.search("anonym|anoniem|not personal|geen persoonsgegeven", text)
    assert "{" not in " ".join(found.answers)
    for sentence, candidate in zip(found.sentences, found.identifiers["candidate"], strict=True):
        assert sentence.startswith(("Candidate", "Kandidaat")) == candidate


def test_the_sentence_of_the_brief(samples):
    found = identify.tables(load(samples, ["old"]))
    sentence = next(text for text in found.sentences if text.startswith("Entra device ID"))
    assert "It is joined to the user principal name at Microsoft Corporation: same event, exchange " in sentence


def test_no_value_is_in_any_output(samples):
    found = identify.tables(load(samples, ["old"]))
    said = json.dumps([found.sentences, found.answers, found.svg])
    frames = (found.identifiers, found.verdicts, found.records, found.links)
    said += " ".join(frame.astype(str).to_csv() for frame in frames)
    for planted in json.loads((SAMPLES / "sample_reg_v1" / "expected.json").read_text())["honey_sent"]:
        assert planted[1] not in said, planted[0]


def test_the_columns_are_those_that_are_documented(samples):
    found = identify.tables(load(samples, ["old"]))
    assert found.identifiers.columns.tolist() == identify.IDENTIFIERS.names
    assert found.links.columns.tolist() == links.LINKS.names
    assert [*verdicts.events(identify.graphed(load(samples, ["library"]))).columns][1:] == verdicts.EVENTS.names


def test_the_same_twice(samples):
    one, two = (identify.tables(load(samples)) for _ in range(2))
    assert one.sentences == two.sentences
    assert one.svg == two.svg
    assert one.links.equals(two.links)


def test_a_run_that_holds_nothing(decoded):
    found = identify.tables(decoded())
    assert found.identifiers.empty
    assert not found.sentences
    assert "No identifier found" in found.svg
