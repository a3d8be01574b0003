"""The target of a request for tables and reports: its path, with a name for every segment that is not technical."""

import re
from collections.abc import Sequence

from portalscope.decoders.finding import Finding
from portalscope.decoders.message import Message

TECHNICAL = "technical"
NAME = re.compile(r"\{(\w+)\}")


def target(message: Message, findings: Sequence[Sequence[Finding]]) -> str:
    """Return `/devices/{deviceId}`: technical segments as sent, the others as `{property}`.

    A path that an adapter's template caught has one leaf `literal` and one for each name in it; without one its segments
    are leaves `1`, `2`, …
    """
    if not message.events:
        return ""
    pairs = zip(message.events[0].fields, findings[0], strict=True)
    segments = {leaf.path: (str(leaf.value), judged) for leaf, judged in pairs if leaf.part == "path" and not leaf.depth}
    shown = {name: value if judged.category == TECHNICAL else f"{{{judged.property}}}" for name, (value, judged) in segments.items()}
    if "literal" in segments:
        return NAME.sub(lambda found: shown.get(found[1], "{unknown}"), segments["literal"][0])
    return "".join(f"/{shown[name]}" for name in sorted(segments, key=int)) or "/"
