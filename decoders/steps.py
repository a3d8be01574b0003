"""Steps: the names that adapters use for wire formats, and running them one after the other."""

from collections.abc import Callable, Mapping, Sequence

from portalscope.decoders.message import DecodeError, Missing, Tree
from portalscope.decoders.wire.aria import aria
from portalscope.decoders.wire.authorization import authorization
from portalscope.decoders.wire.base64_text import base64_text
from portalscope.decoders.wire.bond import bond
from portalscope.decoders.wire.cbor import cbor
from portalscope.decoders.wire.certificates import der
from portalscope.decoders.wire.common_schema import common_schema_bond, common_schema_tags
from portalscope.decoders.wire.correlation_vector import correlation_vector
from portalscope.decoders.wire.device_attributes import device_attributes
from portalscope.decoders.wire.form import form
from portalscope.decoders.wire.grpc import grpc
from portalscope.decoders.wire.html_page import html_page
from portalscope.decoders.wire.ime import ime_payload
from portalscope.decoders.wire.json_text import json_lines, json_text
from portalscope.decoders.wire.jwt import jwt
from portalscope.decoders.wire.media import media, script, style
from portalscope.decoders.wire.messagepack import messagepack
from portalscope.decoders.wire.msal import anchor_mailbox, clitelem, msal_telemetry
from portalscope.decoders.wire.multipart import multipart
from portalscope.decoders.wire.plain_text import plain_text
from portalscope.decoders.wire.plist import plist
from portalscope.decoders.wire.privacy_flags import event_flags, event_level, privacy_tags
from portalscope.decoders.wire.protobuf import protobuf
from portalscope.decoders.wire.provisioning import wap_provisioning
from portalscope.decoders.wire.safe_json import safe_json
from portalscope.decoders.wire.soap import soap
from portalscope.decoders.wire.syncml import syncml
from portalscope.decoders.wire.tickets import tickets
from portalscope.decoders.wire.watson import watson
from portalscope.decoders.wire.wbxml import wbxml
from portalscope.decoders.wire.xml_text import xml_text

type Step = Callable[..., Tree]

STEPS: Mapping[str, Step] = {
    "anchor-mailbox": anchor_mailbox,
    "aria": aria,
    "authorization": authorization,
    "base64": base64_text,
    "bond": bond,
    "cbor": cbor,
    "clitelem": clitelem,
    "common-schema-bond": common_schema_bond,
    "common-schema-tags": common_schema_tags,
    "correlation-vector": correlation_vector,
    "der": der,
    "device-attributes": device_attributes,
    "event-flags": event_flags,
    "event-level": event_level,
    "form": form,
    "grpc": grpc,
    "html": html_page,
    "ime-payload": ime_payload,
    "json": json_text,
    "json-lines": json_lines,
    "jwt": jwt,
    "media": media,
    "messagepack": messagepack,
    "msal-telemetry": msal_telemetry,
    "multipart": multipart,
    "plist": plist,
    "privacy-tags": privacy_tags,
    "protobuf": protobuf,
    "safe-json": safe_json,
    "script": script,
    "soap": soap,
    "style": style,
    "syncml": syncml,
    "text": plain_text,
    "tickets": tickets,
    "wap-provisioning": wap_provisioning,
    "watson": watson,
    "wbxml": wbxml,
    "xml": xml_text,
}


def run(names: Sequence[str], data: bytes) -> tuple[Tree, list[DecodeError]]:
    """Run the steps; one that breaks off half-way hands on what it has.

    Returns the tree and what could not be read on the way. Raises `DecodeError` when a step has nothing to hand on.
    """
    tree: Tree = data
    faults: list[DecodeError] = []
    for name in names:
        try:
            tree = STEPS[name](tree)
        except DecodeError as error:
            if isinstance(error.partial, Missing):
                raise
            faults.append(error)
            tree = error.partial
    return tree, faults
