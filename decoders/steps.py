"""Steps: the names that adapters use for wire formats, and running them one after the other."""

from collections.abc import Callable, Mapping, Sequence

from portalscope.decoders.message import DecodeError, Missing, Tree
from portalscope.decoders.wire.bond import bond
from portalscope.decoders.wire.common_schema import common_schema_bond, common_schema_tags
from portalscope.decoders.wire.form import form
from portalscope.decoders.wire.json_text import json_lines, json_text
from portalscope.decoders.wire.plain_text import plain_text
from portalscope.decoders.wire.tickets import tickets

type Step = Callable[..., Tree]

STEPS: Mapping[str, Step] = {
    "bond": bond,
    "common-schema-bond": common_schema_bond,
    "common-schema-tags": common_schema_tags,
    "form": form,
    "json": json_text,
    "json-lines": json_lines,
    "text": plain_text,
    "tickets": tickets,
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
