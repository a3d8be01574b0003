"""The Tickets header: `"10001"="p:…";"10003"="x:…"` (C++ SDK, CLL) or a JSON object (App Center).

Source: microsoft/cpp_client_telemetry lib/http/HttpRequestEncoder.cpp, lib/include/public/IAuthTokensController.hpp.
"""

import re

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.json_text import json_text

_TICKET = re.compile(r'"([^"]*)"="([^"]*)"')
KINDS = ("MSA device", "MSA user", "Xbox device", "Xbox user", "AAD", "AAD user", "AAD JWT", "AAD device")


def tickets(data: bytes) -> Tree:
    """A list of {key, kind, prefix, ticket}; the key is the text `1000` and the number of the ticket's kind."""
    if data.lstrip().startswith(b"{"):
        tree = json_text(data)
        found = [(str(k), str(v)) for k, v in tree.items()] if isinstance(tree, dict) else []
    else:
        found = _TICKET.findall(data.decode("utf-8", "replace"))
    if not found:
        raise DecodeError("no tickets", data)
    return [ticket(key, value) for key, value in found]


def ticket(key: str, value: str) -> Tree:
    """One ticket: its prefix says which kind it is (p: MSA compact, d: delegated, at: AAD, x: Xbox)."""
    prefix, colon, rest = value.partition(":")
    number = key[4:] if key.startswith("1000") else ""
    kind = KINDS[int(number)] if number.isdigit() and int(number) < len(KINDS) else ""
    tree: dict[str, Tree] = {"key": key, "prefix": prefix if colon else "", "ticket": rest if colon else value}
    return {**tree, "kind": kind} if kind else tree
