"""EventTranscript.db for tests: SYNTHETIC, made with Python's sqlite3 after the published schema, not by Windows.

The tables are those of log2timeline/plaso and rathbuna/EventTranscript.db-Research; the payloads have the structure of
the published samples, with dummy values.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMA = """
CREATE TABLE producers (producer_id INTEGER, producer_id_text TEXT);
CREATE TABLE provider_groups (group_id INTEGER PRIMARY KEY, group_guid TEXT);
CREATE TABLE tag_descriptions (tag_id INTEGER, locale_name TEXT, tag_name TEXT, description TEXT);
CREATE TABLE event_tags (full_event_name_hash INTGER, tag_id INTEGER);
CREATE TABLE categories (category_id INTEGER, category_id_text TEXT, producer_id INTEGER);
CREATE TABLE event_categories (full_event_name_hash INTEGER, category_id INTEGER);
CREATE TABLE events_persisted (sid TEXT, timestamp INTEGER, payload TEXT, full_event_name TEXT,
  full_event_name_hash INTEGER, event_keywords INTEGER, is_core INTEGER, provider_group_id INTEGER,
  logging_binary_name TEXT, friendly_logging_binary_name TEXT, compressed_payload_size INTEGER, producer_id INTEGER,
  extra1 TEXT, extra2 TEXT, extra3 TEXT, FOREIGN KEY(provider_group_id) REFERENCES provider_groups(group_id),
  CONSTRAINT fk_producer_id FOREIGN KEY(producer_id) REFERENCES producers(producer_id) ON DELETE CASCADE);
INSERT INTO producers VALUES (1, 'Windows'), (2, 'Edge');
INSERT INTO provider_groups VALUES (5, '{4f50731a-89cf-4782-b3e0-dce8c90476ba}');
INSERT INTO tag_descriptions VALUES (25, 'nl-NL', 'Gebruik', ''), (25, 'en-US', 'Product and Service Usage', ''),
  (24, 'en-US', 'Product and Service Performance', '');
INSERT INTO event_tags VALUES (-7, 25), (-7, 24), (9, 31);
"""
USAGE = "Win32kTraceLogging.AppInteractivitySummary"
STORE = "Microsoft.Windows.StoreAgent.Telemetry.InstallOperationRequest"
DEVICE, SID, USER = "s:00000000-0000-4000-8000-00000000D001", "S-1-5-21-1-2-3-1001", "m:0000000000000001"
FILETIME = 132_661_048_297_696_180  # 2021-05-21T21:07:09.7696180Z
AT = "2021-05-21T21:07:09.769618+00:00"


def payload(name: str = USAGE, **data: object) -> str:
    """A Common Schema 4.0 event as Windows stores it."""
    event = {
        "ver": "4.0",
        "name": name,
        "time": "2021-05-21T21:07:09.7696180Z",
        "iKey": "o:0a89d516ae714e01ae89c96d185e9ae3",
        "ext": {
            "utc": {"eventFlags": 258, "pgName": "WIN", "flags": 469762608, "epoch": "1105750", "seq": 601},
            "metadata": {"f": {"AppSessionId": 8}, "privTags": 33554432},
            "os": {"bootId": 11, "name": "Windows", "ver": "10.0.19043.985.amd64fre.vb_release.191206-1406"},
            "app": {"id": "U:Contoso.Test_1.0.0.0_x64__0000000000000!App", "ver": "1.0.0.0", "asId": 318},
            "device": {"localId": DEVICE, "deviceClass": "Windows.Desktop"},
            "protocol": {"devMake": "Contoso", "devModel": "Test 1", "ticketKeys": ["1000"]},
            "user": {"localId": USER},
            "loc": {"tz": "+01:00"},
        },
        "data": {"AppSessionId": "00000000-0001-000B-0000-000000000001", "InFocusDurationMS": 797, **data},
    }
    return json.dumps(event, separators=(",", ":"))


def row(body: object = None, time: object = FILETIME, sid: object = SID, name: str = USAGE) -> tuple[object, ...]:
    """A row of events_persisted."""
    size = len(str(body))
    about = (-7 if name == USAGE else 9, 2**45, 0, 5, "win32kfull.sys", "win32kfull.sys", size, 1, None, None, None)
    return (sid, time, payload(name) if body is None else body, name, *about)


def database(path: Path, *rows: tuple[object, ...], schema: str = SCHEMA) -> Path:
    """Write a database with these events."""
    with closing(sqlite3.connect(path)) as base:
        base.executescript(schema)
        for one in rows:
            base.execute(f"INSERT INTO events_persisted VALUES ({', '.join('?' * 15)})", one)
        base.commit()
    return path
