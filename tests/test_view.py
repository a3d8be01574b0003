"""The view inside mitmproxy: what it shows of real recordings, how flows are marked, and that secrets stay hidden."""

import asyncio
import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from mitmproxy import contentviews
    from mitmproxy.addons.view import View as FlowList
    from mitmproxy.contentviews import Metadata
    from mitmproxy.exceptions import CommandError, OptionsError
    from mitmproxy.io import FlowReader
    from mitmproxy.test import taddons, tflow, tutils

from portalscope.view import MARKS, SIGNS, Judging, PortalscopeContentview, View, summary

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
MITMDUMP = [sys.executable, "-c", "from mitmproxy.tools.main import mitmdump; mitmdump()"]
SAYING = {"capture_output": True, "text": True, "timeout": 60}
TOKEN = "0.opaque-token-of-somebody"


def flows(name):
    with (SAMPLES / name / f"{name}.mitm").open("rb") as file:
        return list(FlowReader(file).stream())


@pytest.fixture(scope="module")
def judging():
    return Judging()


def shown(judging, flow, message):
    return PortalscopeContentview(judging).prettify(b"", Metadata(flow=flow, http_message=message))


def test_telemetry_is_shown_as_events(judging):
    (flow,) = flows("ort132")
    text = shown(judging, flow, flow.request)
    assert text.startswith("ONNX Runtime's own telemetry, Common Schema in Bond  (onnxruntime)\n")
    assert "\nrecord · 1 · RuntimeError · 2026-11-23 05:11:27.623365+00:00 · 3.0" in text
    line = next(line for line in text.splitlines() if "ext.device.localId" in line)
    assert line.startswith(
        "🟠 pseudonymous deviceId             E5 source code     body:[0].ext.device.localId = c:DCE843"
    )
    assert text.index("record ·") < text.index("request: address and header fields") < text.index("header:apikey")


def test_request_and_answer_are_apart(judging):
    flow = flows("msal_py")[1]
    sent, answered = (shown(judging, flow, message) for message in (flow.request, flow.response))
    assert "🔴 personal     upn" in sent
    assert ("response:account_type" in sent, "response:account_type" in answered) == (False, True)


@pytest.mark.parametrize("name", ["msal_py", "sample_reg_v1"])
def test_secrets_are_never_shown(judging, name):
    truth = json.loads((SAMPLES / name / "expected.json").read_text())["honey_sent"]
    secrets = [value for what, value in truth if what.startswith("secret_")]
    assert secrets
    for flow in flows(name):
        for message in (flow.request, flow.response):
            if message:
                text = shown(judging, flow, message)
                assert not [secret for secret in secrets if secret in text]
        assert not [secret for secret in secrets if secret in str(list(View().findings(flow)))]


def test_a_secret_in_a_field_that_is_none_is_hidden_too(judging):
    body = json.dumps({"note": f"sent Authorization: Bearer {TOKEN}", "long": "x" * 500}).encode()
    flow = tflow.tflow(
        req=tutils.treq(host="strange.example", content=body, headers=((b"content-type", b"application/json"),))
    )
    text = shown(judging, flow, flow.request)
    assert TOKEN not in text
    assert "Bearer SECRET.access_token." in text
    assert "x… (500)" in text


def test_bytes_that_nobody_understands_are_said(judging):
    flow = tflow.tflow(req=tutils.treq(content=bytes(range(200, 256)) * 9))
    assert "❗ body: 504 bytes not understood" in shown(judging, flow, flow.request)


def test_known_messages_are_shown_unasked_and_all_others_on_request(judging):
    view = PortalscopeContentview(judging)
    known, strange = flows("ort132")[0], tflow.tflow(req=tutils.treq(host="strange.example"), resp=True)
    assert view.render_priority(b"x", Metadata(flow=known, http_message=known.request)) == 2
    assert 0 < view.render_priority(b"x", Metadata(flow=strange, http_message=strange.request)) < 1
    socket = tflow.twebsocketflow()
    metadata = Metadata(flow=socket, websocket_message=socket.websocket.messages[0])
    assert view.render_priority(b"x", metadata) == -1
    with pytest.raises(ValueError, match="only messages of HTTP"):
        view.prettify(b"x", metadata)
    assert view.render_priority(b"x", Metadata(flow=tflow.ttcpflow())) == -1


def test_the_view_is_registered():
    with taddons.context(View()):
        assert "portalscope" in contentviews.registry.available_views()


def marked(*given, **options):
    """Let the addon see flows as mitmproxy shows them to it, and wait for their marks."""

    async def see():
        addon = View()
        with taddons.context(addon) as context:
            context.configure(addon, **options)
            for flow in given:
                addon.response(flow)
            while addon.waiting:
                await asyncio.sleep(0.01)
            addon.done()

    asyncio.run(see())
    return [(flow.marked, flow.comment) for flow in given]


def test_flows_are_marked_and_commented_by_what_was_sent():
    found = marked(*flows("msal_py")[:3], *flows("ort132"))
    assert [mark for mark, _ in found] == [":white_circle:", ":red_circle:", ":red_circle:", ":red_circle:"]
    assert found[1][1] == "portalscope: personal: upn (Entra: what kind of account is this)"
    assert "secret: password" in found[2][1]
    assert found[3][1].startswith("portalscope: personal: errorInformation; pseudonymous: ")
    assert "anna.honeypot" not in str(found)


def test_what_a_person_wrote_stays():
    flow = flows("msal_py")[1]
    flow.marked, flow.comment = ":grapes:", "look at this"
    assert marked(flow) == [(":grapes:", "look at this")]


def test_marking_can_be_switched_off():
    assert marked(flows("msal_py")[1], portalscope_view=False) == [("", "")]


def test_planted_values_are_found(tmp_path):
    (tmp_path / "planted.toml").write_text('email_upn = "anna.honeypot@contoso-honey.example"\n')
    addon = View()
    with taddons.context(addon) as context:
        context.configure(addon, portalscope_planted=str(tmp_path))
        flow = flows("msal_py")[1]
        assert "E1 planted " in shown(addon.judging, flow, flow.request)
        with pytest.raises(OptionsError, match="portalscope_planted"):
            context.configure(addon, portalscope_planted=str(tmp_path / "none.toml"))


def test_findings_are_a_command():
    addon, listed = View(), FlowList()
    with taddons.context(addon, listed) as context:
        listed.add([flows("msal_py")[1]])
        head, *rows = context.command(addon.findings, "@focus")
        assert head == ["part", "field", "category", "property", "class", "why"]
        assert ["path", "user", "personal", "upn", "D1", "E5 source code"] in rows
        with pytest.raises(CommandError, match="only flows of HTTP"):
            addon.findings(tflow.ttcpflow())


def test_a_guess_by_name_does_not_mark_a_flow(judging):
    body = b'{"userEmail": "x"}'
    flow = tflow.tflow(
        req=tutils.treq(host="strange.example", content=body, headers=((b"content-type", b"application/json"),))
    )
    judged = judging.of(flow)
    assert "personal" in {finding.category for _, _, finding in judged.leaves(answer=False)}
    mark, said = summary(judged)
    assert (mark == MARKS["personal"], "personal?: " in said) == (False, True)


def test_a_judgement_is_remembered_until_the_flow_changes(judging):
    flow = flows("msal_py")[2]
    once = judging.of(flow)
    assert judging.of(flow) is once
    flow.request.content = b"a=b"
    assert judging.of(flow) is not once


def test_every_category_has_a_mark_and_a_sign(knowledge):
    assert set(MARKS) == set(SIGNS) == set(knowledge.tables["properties"]["category"])


@pytest.mark.network
def test_it_is_a_script_for_mitmproxy():
    command = [*MITMDUMP, "-n", "-r", str(SAMPLES / "ort132" / "ort132.mitm"), "--set", "flow_detail=3"]
    done = subprocess.run([*command, "-s", str(ROOT / "portalscope" / "view.py")], check=False, **SAYING)
    assert done.returncode == 0, done.stderr
    assert "🟠 pseudonymous deviceId" in done.stdout
    assert "record · 1 · RuntimeError" in done.stdout


@pytest.mark.network
def test_it_works_beside_the_recorder(tmp_path):
    addons = [part for name in ("capture/addon.py", "portalscope/view.py") for part in ("-s", str(ROOT / name))]
    said = ["--set", f"portalscope_run={tmp_path / 'run'}", "--set", "portalscope_view=true", "--set", "listen_port=0"]
    read = ["-r", str(SAMPLES / "msal_py" / "msal_py.mitm"), "-n"]
    done = subprocess.run([*MITMDUMP, *read, *addons, *said], check=False, **SAYING)
    assert done.returncode == 0, done.stderr
    assert "Addon error" not in done.stdout + done.stderr
    assert b"HONEYRT" not in (tmp_path / "run" / "flows.mitm").read_bytes()
