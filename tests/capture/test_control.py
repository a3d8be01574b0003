"""The positive control through a real proxy."""

import pytest

from portalscope.capture import control as module
from portalscope.capture.control import record_control
from portalscope.capture.exchange import Exchange
from portalscope.capture.inspection import contents, verify

PLANTED = {"email_upn": "zovrika.pelodado@x.example", "imei": "490154203237518"}


@pytest.fixture
def confdir(tmp_path):
    folder = tmp_path / "conf"
    folder.mkdir()
    return folder


@pytest.mark.network
def test_every_request_is_in_the_recording(tmp_path, confdir):
    folder, requests = record_control(PLANTED, tmp_path, confdir)
    exchanges = [item for item in contents(folder) if isinstance(item, Exchange)]
    assert [one.path for one in exchanges] == [one.path for one in requests]
    assert [one.body for one in exchanges] == [one.body for one in requests]
    assert {(one.host, one.status) for one in exchanges} == {("localhost", 200)}
    assert verify(folder) == []


@pytest.mark.network
def test_a_request_that_does_not_come_through_is_an_error(tmp_path, confdir, monkeypatch):
    def refuse(*_, **__):
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(module, "HTTPSConnection", refuse)
    with pytest.raises(RuntimeError, match="did not come through: nobody there"):
        record_control(PLANTED, tmp_path, confdir)


def test_a_proxy_that_cannot_start_is_an_error(tmp_path, confdir):
    (tmp_path / "inspection" / "control").mkdir(parents=True)
    (tmp_path / "inspection" / "control" / "flows.mitm").touch()
    with pytest.raises(RuntimeError, match="holds a recording already"):
        record_control(PLANTED, tmp_path, confdir)
