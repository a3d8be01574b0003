import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.packets.authority import authority


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("Graph.Microsoft.com", ("graph.microsoft.com", None)),
        ("graph.microsoft.com:8443", ("graph.microsoft.com", 8443)),
        ("[2001:db8::1]:8443", ("2001:db8::1", 8443)),
        ("[2001:db8::1]", ("2001:db8::1", None)),
        ("2001:db8::1", ("2001:db8::1", None)),
        (" user:word@host:80 ", ("host", 80)),
        ("host:", ("host:", None)),
        ("host:port", ("host:port", None)),
        ("host:123456", ("host:123456", None)),
        ("", ("", None)),
    ],
)
def test_host_and_port(value, want):
    assert authority(value) == want


@given(st.text(max_size=40))
def test_any_text(value):
    host, port = authority(value)
    assert port is None or 0 <= port <= 99999
    assert "@" not in host
