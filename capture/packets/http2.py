"""HTTP/2 heard from outside: frames, header compression, streams to exchanges (RFC 9113, RFC 7541)."""

from collections.abc import Callable, Iterator

import hpack
from hpack.exceptions import HPACKError
from hyperframe.exceptions import HyperframeError
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    HeadersFrame,
    PushPromiseFrame,
    RstStreamFrame,
    SettingsFrame,
)

from portalscope.capture.packets.draft import Draft, Half, RawHeaders
from portalscope.capture.packets.talk import Talk

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER = 9
LARGEST_FRAME = 1 << 20  # the usual limit is 16 KiB, RFC 9113 allows 16 MiB
USUAL_FRAME = 1 << 14
LARGEST_BLOCK = 1 << 18  # of compressed headers, and of what they unpack to
USUAL_TABLE, LARGEST_TABLE = 1 << 12, 1 << 16
KINDS = 10  # frame types of RFC 9113, 6
MOST_STREAMS = 10_000

type Publish = Callable[[Draft], None]
type Report = Callable[[str, bytes], None]


class Direction:
    """One side's bytes and its header compression. After a loss `lost` is set until a frame is found again."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.block: tuple[Frame, bytearray] | None = None
        self.decoder = _decoder()
        self.table = USUAL_TABLE
        self.lost = False

    def frames(self) -> Iterator[Frame]:
        """Yield the frames that are whole; ValueError when they cannot be frames."""
        while len(self.buffer) >= HEADER:
            try:
                frame, length = Frame.parse_frame_header(memoryview(bytes(self.buffer[:HEADER])))
                if length > LARGEST_FRAME:
                    raise ValueError("HTTP/2 frame too large")
                if len(self.buffer) < HEADER + length:
                    return
                body = bytes(self.buffer[HEADER : HEADER + length])
                del self.buffer[: HEADER + length]
                frame.parse_body(memoryview(body))
            except HyperframeError as error:
                raise ValueError("malformed HTTP/2 frame") from error
            yield frame

    def headers(self, block: bytes) -> RawHeaders:
        """Unpack a block of headers; ValueError when it cannot be, or refers to what was lost."""
        try:
            return [(bytes(name), bytes(value)) for name, value in self.decoder.decode(block, raw=True)]
        except HPACKError as error:
            self.renew()
            raise ValueError("HTTP/2 headers cannot be unpacked") from error

    def renew(self) -> None:
        """Start with an empty table: indexes count from the newest entry, so what comes now is right or an error."""
        self.decoder = _decoder()
        self.decoder.max_allowed_table_size = self.decoder.header_table_size = self.table

    def drop(self) -> bytes:
        """Return what is left of the bytes, and forget it."""
        left = bytes(self.buffer)
        self.buffer.clear()
        self.block = None
        return left


class Http2:
    """Follows the streams of a connection; `publish` gets each exchange when both of its sides ended."""

    def __init__(self, talk: Talk, publish: Publish, report: Report) -> None:
        self.talk = talk
        self.publish = publish
        self.report = report
        self.streams: dict[int, Draft] = {}
        self.newest = 0
        self.sides = {True: Direction(), False: Direction()}
        self.preface = len(PREFACE)

    def data(self, at: int, chunk: bytes, *, client: bool) -> None:
        """Take the next bytes of a direction."""
        side = self.sides[client]
        if client and self.preface:
            skipped = min(self.preface, len(chunk))
            self.preface -= skipped
            chunk = chunk[skipped:]
        if side.lost and not self._found(side, chunk):
            self.report("HTTP/2 bytes after a loss", chunk)
            return
        side.buffer += chunk
        try:
            for frame in side.frames():
                self._frame(at, side, frame, client=client)
        except ValueError as error:
            self._lose(side, str(error))

    def gap(self, size: int, *, client: bool) -> None:
        """Mark what was under way, and look for the start of a frame."""
        self.preface = 0
        for draft in self.streams.values():
            half = draft.request if client else draft.response
            if not half.done:
                half.trouble = f"{size} bytes or more of the connection were not captured"
        self._lose(self.sides[client], "HTTP/2 frame cut by a loss")

    def close(self) -> None:
        """Publish what is incomplete too."""
        for draft in self.streams.values():
            self.publish(draft)
        self.streams.clear()
        for side in self.sides.values():
            self._lose(side, "HTTP/2 frame cut where the connection ends")

    def _frame(self, at: int, side: Direction, frame: Frame, *, client: bool) -> None:
        if isinstance(frame, HeadersFrame | PushPromiseFrame):
            side.block = frame, bytearray(frame.data)
            self._block(at, side, frame, client=client)
        elif isinstance(frame, ContinuationFrame) and side.block is not None:
            side.block[1].extend(frame.data)
            self._block(at, side, frame, client=client)
        elif isinstance(frame, DataFrame):
            draft = self.streams.get(frame.stream_id)
            if draft is None:
                if frame.data:
                    self.report("HTTP/2 data of a request that was not read", frame.data)
                return
            half = draft.request if client else draft.response
            half.add(frame.data)
            self._end(at, frame, half)
        elif isinstance(frame, RstStreamFrame):
            self._reset(frame, client=client)
        elif isinstance(frame, SettingsFrame):
            self._settings(frame, client=client)

    def _block(self, at: int, side: Direction, frame: Frame, *, client: bool) -> None:
        assert side.block is not None
        first, block = side.block
        if len(block) > LARGEST_BLOCK:
            raise ValueError("HTTP/2 headers too large")
        if "END_HEADERS" not in frame.flags:
            return
        side.block = None
        headers = side.headers(bytes(block))
        if isinstance(first, HeadersFrame):
            half = self._request(first.stream_id, headers) if client else self._response(first.stream_id, headers)
            if half is not None:
                half.at = half.at or at
                self._end(at, first, half)

    def _request(self, stream: int, headers: RawHeaders) -> Half | None:
        draft = self.streams.get(stream)
        fields = _plain(headers)
        if draft is not None:  # trailers
            draft.request.headers += fields
            return draft.request
        pseudo = {name: value.decode("latin-1") for name, value in headers if name.startswith(b":")}
        if b":method" not in pseudo or len(self.streams) >= MOST_STREAMS:
            self.report("HTTP/2 request without method, or one too many", b"")
            return None
        draft = self.streams[stream] = Draft(
            http="HTTP/2.0",
            method=pseudo[b":method"],
            scheme=pseudo.get(b":scheme", ""),
            authority=pseudo.get(b":authority", ""),
        )
        self.newest = max(self.newest, stream)
        draft.request.first = pseudo.get(b":path", "").encode("latin-1")
        draft.request.headers = fields
        return draft.request

    def _response(self, stream: int, headers: RawHeaders) -> Half | None:
        draft = self.streams.get(stream)
        if draft is None:
            return None
        status = dict(headers).get(b":status", b"")
        if status.startswith(b"1"):
            return None  # 100 Continue and the like
        if status.isdigit() and not draft.answered:
            draft.response.first = status
        draft.response.headers += _plain(headers)
        return draft.response

    def _end(self, at: int, frame: Frame, half: Half) -> None:
        if "END_STREAM" not in frame.flags:
            return
        half.done, half.last, half.trouble = True, at, half.trouble if half.trouble.endswith("captured") else ""
        draft = self.streams.get(frame.stream_id)
        if draft is not None and draft.request.done and draft.response.done:
            self.publish(self.streams.pop(frame.stream_id))

    def _reset(self, frame: RstStreamFrame, *, client: bool) -> None:
        """End a stream. What a server had sent before it heard of the client's reset still comes, and counts."""
        draft = self.streams.get(frame.stream_id)
        if draft is None:
            return
        if not draft.response.done:
            draft.response.trouble = f"stream was reset by the {'client' if client else 'server'}"
        if not client:
            self.publish(self.streams.pop(frame.stream_id))

    def _settings(self, frame: SettingsFrame, *, client: bool) -> None:
        """What a side allows is the size of the table that the other side may use (RFC 7541, 4.2)."""
        size = frame.settings.get(SettingsFrame.HEADER_TABLE_SIZE)
        if size is not None:
            other = self.sides[not client]
            other.table = max(USUAL_TABLE, min(size, LARGEST_TABLE))  # less counts only once it was acknowledged
            other.decoder.max_allowed_table_size = other.table

    def _found(self, side: Direction, chunk: bytes) -> bool:
        """Say whether a chunk starts with a frame of a stream that may exist; then reading goes on there."""
        if len(chunk) < HEADER:
            return False
        length, kind, stream = int.from_bytes(chunk[:3]), chunk[3], int.from_bytes(chunk[5:9])
        if length > USUAL_FRAME or kind >= KINDS or stream > self.newest + 2 * MOST_STREAMS:
            return False
        side.lost = False
        return True

    def _lose(self, side: Direction, why: str) -> None:
        rest = side.drop()
        side.lost = True
        side.renew()
        if rest:
            self.report(why, rest)


def _plain(headers: RawHeaders) -> RawHeaders:
    return [(name, value) for name, value in headers if not name.startswith(b":")]


def _decoder() -> hpack.Decoder:
    return hpack.Decoder(max_header_list_size=LARGEST_BLOCK)
