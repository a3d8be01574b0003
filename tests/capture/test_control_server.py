"""The server of the positive control, asked by another client."""

import ssl
from http.client import HTTPSConnection

import pytest

from portalscope.capture.control_server import HOST, mock_server


@pytest.mark.network
def test_it_takes_everything_from_whom_trusts_its_authority(tmp_path):
    with mock_server(tmp_path) as mock:
        trust = ssl.create_default_context(cafile=mock.authority)
        connection = HTTPSConnection(HOST, mock.port, context=trust, timeout=10)
        for body in (b"", b"x" * 100_000):
            connection.request("POST", "/any", body)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b"{}")
        connection.close()


@pytest.mark.network
def test_nobody_else_trusts_it_and_nobody_can_read_its_key(tmp_path):
    with mock_server(tmp_path) as mock:
        connection = HTTPSConnection(HOST, mock.port, timeout=10)
        with pytest.raises(ssl.SSLCertVerificationError):
            connection.request("POST", "/")
    assert (tmp_path / "mock-server.pem").stat().st_mode & 0o777 == 0o600
