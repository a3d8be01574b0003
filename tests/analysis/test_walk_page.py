"""The walk as a page."""

import re

from portalscope.analysis.walk_page import walk_page

HOSTILE = "<script>alert(1)</script>\"'&"


def walk(**more):
    leaf = {
        "part": "body",
        "path": HOSTILE,
        "value": HOSTILE,
        "property": "upn",
        "class": "D1",
        "category": "personal",
        "candidate": True,
        "tags": [],
        "evidence": [
            {"level": "E1", "because": "planted", "detail": HOSTILE, "property": "upn", "class": "D1", "source": ""}
        ],
    }
    return {
        "exchange": {"id": "f.mitm#0", "at": "2026-11-24", "method": "POST", "host": HOSTILE, "status": 200},
        "endpoint": {"service": "s", "operator": "", "purpose": "", "country": "", "status": "unknown", "basis": ""},
        "adapter": {"id": "a", "title": HOSTILE, "because": "documented", "source": "s"},
        "parts": [
            {
                "part": "body",
                "wire": 3,
                "size": 5,
                "decoded": 4,
                "unread": 1,
                "steps": [{"step": "json", "bytes": 5, "result": "dict"}],
            }
        ],
        "events": [
            {
                "index": 0,
                "kind": "request",
                "name": HOSTILE,
                "time": None,
                "schema": "",
                "level": None,
                "leaves": [leaf],
            }
        ],
        "problems": [{"part": "body", "step": "json", "why": HOSTILE, "bytes": 1, "entropy": 0.0}],
        "sources": {"s": {"title": HOSTILE, "url": "https://a.example"}},
        **more,
    }


def test_markup_in_captured_text_is_inert():
    page = walk_page(walk())
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 8


def test_nothing_is_fetched():
    page = walk_page(walk())
    assert not re.findall(r"""(?:src|href)=|url\(|@import""", page)


def test_what_it_shows():
    page = walk_page(walk())
    assert "(candidate)" in page
    assert "E1 planted" in page
    assert "Every byte was decoded" not in page
    assert "Every byte was decoded" in walk_page(walk(problems=[]))
