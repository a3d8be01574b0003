"""Watson's stage one. Form and names are those of a published request of a browser; its ids are replaced by zeros."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.watson import watson
from tests.decoders.wire import bounds

T8 = bytes.fromhex("130000003c726571207665723d2232223e3c2f7265713e")
XML = b"""<?xml version="1.0"?>
<req ver="2">
 <tlm>
  <src><desc><mach>
   <os><arg nm="vermaj" val="10"/><arg nm="lcid" val="1033"/></os>
   <hw><arg nm="sysmfg" val="VMware, Inc."/></hw>
   <ctrl><arg nm="tm" val="133523003711432180"/><arg nm="mid" val="00000000-0000-0000-0000-000000000000"/></ctrl>
  </mach></desc></src>
  <reqs>
   <req key="1">
    <namespace svc="watson" ptr="generic" gp="generic" app="msedge.exe"><arg nm="p1" val="msedge.exe"/></namespace>
    <ctrl><arg nm="reportid" val="00000000-0000-0000-0000-000000000001"/></ctrl>
    <cmd nm="event"><arg nm="eventtype" val="crashpad_exp"/><arg nm="cat" val="generic"/></cmd>
   </req>
  </reqs>
 </tlm>
</req>
"""
FRAME = len(XML).to_bytes(4, "little") + XML
TREE = {
    "ver": "2",
    "tlm": {
        "src": {
            "desc": {
                "mach": {
                    "os": {"vermaj": "10", "lcid": "1033"},
                    "hw": {"sysmfg": "VMware, Inc."},
                    "ctrl": {"tm": "133523003711432180", "mid": "00000000-0000-0000-0000-000000000000"},
                }
            }
        }
    },
    "requests": [
        {
            "key": "1",
            "namespace": {
                "svc": "watson",
                "ptr": "generic",
                "gp": "generic",
                "app": "msedge.exe",
                "p1": "msedge.exe",
            },
            "ctrl": {"reportid": "00000000-0000-0000-0000-000000000001"},
            "cmd": {"event": {"eventtype": "crashpad_exp", "cat": "generic"}},
        }
    ],
}


def test_the_smallest_frame():
    assert watson(T8) == {"ver": "2"}


def test_a_whole_request():
    assert watson(FRAME) == TREE


def test_without_a_frame():
    assert watson(XML) == TREE


def test_two_requests_stay_a_list():
    two = XML.replace(b"<reqs>", b'<reqs><req key="0"/>')
    assert [request["key"] for request in watson(two)["requests"]] == ["0", "1"]


def test_a_cut_keeps_what_came_before():
    with pytest.raises(DecodeError) as caught:
        watson(FRAME[: FRAME.index(b"<reqs>")])
    assert caught.value.partial["tlm"]["src"] == TREE["tlm"]["src"]


def test_bytes_behind_the_frame_are_left():
    with pytest.raises(DecodeError, match="length") as caught:
        watson(FRAME + b"more")
    assert (caught.value.partial, caught.value.rest) == (TREE, b"more")


def test_entities_are_refused():
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><req>&b;</req>'
    with pytest.raises(DecodeError):
        watson(len(bomb).to_bytes(4, "little") + bomb)


@pytest.mark.parametrize("data", [b"", b"\x13\x00", b"\x13\x00\x00\x00{}", b"\x00" * 40])
def test_what_is_no_frame(data):
    with pytest.raises(DecodeError):
        watson(data)


@given(st.binary(max_size=100), st.integers(0, len(FRAME)))
def test_any_bytes_and_any_truncation(data, size):
    bounds.check(watson, data)
    bounds.check(watson, FRAME[:size] + data)
