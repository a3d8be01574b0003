"""LocURIs of OMA-DM: the node without what is particular to one device, and what was taken out of the path.

`./Vendor/MSFT/DeviceStatus/NetworkIdentifiers/00-11-22-33-44-55/Type` is the node
`Vendor/MSFT/DeviceStatus/NetworkIdentifiers/*/Type` and `{"mac": "00-11-22-33-44-55"}`.
Sources: OMA-TS-DM_Protocol 1.2; windows-itpro-docs windows/client-management/mdm (which children have free names).
"""

import re
from urllib.parse import unquote

# the node whose children are named at run time -> what their name is
PARENTS: dict[str, str] = {
    "DMClient/Provider": "provider",
    "NodeCache": "provider",
    "DeviceStatus/NetworkIdentifiers": "mac",
    "DeviceStatus/CellularIdentities": "imei",
    "Accounts/Users": "userName",
    "WiFi/Profile": "ssid",
    "VPNv2": "profile",
    "GCM": "sender",
    "eUICCs": "eid",
    "EtwLog/Collectors": "name",
    "EtwLog/Channels": "name",
    "/Providers": "name",
    "FileDownload/DMChannel": "name",
    "/DataBlocks": "block",
    "EnterpriseDesktopAppManagement/MSI": "product",
    "/UpgradeCode": "product",
    "EnterpriseModernAppManagement/AppInstallation": "package",
    "AppLicenses/StoreLicenses": "license",
    "/ReleaseManagement": "package",
    "Win32AppInventory/Win32InstalledProgram": "program",
    "Defender/Detections": "threat",
    "MdmStore/FirewallRules": "name",
}
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("guid", re.compile(r"\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)),
    ("mac", re.compile(r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}", re.IGNORECASE)),
    ("sid", re.compile(r"S-1(?:-\d{1,15}){2,15}")),
    ("imei", re.compile(r"\d{14,16}")),
    ("number", re.compile(r"\d{7,}")),
    ("hex", re.compile(r"[0-9a-f]{16,}", re.IGNORECASE)),
    ("package", re.compile(r".+_+[0-9a-hjkmnp-tv-z]{13}(?:!.*)?")),
    ("instance", re.compile(r".+=.+")),
    ("user", re.compile(r"[^@\s]+@[^@\s]+")),
)
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.*", re.DOTALL)


def node(locuri: str) -> tuple[str, list[tuple[str, str]]]:
    """The node's path without the leading `./`, stars for what is particular, and (kind, what) for each star."""
    if _IDENTIFIER.fullmatch(locuri):
        return "*", [("uri", locuri)]
    path, found = "", []
    for segment in locuri.removeprefix("./").split("/"):
        kind = kind_of(path, segment)
        if kind:
            found.append((kind, unquote(segment)))
        path += "/*" if kind else f"/{segment}"
    return path[1:] or ".", found


def kind_of(path: str, segment: str) -> str:
    """What a segment below this path names; empty when it is part of the schema."""
    if path == "/User":
        return "" if segment in ("Vendor", "") else "user"
    plain = unquote(segment)
    parent = next((kind for name, kind in PARENTS.items() if path.endswith(name)), "")
    return parent or next((kind for kind, shape in _SHAPES if shape.fullmatch(plain)), "")
