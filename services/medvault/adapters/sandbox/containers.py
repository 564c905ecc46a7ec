"""Everything in a PDF that has entries."""

from collections.abc import Iterable, Iterator

from pikepdf import Array, Dictionary, Object, Stream


def containers(objects: Iterable[Object]) -> Iterator[tuple[Object, dict[str, Object]]]:
    """Every dictionary and stream once, also those inside others, and its entries."""
    for root in objects:
        waiting = [root]
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, Array):
                inner: Iterable[object] = thing
            elif isinstance(thing, Dictionary | Stream):
                entries = dict(thing.items())
                yield thing, entries
                inner = entries.values()
            else:
                continue
            waiting += [
                value
                for value in inner
                if isinstance(value, Array | Dictionary) and not value.is_indirect
            ]
