"""Web pages: their title and size. What a page shows is not what a device sends."""

import html
import re

from portalscope.decoders.message import DecodeError, Media, Tree

_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|title|body|meta|script)\b",
    re.DOTALL | re.IGNORECASE,
)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,2000})", re.IGNORECASE)


def html_page(data: bytes) -> Tree:
    """{title, page}; without a title the page alone."""
    text = data[:65536].decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    if not _PAGE.match(text[:8192]):
        raise DecodeError("no web page", data)
    page = Media("text/html", len(data), data)
    title = _TITLE.search(text)
    return {"title": html.unescape(title[1]).strip(), "page": page} if title else page
