"""The recorder inside mitmproxy: real proxy, real TLS server, real clients."""

import gzip
import shutil
import signal
import sys
from contextlib import suppress
from functools import partial

import pytest
from mitmproxy.exceptions import CommandError, OptionsError
from mitmproxy.test import taddons, tflow, tutils
from mitmproxy.tls import ClientHelloData

from portalscope.capture.addon import Portalscope
from portalscope.capture.endpoints import load_endpoints
from portalscope.capture.inspection import connections, contents, load_run, steps, verify
from portalscope.capture.problem import Problem
from tests.proxy import ANSWER, https, mitmdump

BODY = gzip.compress(bytes(range(256)) * 300, mtime=0)
PIN = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with https(tmp_path_factory.mktemp("server")) as running:
        yield running


def post(proxy, server, folder, path="/"):
    """Let curl send the body; the server's answer as curl got it."""
    (folder / "body").write_bytes(BODY)
    binary = ["--data-binary", f"@{folder / 'body'}", "-H", "content-encoding: gzip"]
    return proxy.client(f"https://localhost:{server.port}{path}", *binary).stdout


@pytest.fixture(scope="module")
def recorded(server, tmp_path_factory):
    """A run with one of everything, ended by SIGTERM while one request was waiting for its answer."""
    folder = tmp_path_factory.mktemp("mitmdump")
    said = ["portalscope_app=Company Portal", "portalscope_set=usage_data=off", "portalscope_ignore=127.0.0.1"]
    with mitmdump(folder, server, *said) as proxy:
        url = f"https://localhost:{server.port}/"
        assert post(proxy, server, folder, "/a?b=1") == ANSWER
        assert proxy.client(url, trust=server.ca).returncode == 60  # curl: not an authority that I know
        assert proxy.client(url, "--pinnedpubkey", PIN).returncode == 90  # curl: not the pinned key
        passed_on = proxy.client(f"https://127.0.0.1:{server.port}/", trust=server.ca)
        assert (passed_on.returncode, passed_on.stdout) == (0, ANSWER)
        assert b"mitmproxy" in proxy.client("http://mitm.it/").stdout
        assert proxy.client(f"http://127.0.0.1:{proxy.port + 1}/refused").returncode == 0
        proxy.waiting_client(f"https://localhost:{server.port}/slow", "-d", "sent, never answered")
        assert server.asked.wait(10)
        assert proxy.end(signal.SIGTERM) == 0
    return proxy


@pytest.mark.network
def test_bodies_are_as_sent(recorded, server):
    one = recorded.exchanges[0]
    assert (one.method, one.host, one.port, one.path, one.query) == ("POST", "localhost", server.port, "/a", "b=1")
    assert (one.body, one.response_body, one.server_ip) == (BODY, ANSWER, "127.0.0.1")


@pytest.mark.network
def test_a_failed_and_an_unanswered_request_are_kept(recorded):
    failed, waiting = recorded.exchanges[1:]
    assert "Connect call failed" in failed.error
    assert (waiting.body, waiting.status, waiting.error) == (
        b"sent, never answered",
        None,
        "no answer in the recording",
    )


@pytest.mark.network
def test_the_proxys_own_page_is_no_traffic(recorded):
    assert "mitm.it" not in {item.host for item in (*recorded.exchanges, *recorded.connections)}


@pytest.mark.network
def test_every_connection_is_a_row(recorded):
    distrust = "tls failed: The client does not trust the proxy's certificate for localhost (tlsv1 alert unknown ca)"
    assert [
        (row.transport, row.host, row.sni, row.ip, row.exchanges, row.opaque_because) for row in recorded.connections
    ] == [
        ("tls", "localhost", "localhost", "127.0.0.1", 1, None),
        ("tls", "localhost", "localhost", "127.0.0.1", 0, distrust),
        ("tls", "localhost", "localhost", "127.0.0.1", 0, "established, then silent"),
        ("tls", "127.0.0.1", None, "127.0.0.1", 0, "not intercepted: passed on as asked"),
        ("tcp", "127.0.0.1", None, "127.0.0.1", 1, None),
        ("tls", "localhost", "localhost", "127.0.0.1", 1, None),
    ]


@pytest.mark.network
def test_the_run_says_what_was_tested_and_is_sealed(recorded):
    run = load_run(recorded.folder)
    assert (run.app, run.settings) == ("Company Portal", {"usage_data": "off"})
    assert run.tools.keys() >= {"mitmproxy", "portalscope", "python", "ended"}
    assert (run.tools["mode"], run.tools["stream_large_bodies"], run.tools["ignore"]) == ("regular", "off", "127.0.0.1")
    assert run.files.keys() == {"flows.mitm", "connections.jsonl"}
    assert verify(recorded.folder) == []


@pytest.mark.network
def test_nobody_else_can_read_it(recorded):
    assert recorded.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in recorded.folder.iterdir()} == {0o600}


@pytest.mark.network
def test_killing_the_proxy_loses_no_answered_exchange(server, tmp_path):
    with mitmdump(tmp_path, server) as proxy:
        for number in range(3):
            post(proxy, server, tmp_path, f"/{number}")
        assert proxy.end(signal.SIGKILL) == -signal.SIGKILL
    assert [(one.path, one.body) for one in proxy.exchanges] == [(f"/{number}", BODY) for number in range(3)]
    assert "ended" not in load_run(proxy.folder).tools


@pytest.mark.network
def test_a_folder_that_is_gone_ends_the_proxy(server, tmp_path):
    with mitmdump(tmp_path, server) as proxy:
        assert post(proxy, server, tmp_path) == ANSWER
        shutil.rmtree(proxy.folder)
        assert post(proxy, server, tmp_path) != ANSWER
        assert proxy.wait() == 1
    assert "portalscope: cannot record: [Errno 2]" in proxy.printed + proxy.said


@pytest.mark.network
@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")
def test_a_full_disk_ends_the_proxy_and_keeps_what_was_complete(server, tmp_path):
    import resource

    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (20_000, 20_000))
    with mitmdump(tmp_path, server, preexec_fn=limit) as proxy:
        answers = [post(proxy, server, tmp_path, f"/{number}") for number in range(20) if proxy.process.poll() is None]
        assert proxy.wait() == 1
    complete = proxy.exchanges
    assert 0 < len(complete) == answers.count(ANSWER)
    assert "cannot record: [Errno 27] File too large" in proxy.printed + proxy.said
    torn = [item.why for item in contents(proxy.folder) if isinstance(item, Problem)]
    assert len(torn) == 1
    assert "ends inside flow" in torn[0]
    assert "Errno 27" in load_run(proxy.folder).tools["stopped because"]


@pytest.fixture
def live(tmp_path):
    """The addon in a mitmproxy without network, recording into `tmp_path/run`."""
    addon = Portalscope()
    with taddons.context(addon) as context:
        context.configure(addon, portalscope_run=str(tmp_path / "run"))
        addon.running()
        yield addon, context, tmp_path / "run"
        with suppress(SystemExit):  # the test in which the folder goes away
            addon.done()


def kinds(folder):
    return [getattr(item, "method", item.__class__.__name__) for item in contents(folder)]


def test_flows_of_every_kind_are_written(live):
    addon, _, folder = live
    socket = tflow.twebsocketflow()
    addon.response(socket)
    assert kinds(folder) == []
    addon.websocket_end(socket)
    for flow in (tflow.ttcpflow(), tflow.tudpflow(), tflow.tdnsflow(resp=True)):
        addon.tcp_end(flow)
        addon.client_disconnected(flow.client_conn)
    assert kinds(folder) == [
        "GET",
        "WEBSOCKET",
        "WEBSOCKET",
        "WEBSOCKET",
        *["Connection"] * 4,
    ]  # DNS gave two addresses
    assert not (folder / "connections.jsonl").exists()


def test_what_is_under_way_is_written_at_the_end_and_nothing_after(live):
    addon, _, folder = live
    addon.request(flow := tflow.tflow())
    addon.tcp_start(tflow.ttcpflow())
    addon.done()
    sealed = verify(folder)
    addon.error(flow)
    addon.client_disconnected(flow.client_conn)
    assert kinds(folder) == ["GET", "Connection", "Connection"]
    assert sealed == verify(folder) == []


def test_a_step_is_a_command(live):
    addon, context, folder = live
    context.command(addon.step, "signed in")
    assert [step.name for step in steps(folder)] == ["signed in"]
    addon.done()
    with pytest.raises(CommandError, match="no recording"):
        addon.step("too late")


def test_what_cannot_be_written_stops_at_once_and_for_good(live):
    addon, _, folder = live
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(SystemExit) as end:
        addon.response(tflow.tflow(resp=True))
    assert end.value.code == 1
    addon.response(tflow.tflow(resp=True))
    assert "cannot record" in addon.failure


def test_what_cannot_be_written_at_the_end_is_an_error_too(live):
    addon, _, folder = live
    addon.request(tflow.tflow())
    (folder / "flows.mitm").unlink()
    with pytest.raises(SystemExit):
        addon.done()
    assert "cannot record" in load_run(folder).tools["stopped because"]


def test_the_proxys_own_page_is_no_stranger(live):
    addon, _, folder = live
    addon.asked.onboarding = "mitm.it"
    addon.asked.known = load_endpoints()
    addon.response(flow := tflow.tflow(req=tutils.treq(host="mitm.it", authority=b"", headers=()), resp=True))
    addon.client_disconnected(flow.client_conn)
    assert kinds(folder) == []


def test_the_run_cannot_change_while_it_is_recorded(live, tmp_path):
    addon, context, _ = live
    with pytest.raises(OptionsError, match="a recording is running"):
        context.configure(addon, portalscope_run=str(tmp_path / "other"))
    context.configure(addon, portalscope_scope="known")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("scope", "some"),
        ("run", "a/b c"),
        ("set", ["usage"]),
        ("set", ["=off"]),
        ("hosts", ["https://x/"]),
        ("ignore", [""]),
    ],
)
def test_wrong_options_are_refused(option, value):
    addon = Portalscope()
    with taddons.context(addon) as context, pytest.raises(OptionsError, match=f"portalscope_{option}"):
        context.configure(addon, **{f"portalscope_{option}": value})


def hello(name):
    """What mitmproxy hands over when a client asks for a host."""
    client, server = tflow.tclient_conn(), tflow.tserver_conn()
    client.timestamp_tls_setup, client.tls, client.sni = None, True, name

    class Hello:
        sni = name

    class Context:
        pass

    Context.client, Context.server = client, server
    return ClientHelloData(Context, Hello)


def test_scope_known_leaves_strangers_alone_and_says_so(live):
    addon, context, folder = live
    context.configure(addon, portalscope_scope="known", portalscope_hosts=["*.Contoso.example"])
    asked = {name: hello(name) for name in ("login.microsoftonline.com", "a.contoso.example", "stranger.example")}
    for data in asked.values():
        addon.tls_clienthello(data)
        addon.client_disconnected(data.context.client)
    assert [name for name, data in asked.items() if data.ignore_connection] == ["stranger.example"]
    assert [(row.host, row.opaque_because) for row in connections(folder)] == [
        ("stranger.example", "not intercepted: out of scope")
    ]


def test_scope_known_holds_for_requests_in_the_clear(live):
    addon, context, folder = live
    context.configure(addon, portalscope_scope="known")
    for host in ("stranger.example", "login.microsoftonline.com"):
        addon.response(flow := tflow.tflow(req=tutils.treq(host=host, authority=b"", headers=()), resp=True))
        addon.client_disconnected(flow.client_conn)
    assert kinds(folder) == ["GET", "Connection", "Connection"]
    assert [row.exchanges for row in connections(folder)] == [0, 1]
