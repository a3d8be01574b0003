"""One exchange, the whole walk: bytes, encodings, adapter, steps, events, leaves with their grounds, problems."""

from collections.abc import Mapping, Sequence
from typing import Any

from portalscope.analysis.where import Where
from portalscope.capture.endpoints import Endpoint
from portalscope.capture.exchange import Exchange
from portalscope.decoders.adapters import Adapter
from portalscope.decoders.finding import Finding
from portalscope.decoders.message import Event, Field, Message, Scalar

SHOWN = 120


def explanation(
    exchange: Exchange,
    message: Message,
    findings: Sequence[Sequence[Finding]],
    *,
    adapter: Adapter,
    endpoint: Endpoint | None,
    where: Where,
    sources: Mapping[str, Mapping[str, str]],
    values: bool = False,
) -> dict[str, Any]:
    """Return the walk as plain JSON. Values stand in it only with `values`, secrets never."""
    used = {ground.source for judged in findings for finding in judged for ground in finding.evidence if ground.source}
    return {
        "exchange": {
            "id": exchange.id,
            "at": exchange.at.isoformat(),
            "method": exchange.method,
            "host": exchange.host,
            "port": exchange.port,
            "http": exchange.http,
            "status": exchange.status,
            "error": bool(exchange.error),
            "server_ip": exchange.server_ip,
        },
        "endpoint": {
            "service": endpoint.service if endpoint else "not in the endpoint table",
            "operator": endpoint.company if endpoint else "",
            "purpose": endpoint.purpose if endpoint else "",
            "country": where.country,
            "status": where.status,
            "basis": where.basis,
        },
        "adapter": {"id": adapter.id, "title": adapter.title, "because": adapter.because, "source": adapter.source},
        "parts": parts(message),
        "events": [event_of(event, judged, values) for event, judged in zip(message.events, findings, strict=True)],
        "problems": [
            {"part": p.part, "step": p.step, "why": p.why, "bytes": p.size, "entropy": round(p.entropy, 2)}
            for p in message.problems
        ],
        "sources": {key: dict(sources[key]) for key in sorted(used) if key in sources},
    }


def parts(message: Message) -> list[dict[str, Any]]:
    """Bytes of each body: on the wire, unpacked, decoded, unread; and the steps that opened it."""
    return [
        {
            "part": part,
            "wire": account.wire,
            "size": account.size,
            "decoded": account.decoded,
            "unread": account.unread,
            "steps": [{"step": o.step, "bytes": o.size_in, "result": o.result} for o in message.walk if o.part == part],
        }
        for part, account in message.accounts.items()
    ]


def event_of(event: Event, judged: Sequence[Finding], values: bool) -> dict[str, Any]:
    """One event with its leaves."""
    return {
        "index": event.index,
        "kind": event.kind,
        "name": event.name,
        "time": event.time.isoformat() if event.time else None,
        "schema": event.schema,
        "level": event.level,
        "leaves": [leaf_of(field, finding, values) for field, finding in zip(event.fields, judged, strict=True)],
    }


def leaf_of(field: Field, finding: Finding, values: bool) -> dict[str, Any]:
    """One leaf: where it stood, what it is, and why."""
    return {
        "part": field.part,
        "path": field.path,
        "value": shown(field.value, finding, values),
        "property": finding.property,
        "class": finding.code,
        "category": finding.category,
        "candidate": finding.candidate,
        "tags": [f"{tag.scheme} {tag.code}" for tag in field.tags],
        "evidence": [
            {
                "level": ground.level,
                "because": ground.because,
                "property": ground.property,
                "class": ground.code,
                "source": ground.source,
                "detail": ground.detail,
            }
            for ground in finding.evidence
        ],
    }


def shown(value: Scalar, finding: Finding, values: bool) -> str:
    """A value when it was asked for and is no secret, else its kind and size."""
    if finding.code == "S1" or not values:
        kind = "empty" if value in ("", b"", None) else type(value).__name__
        size = f", {len(value)}" if isinstance(value, str | bytes) and value else ""
        return f"({kind}{size})"
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)})"
