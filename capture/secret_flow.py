"""A flow of mitmproxy without its secrets: its state, as it is written to a file. The flow itself is never changed."""

from collections.abc import Mapping
from typing import Any

from portalscope.capture.secret_text import Found
from portalscope.capture.secrets import Fields, Message, Replaced, Secrets

MARK = "portalscope-cleaned"  # in a flow's metadata
DEEPEST = 8  # levels of another addon's metadata

type State = dict[str, Any]


def clean_state(secrets: Secrets, state: State) -> tuple[State, Replaced]:
    """Return the state of a flow without secrets, marked if anything was replaced, and what that was.

    `state` is what `Flow.get_state()` gives. What a person changed at the proxy keeps its first version in `backup`.
    """
    parts = [name for name in ("request", "response") if state.get(name) and "headers" in state[name]]
    socket = (state.get("websocket") or {}).get("messages", ())
    packets = state.get("messages", ())  # of TCP and UDP
    said = [Message(body=content(one)) for one in (*socket, *packets)]
    messages, replaced = secrets.clean([*(message(state[name]) for name in parts), *said])
    made = {**state, **{name: put(state[name], one) for name, one in zip(parts, messages, strict=False)}}
    rest = messages[len(parts) :]
    if socket:
        pairs = zip(socket, rest, strict=True)
        made["websocket"] = {**state["websocket"], "messages": [with_content(one, new.body) for one, new in pairs]}
    elif packets:
        made["messages"] = [with_content(one, new.body) for one, new in zip(packets, rest, strict=True)]
    made |= around(secrets, state, replaced)
    if replaced:
        made["metadata"] = {**made.get("metadata", {}), MARK: replaced.metadata()}
    return made, replaced


def message(state: Mapping[str, Any]) -> Message:
    """A request or response; the body is None where the proxy did not keep it."""
    trailers: Fields = tuple(map(tuple, state.get("trailers") or ()))
    return Message(
        target=state.get("path", b""),
        headers=tuple(map(tuple, state["headers"])),
        trailers=trailers,
        body=state["content"],
    )


def put(state: State, clean: Message) -> State:
    """The state of a request or response with what is left of it."""
    made = {**state, "headers": clean.headers, "content": clean.body}
    made |= {"trailers": clean.trailers} if state.get("trailers") else {}
    return {**made, "path": clean.target} if "path" in state else made


def content(packet: Any) -> bytes:  # noqa: ANN401 - a tuple of mitmproxy's, of another length for each type of flow
    """The bytes of a message of a WebSocket, or of a TCP or UDP flow."""
    return next((bytes(item) for item in packet if isinstance(item, bytes | bytearray)), b"")


def with_content(packet: Any, new: bytes | None) -> Any:  # noqa: ANN401 - the same
    """The same message with other bytes."""
    return type(packet)(new if isinstance(item, bytes | bytearray) else item for item in packet)


def around(secrets: Secrets, state: State, replaced: Replaced) -> State:
    """What else a flow holds: an error, a comment, metadata of other addons, its state before it was changed."""
    found = Found()
    made: State = {"metadata": walked(secrets, state.get("metadata", {}), found)}
    if state.get("comment"):
        made["comment"] = walked(secrets, state["comment"], found)
    if state.get("error"):
        made["error"] = {**state["error"], "msg": walked(secrets, state["error"].get("msg"), found)}
    if state.get("backup"):
        made["backup"], before = clean_state(secrets, state["backup"])
        replaced.counts.update({("backup", type_): count for (_, type_), count in before.counts.items()})
    replaced.counts.update({("metadata", type_): count for type_, count in found.types.items()})
    return made


def walked(secrets: Secrets, value: Any, found: Found, depth: int = 0) -> Any:  # noqa: ANN401 - what tnetstrings hold
    """Metadata without secrets; what the proxy's own log-in left there (`proxyauth`) is one."""
    if isinstance(value, str):
        return secrets.text.clean(value.encode("utf-8", "surrogateescape"), found).decode("utf-8", "surrogateescape")
    if isinstance(value, bytes):
        return secrets.text.clean(value, found)
    if depth > DEEPEST:
        return value
    if isinstance(value, dict):
        inner = {key: one for key, one in value.items() if key != "proxyauth"}
        return {key: walked(secrets, one, found, depth + 1) for key, one in inner.items()}
    if isinstance(value, list | tuple):
        return type(value)(walked(secrets, one, found, depth + 1) for one in value)
    return value
