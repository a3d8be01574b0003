"""The target of a request for tables and reports: its path, with a name for every segment that is not technical."""

import re
from collections.abc import Sequence

from portalscope.decoders.finding import Finding
from portalscope.decoders.message import Message

CONSTANT = "N1"  # of the technical classes the one that tells nothing about device or organisation
NAME = re.compile(r"\{(\w+)\}")


def target(message: Message, findings: Sequence[Sequence[Finding]]) -> str:
    """Return `/devices/{deviceId}`: technical constants as sent, every other segment as `{property}`.

    A path that an adapter's template caught has one leaf `literal` and one for each name in it; without one its
    segments are leaves `1`, `2`, …
    """
    if not message.events:
        return ""
    pairs = zip(message.events[0].fields, findings[0], strict=True)
    found = {leaf.path: (str(leaf.value), judged) for leaf, judged in pairs if leaf.part == "path" and not leaf.depth}
    literal, _ = found.pop("literal", ("", None))
    shown = {
        name: value if judged.code == CONSTANT else f"{{{judged.property}}}" for name, (value, judged) in found.items()
    }
    if literal:
        return NAME.sub(lambda name: shown.get(name[1], "{unknown}"), literal)
    return "".join(f"/{shown[name]}" for name in sorted(shown, key=int)) or "/"
