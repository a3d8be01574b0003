"""LocURIs: which segments are taken out, and as what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.wire.locuri import node


@pytest.mark.parametrize(
    ("locuri", "path", "particular"),
    [
        ("./DevInfo/DevId", "DevInfo/DevId", []),
        ("./Device/Vendor/MSFT/BitLocker/Status/X", "Device/Vendor/MSFT/BitLocker/Status/X", []),
        (
            "./Vendor/MSFT/DeviceStatus/NetworkIdentifiers/00-11-22-33-44-55/IPAddressV4",
            "Vendor/MSFT/DeviceStatus/NetworkIdentifiers/*/IPAddressV4",
            [("mac", "00-11-22-33-44-55")],
        ),
        (
            "./Vendor/MSFT/DeviceStatus/CellularIdentities/490154203237518/PhoneNumber",
            "Vendor/MSFT/DeviceStatus/CellularIdentities/*/PhoneNumber",
            [("imei", "490154203237518")],
        ),
        (
            "./Vendor/MSFT/DMClient/Provider/MS%20DM%20Server/UPN",
            "Vendor/MSFT/DMClient/Provider/*/UPN",
            [("provider", "MS DM Server")],
        ),
        (
            "./User/user%40contoso.example/Vendor/MSFT/WiFi/Profile/Home%20of%20Kim/WlanXml",
            "User/*/Vendor/MSFT/WiFi/Profile/*/WlanXml",
            [("user", "user@contoso.example"), ("ssid", "Home of Kim")],
        ),
        ("./User/Vendor/MSFT/Policy/Config/X/Y", "User/Vendor/MSFT/Policy/Config/X/Y", []),
        (
            "./Vendor/MSFT/AppManagement/AppStore/Microsoft.Todos_8wekyb3d8bbwe/Microsoft.Todos_2.1_x64__8wekyb3d8bbwe/Version",
            "Vendor/MSFT/AppManagement/AppStore/*/*/Version",
            [("package", "Microsoft.Todos_8wekyb3d8bbwe"), ("package", "Microsoft.Todos_2.1_x64__8wekyb3d8bbwe")],
        ),
        (
            "./Vendor/MSFT/ActiveSync/{00000000-0000-4000-8000-000000000001}/Domain",
            "Vendor/MSFT/ActiveSync/*/Domain",
            [("guid", "{00000000-0000-4000-8000-000000000001}")],
        ),
        ("./Vendor/MSFT/Accounts/S-1-12-1-1-2-3-4/X", "Vendor/MSFT/Accounts/*/X", [("sid", "S-1-12-1-1-2-3-4")]),
        ("imei:490154203237518", "*", [("uri", "imei:490154203237518")]),
        ("", ".", []),
        (".", ".", []),
    ],
)
def test_nodes(locuri, path, particular):
    assert node(locuri) == (path, particular)


@given(st.text(max_size=80))
def test_each_star_has_what_it_stands_for(locuri):
    path, particular = node(locuri)
    assert path.split("/").count("*") - locuri.removeprefix("./").split("/").count("*") <= len(particular)
    assert path
