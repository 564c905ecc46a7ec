"""The functions that lease work: SQL that each migration replaces by this release's."""

from collections.abc import Iterator
from importlib.resources import files

from medvault.adapters.postgres.states import named


def scripts() -> Iterator[str]:
    """Return the statements that make them, a file's at a time.

    Another shape of arguments or rows is another function, under a new name: processes of the
    release before still call the old one, until a contract step drops it.
    """
    for script in sorted(files(__name__).iterdir(), key=lambda path: path.name):
        if script.name.endswith(".sql"):
            yield named(script.read_text())
