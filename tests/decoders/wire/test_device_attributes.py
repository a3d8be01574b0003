"""Device attributes, as public Windows Update clients send them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.device_attributes import device_attributes
from tests.decoders.wire import bounds

CALLER = b"E:Interactive=1&IsSeeker=1&SheddingAware=1&Id=Acquisition%3BMicrosoft.WindowsStore_8wekyb3d8bbwe&"
DEVICE = b"E:FlightRing=Retail&TelemetryLevel=3&Steam=URL:steam protocol&MediaBranch=&Free=gt64"


def test_names_and_values():
    assert device_attributes(DEVICE) == {
        "FlightRing": "Retail",
        "TelemetryLevel": "3",
        "Steam": "URL:steam protocol",
        "MediaBranch": "",
        "Free": "gt64",
    }


def test_values_are_as_sent():
    assert device_attributes(CALLER)["Id"] == "Acquisition%3BMicrosoft.WindowsStore_8wekyb3d8bbwe"


def test_the_older_form():
    old = b"BranchReadinessLevel=CB;CurrentBranch=rs_prerelease;OEMModel=Virtual Machine;"
    assert device_attributes(old) == {
        "BranchReadinessLevel": "CB",
        "CurrentBranch": "rs_prerelease",
        "OEMModel": "Virtual Machine",
    }


def test_a_separator_inside_a_value():
    assert device_attributes(b"E:OEMModel=A&B&App=WU") == {"OEMModel": "A&B", "App": "WU"}


@pytest.mark.parametrize("data", [b"", b"E:", b"no pairs", b"=x"])
def test_what_are_no_attributes(data):
    with pytest.raises(DecodeError):
        device_attributes(data)


@given(st.binary(max_size=100))
def test_any_bytes(data):
    bounds.check(device_attributes, data)
    bounds.check(device_attributes, b"E:a=" + data)
