"""The dataset's tables: every column with its type and its meaning, and the page that documents them."""

from collections.abc import Iterable

import pyarrow as pa

from portalscope import __version__

VERSION = "1"
TEXT = pa.string()
WORD = pa.dictionary(pa.int32(), pa.string())  # few different texts: a category in pandas, an enum elsewhere
TIME = pa.timestamp("us", tz="UTC")
INT = pa.int32()
SIZE = pa.int64()
FLAG = pa.bool_()
REAL = pa.float64()


def must(name: str, kind: pa.DataType, description: str) -> pa.Field:
    """Return a column that always holds a value."""
    return pa.field(name, kind, nullable=False, metadata={b"description": description.encode()})


def may(name: str, kind: pa.DataType, description: str) -> pa.Field:
    """Return a column that is null where nothing is known."""
    return pa.field(name, kind, nullable=True, metadata={b"description": description.encode()})


def table(title: str, columns: Iterable[pa.Field]) -> pa.Schema:
    """Return a table's schema with its title."""
    return pa.schema(list(columns), metadata={b"title": title.encode()})


RUNS = table(
    "One row a run: what was tested, on which device, with which settings.",
    [
        must("label", TEXT, "Title of the run."),
        may("started", TIME, "Start of the recording."),
        must("device", TEXT, "Device, in the researcher's words."),
        must("platform", TEXT, "Android, iOS, Windows and so on."),
        must("os_build", TEXT, "Operating system and build."),
        must("app", TEXT, "App under test."),
        must("app_version", TEXT, "Version of the app."),
        must("account", TEXT, "Kind of account, in the researcher's words; addresses are masked."),
        must("tenant", TEXT, "Kind of tenant, in the researcher's words; addresses are masked."),
        must("scenario", TEXT, "What the researcher did."),
        must("source_kind", WORD, "`wire` (seen on the network) or `local_transcript` (upload not proven)."),
        must("settings", TEXT, "JSON object: switch -> position."),
        must("tools", TEXT, "JSON object: tool -> version."),
        must("files", TEXT, "JSON object: raw file -> SHA-256."),
        must("planted", TEXT, "JSON list: the names of the planted values, never the values."),
    ],
)
EXCHANGES = table(
    "One row an HTTP request with its answer, if there was one.",
    [
        must("exchange", TEXT, "Raw file and position in it: `flows.mitm#12`."),
        must("at", TIME, "Time of the request."),
        must("method", WORD, "HTTP method; `TRANSCRIPT` for an event that was seen on the device alone."),
        must("scheme", WORD, "`http`, `https`, or `local` for what was seen on the device alone."),
        must("host", WORD, "The name that the client asked for, as it was sent."),
        must("port", INT, "TCP or UDP port of the server."),
        must("target", WORD, "Path; every segment that is not technical is replaced by `{property}`. Never a query."),
        must("adapter", WORD, "The adapter that understood the message; empty when none fitted."),
        may("status", INT, "HTTP status; null when there was no answer."),
        must("delivered", FLAG, "False: the request was attempted and never answered, or seen on the device alone."),
        must("request_bytes", SIZE, "Bytes of the request's body as sent, still compressed."),
        must("response_bytes", SIZE, "Bytes of the answer's body as sent, still compressed."),
        must("body_size", SIZE, "Bytes of the request's body, unpacked = body_decoded + body_unread."),
        must("body_decoded", SIZE, "Bytes of the request's body that were decoded."),
        must("body_unread", SIZE, "Bytes of the request's body that nobody understood; see problems."),
        must("response_size", SIZE, "Bytes of the answer's body, unpacked = response_decoded + response_unread."),
        must("response_decoded", SIZE, "Bytes of the answer's body that were decoded."),
        must("response_unread", SIZE, "Bytes of the answer's body that nobody understood; see problems."),
        may("server_ip", WORD, "Address that answered; null when the source does not say."),
        must("endpoint", WORD, "Key of the endpoints table."),
        may("http", WORD, "Version of HTTP."),
        may("tls", WORD, "Version of TLS."),
        may("error", TEXT, "Why there was no answer."),
    ],
)
CONNECTIONS = table(
    "One row an attempt to reach a server; what stayed closed is evidence too.",
    [
        must("connection", TEXT, "Source and position in it."),
        must("at", TIME, "Time of the attempt."),
        must("transport", WORD, "`tcp`, `tls`, `quic` or `dns`."),
        must("host", WORD, "Name of the server, or its address when there is no name."),
        must("port", INT, "Port of the server."),
        may("ip", WORD, "Address of the server."),
        may("sni", WORD, "Server name that the client sent in TLS."),
        may("alpn", WORD, "Protocol agreed on in TLS."),
        may("sent", SIZE, "Bytes of payload from the device."),
        may("received", SIZE, "Bytes of payload to the device."),
        may("opaque_because", WORD, "Why it could not be read; null when it was."),
        must("cnames", TEXT, "JSON list: the names that DNS gave for the host, in order."),
        must("exchanges", INT, "Number of exchanges that came out of it."),
        must("endpoint", WORD, "Key of the endpoints table."),
        must("source", WORD, "Where this is known from."),
    ],
)
EVENTS = table(
    "One row a telemetry record, and one each for the request and the response around it.",
    [
        must("exchange", WORD, "Key of the exchanges table."),
        must("event", INT, "Position in the exchange, from 0."),
        must("kind", WORD, "`request`, `record` or `response`."),
        must("name", WORD, "The sender's name of the event, or the adapter's."),
        may("time", TIME, "The sender's own time."),
        must("time_raw", TEXT, "The sender's own time as it was written."),
        must("schema", WORD, "Schema version that the record states."),
        may("level", INT, "Level that the sender states: 1 required, 2 optional, 110 and 120 required service data."),
        must("leaves", INT, "Number of observations."),
    ],
)
FIELDS = table(
    "One row a distinct field with one judgement: what it is, and why.",
    [
        must("field", TEXT, "Hash of all columns of this row: equal in two runs when field and judgement are equal."),
        must("adapter", WORD, "The adapter."),
        must("event_name", WORD, "Name of the event it is in."),
        must("kind", WORD, "Kind of the event it is in."),
        must("part", WORD, "`path`, `query`, `header`, `cookie`, `body`, `response-header` and so on."),
        must("shape", TEXT, "Path without list positions; what looks personal in it is masked (`{email}`)."),
        must("property", WORD, "What it is: `deviceId`, `userPrincipalName`, …; `unknown` when nothing says so."),
        must("class", WORD, "Class code, D1 … U1."),
        must("category", WORD, "`personal`, `pseudonymous`, `behaviour`, `technical`, `secret` or `unknown`."),
        must("because", WORD, "The strongest ground."),
        must("evidence_level", WORD, "Its level, E1 (strongest) … H1; empty when there is no ground."),
        must("source", WORD, "Its citation, a key of `sources.toml`."),
        must("detail", TEXT, "Which rule, tag or planted name, and in which encoding."),
        must("candidate", FLAG, "True: nothing but heuristics speaks for it."),
        must("tags", WORD, "What the sender itself says of the value: `pii:4 customer-content:1`."),
        must("grounds", TEXT, "JSON list of all grounds: level, because, property, code, source, detail."),
    ],
)
OBSERVATIONS = table(
    "One row a leaf: a field, seen once.",
    [
        must("exchange", WORD, "Key of the exchanges table."),
        must("event", INT, "Key of the events table, with the exchange."),
        must("field", WORD, "Key of the fields table."),
        must("path", WORD, "Where the leaf is, with list positions; masked like the shape."),
        must("depth", pa.int8(), "Values inside values: 0 is as sent, 1 is inside a leaf, and so on."),
        must("value_kind", WORD, "`string`, `int`, `float`, `bool`, `bytes`, `null` or `empty`."),
        must("value_size", SIZE, "Bytes of the value as text (UTF-8), or of the bytes themselves."),
        may("value_hash", TEXT, "Keyed HMAC-SHA256 of the value, 16 hex digits; null for sentinels, null and empty."),
        must("opened", FLAG, "True: what is inside follows as leaves of their own, this one is only their wrapper."),
    ],
)
ENDPOINTS = table(
    "One row a host and address: whose it is and where it is, with the grounds.",
    [
        must("endpoint", TEXT, "`host` or `host@address`."),
        must("host", WORD, "Name that the client asked for."),
        may("server_ip", WORD, "Address that answered."),
        must("pattern", WORD, "The pattern of our table that fitted; empty when none did."),
        must("service", WORD, "Service."),
        must("product", WORD, "Product that the service belongs to."),
        must("purpose", WORD, "Purpose."),
        must("operator", WORD, "Who operates it."),
        must("role", WORD, "Role under data protection law, as stated by the source."),
        must("company", WORD, "Company behind it; `unknown company` when no table names it."),
        must("group", WORD, "Group of companies that it belongs to; empty when unknown."),
        must("seat", WORD, "Country of the company's seat, ISO 3166 code; empty when unknown."),
        must("country", WORD, "Country of the server, ISO 3166 code; empty when no ground names a single one."),
        must(
            "location",
            WORD,
            "Verdict: `US proven`, `EU likely`, `other likely`, `undetermined (anycast)`, `unknown`, "
            "`not on the wire`.",
        ),
        must("basis", TEXT, "The grounds that decided, in words."),
        must("as_of", WORD, "Date of the table that decided."),
        must("disagreement", FLAG, "True: the grounds do not agree."),
        must("rungs", TEXT, "JSON list of all grounds for the location, agreeing or not."),
        must("because", WORD, "Where our knowledge of the operator comes from."),
        must("source", WORD, "Citation for it."),
        must("requests", SIZE, "Requests to it, delivered or not."),
        must("request_bytes", SIZE, "Bytes of their bodies as sent."),
        must("connections", SIZE, "Connections to it."),
        must("closed", SIZE, "Connections that could not be read."),
    ],
)
PROBLEMS = table(
    "One row for bytes that were sent and not understood.",
    [
        must("exchange", TEXT, "Key of the exchanges table, or the file's name when the file is at fault."),
        must("part", WORD, "Part of the exchange, or `file`."),
        must("step", WORD, "The decoding step that failed."),
        must("why", TEXT, "Its reason."),
        must("size", SIZE, "Bytes that were not understood."),
        must("entropy", REAL, "Shannon entropy in bits per byte; above 7.5 it looks encrypted."),
        must("sha256", TEXT, "SHA-256 of those bytes; empty when there are none."),
    ],
)
STEPS = table(
    "One row a mark in the scenario.",
    [must("at", TIME, "Time."), must("name", TEXT, "What the researcher did: `signed in`.")],
)
VALUES = table(
    "One row a distinct value in clear. Restricted: kept beside the dataset, never in it; secrets are left out.",
    [
        must("value_hash", TEXT, "As in the observations table."),
        must("value", TEXT, "The value as text; bytes that are no text as hexadecimal digits."),
    ],
)
TABLES: dict[str, pa.Schema] = {
    "runs": RUNS,
    "exchanges": EXCHANGES,
    "connections": CONNECTIONS,
    "events": EVENTS,
    "fields": FIELDS,
    "observations": OBSERVATIONS,
    "endpoints": ENDPOINTS,
    "problems": PROBLEMS,
    "steps": STEPS,
}


def stamped(schema: pa.Schema, knowledge: str, key: str) -> pa.Schema:
    """Return the schema as it is written into a file: with our versions and the names of knowledge and key."""
    stamp = {
        b"schema_version": VERSION.encode(),
        b"portalscope": __version__.encode(),
        b"knowledge": knowledge.encode(),
        b"value_key": key.encode(),
    }
    return schema.with_metadata({**(schema.metadata or {}), **stamp})


def page() -> str:
    """Return the Markdown page that documents every table and every column."""
    parts = [HEAD.format(version=VERSION), *(section(name, schema) for name, schema in TABLES.items())]
    return "\n".join([*parts, section("values", VALUES)])


def section(name: str, schema: pa.Schema) -> str:
    """Return the Markdown section of one table."""
    rows = "\n".join(
        f"| `{column.name}` | {words(column.type)} | {'yes' if column.nullable else ''} | "
        f"{column.metadata[b'description'].decode()} |"
        for column in schema
    )
    title = schema.metadata[b"title"].decode()
    return f"## {name}\n\n{title}\n\n| column | type | may be null | meaning |\n| --- | --- | --- | --- |\n{rows}\n"


def words(kind: pa.DataType) -> str:
    """Return a type's name for people."""
    if pa.types.is_dictionary(kind):
        return "text (category)"
    return {TEXT: "text", TIME: "time (µs, UTC)"}.get(kind, str(kind))


HEAD = """# The dataset

Schema version {version}. A folder of Parquet files, one partition a run: `<table>/run=<id>/part-0.parquet`; the run is
a column of every table. Read it with `portalscope.analysis.frames.load`, pandas, DuckDB or Polars:

```sql
SELECT property, host, count(*) AS leaves
FROM read_parquet('dataset/observations/*/*.parquet', hive_partitioning = true) AS observations
JOIN read_parquet('dataset/fields/*/*.parquet', hive_partitioning = true) AS fields USING (run, field)
JOIN read_parquet('dataset/exchanges/*/*.parquet', hive_partitioning = true) AS exchanges USING (run, exchange)
GROUP BY ALL
```

`runs`, `exchanges`, `connections`, `endpoints` and `steps` describe the recording; `events`, `observations` and
`fields` what was in it; `problems` what could not be read. A run is in the dataset when it is in `runs`: that row comes
last.

No value is in here. A value is a keyed hash: equal values have equal hashes in all runs of one dataset, and without the
key, which lies beside the dataset in `<dataset>-values`, nobody can try values out. Names (paths, events, reasons) are
masked where they look personal. Host names are as sent. A hash is a pseudonym: treat the dataset as personal data.
"""
