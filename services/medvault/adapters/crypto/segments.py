"""Cutting a stream of chunks of any lengths into segments of one length."""

from collections.abc import Iterable, Iterator


def cut(chunks: Iterable[bytes | memoryview], size: int) -> Iterator[tuple[memoryview, bool]]:
    """Cut into segments of `size` bytes, and tell which is the last.

    The last one may be shorter; it is empty only if the whole stream is. A segment is good until
    the next is asked for: it lies in the chunk that it came in, or in a buffer used again.
    """
    buffer = memoryview(bytearray(size))
    filled = 0
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            if filled == size:
                yield buffer, False
                filled = 0
            if not filled and len(rest) > size:
                yield rest[:size], False
                rest = rest[size:]
                continue
            taken = min(size - filled, len(rest))
            buffer[filled : filled + taken] = rest[:taken]
            filled += taken
            rest = rest[taken:]
    yield buffer[:filled], True
