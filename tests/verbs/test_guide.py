"""What a person is told when a recording begins."""

import segno

from portalscope.verbs.guide import codes, welcome

CONFIG = "[Interface]\nPrivateKey = AAAA\nAddress = 10.0.0.1/32\n\n[Peer]\nEndpoint = 192.0.2.1:51820"


def test_four_steps(tmp_path):
    lines = welcome(tmp_path / "run", "HTTP(S) proxy at 192.0.2.1:8080").splitlines()
    assert [line[:3] for line in lines] == ["1. ", "2. ", "3. ", "4. "]
    assert str(tmp_path / ".mitmproxy" / "mitmproxy-ca-cert.pem") in lines[1]
    assert f"--inspection {tmp_path}" in lines[2]


def test_a_known_platform_says_what_to_do_on_it(tmp_path):
    lines = welcome(tmp_path / "run", "x", "Windows").splitlines()
    own = [line for line in lines if line.startswith("   - ")]
    assert own[0] == f"   - certutil -addstore root {tmp_path / '.mitmproxy' / 'mitmproxy-ca-cert.pem'}"
    assert own[-1] == "   - more: docs/how-to/windows.md"
    assert len(lines) == 4 + len(own)


def test_another_platform_says_nothing_more(tmp_path):
    assert len(welcome(tmp_path / "run", "x", "chromeos").splitlines()) == 4


def test_with_a_keyboard_steps_can_be_typed(tmp_path):
    assert "press Enter" in welcome(tmp_path / "run", "x", keys=True)
    assert "press Enter" not in welcome(tmp_path / "run", "x")


def test_a_code_is_as_many_lines_as_its_modules_need():
    """Two rows of modules in one line of the terminal, two modules of border on each side."""
    size = segno.make(CONFIG, error="l").symbol_size(border=2)[0]
    lines = codes([CONFIG]).splitlines()
    assert len(lines) == -(-size // 2)
    assert {len(line) for line in lines} == {size}
    assert set("".join(lines)) <= set(" █▄▀")


def test_without_a_tunnel_there_is_no_code():
    assert codes([]) == ""
