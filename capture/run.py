"""Run: what was tested, on which device, with which settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One recording of one scenario with one setting of everything; the words of `run.toml`.

    `settings` maps a switch to its position (`usage_data = "on"`, `windows_level = "required"`). `planted` maps a name
    to the values that the researcher put into the device; they are personal data, live in their own file
    (`planted.toml`, 0600) and never enter a dataset or report. `files` maps each raw file to its SHA-256. `source_kind`
    is `wire` (seen on the network) or `local_transcript` (seen on the device, upload not proven).
    """

    id: str
    label: str = ""
    started: datetime | None = None
    device: str = ""
    platform: str = ""
    os_build: str = ""
    app: str = ""
    app_version: str = ""
    account: str = ""
    tenant: str = ""
    scenario: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    planted: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    source_kind: str = "wire"
