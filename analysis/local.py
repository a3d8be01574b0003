"""What was seen on the device alone: nobody is known to have got it, so it has no recipient and no place."""

from portalscope.analysis.where import Where
from portalscope.capture.endpoints import Endpoint
from portalscope.capture.stored_event import HOST, UNPROVEN

__all__ = ["HOST", "NOT_ON_WIRE", "NOWHERE", "STORE", "UNPROVEN"]

NOT_ON_WIRE = "not on the wire"
NOWHERE = Where(status=NOT_ON_WIRE, basis=UNPROVEN)
STORE = Endpoint(
    pattern=HOST,
    service="store of diagnostic events on the device",
    product="Windows",
    purpose="telemetry",
    operator="",
    role="",
    because="",
    source="",
    company="nobody",
)
