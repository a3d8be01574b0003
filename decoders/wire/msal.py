"""Short texts in the headers of Microsoft's sign-in libraries.

Sources: github.com/AzureAD microsoft-authentication-library-common-for-android, SchemaConstants.java, CliTelemInfo.java
(schema 2), microsoft-authentication-library-for-python telemetry.py (4), …-for-dotnet TelemetryConstants.cs (5).
"""

import re

from portalscope.decoders.message import DecodeError, Tree

_TELEMETRY = re.compile(r"\d{1,3}\|[^|]*(?:\|[^|]*){1,8}")
_CLITELEM = ("version", "error", "suberror", "refreshTokenAge", "ring")
_MAILBOX = re.compile(r"(oid|upn|puid|sid|cid|smtp|aad-smtp|aad-upn):(.+)", re.IGNORECASE | re.DOTALL)


def msal_telemetry(data: bytes) -> Tree:
    """`x-client-current-telemetry` and `x-client-last-telemetry`, told apart by what stands between the bars.

    current: {"schema", "apiId", "cacheRefresh", "more": […], "platform": […]}; last: {"schema", "silentSuccesses",
    "failed": [{"apiId", "correlationId"}], "errors": […], "platform": […]}.
    """
    text = data.decode("utf-8", "replace")
    if not _TELEMETRY.fullmatch(text):
        raise DecodeError("MSAL telemetry: not numbers between bars", data)
    schema, first, *groups = text.split("|")
    if len(groups) < 2:
        api, *more = first.split(",")
        found: dict[str, Tree] = {"schema": schema, "apiId": api}
        found |= {"cacheRefresh": more[0]} if more else {}
        found |= {"more": [*more[1:]]} if more[1:] else {}
        return {**found, "platform": listed(groups[0])}
    failed, errors, *rest = groups
    return {
        "schema": schema,
        "silentSuccesses": first,
        "failed": pairs(failed),
        "errors": listed(errors),
        "platform": [item for group in rest for item in listed(group)],
    }


def listed(group: str) -> list[Tree]:
    """Values between commas; none when there is nothing."""
    return [*group.split(",")] if group else []


def pairs(group: str) -> list[Tree]:
    """Failed requests: the number of the call and its correlation id, in turn."""
    values = group.split(",") if group else []
    return [dict(zip(("apiId", "correlationId"), values[i : i + 2], strict=False)) for i in range(0, len(values), 2)]


def clitelem(data: bytes) -> Tree:
    """`x-ms-clitelem`: version, error, suberror, age of the refresh token in ms, ring."""
    values = data.decode("utf-8", "replace").split(",")
    if len(values) != len(_CLITELEM):
        raise DecodeError("x-ms-clitelem: not five values", data)
    return dict(zip(_CLITELEM, values, strict=True))


def anchor_mailbox(data: bytes) -> Tree:
    """`X-AnchorMailbox`: whose mailbox a request is about, `Oid:<oid>@<tenant>` or `UPN:<user name>`."""
    found = _MAILBOX.fullmatch(data.decode("utf-8", "replace").strip())
    if found is None:
        raise DecodeError("X-AnchorMailbox: no kind in front", data)
    kind, value = found[1].lower(), found[2]
    name, at, tenant = value.rpartition("@")
    return {kind: name, "tenant": tenant} if kind in ("oid", "puid", "sid", "cid") and at else {kind: value}
