"""Files within a PDF: data may come along, what acts when it is opened may not.

ISO 32000-2 §7.11.3 (file specifications), §7.11.4 (embedded file streams).
"""

from collections.abc import Callable, Mapping

import pikepdf
from pikepdf import Dictionary, Object, Stream

from medvault.adapters.sandbox import inert
from medvault.adapters.sandbox.pdf_actions import file_names, name
from medvault.domain.media import Verdict

MAX_BYTES = 32 * 1024 * 1024
"""The largest file within that is looked into."""


def objection(
    thing: Object, entries: Mapping[str, Object], passes: Callable[[bytes], bool]
) -> Verdict | None:
    """`HAS_ATTACHMENT` for a file specification or stream whose file may act.

    `passes` says whether a PDF within holds nothing that speaks against it.
    """
    if "/EF" not in entries and "/Type" not in entries:
        return None
    files = _files(thing)
    if files and entries.keys() & {"/RF", "/EP"}:
        return Verdict.HAS_ATTACHMENT  # related files, or a PDF that hides an encrypted one
    harmless = all(_harmless(thing, file, passes) for file in files)
    return None if harmless else Verdict.HAS_ATTACHMENT


def are_shown_first(pdf: pikepdf.Pdf) -> bool:
    """Whether viewers show the files within instead of the pages (ISO 32000-2 §12.3.5)."""
    collection = pdf.Root.get("/Collection")
    return isinstance(collection, Dictionary) and name(collection, "/View") != "/H"


def _files(thing: Object) -> list[Object]:
    if isinstance(thing, Stream):
        return [thing] if name(thing, "/Type") == "/EmbeddedFile" else []
    within = thing.get("/EF")
    if not isinstance(within, Dictionary):
        return []
    # Producers give the same stream several names.
    found = {file.objgen: file for _, file in within.items() if isinstance(file, Stream)}
    return list(found.values())


def _harmless(thing: Object, file: Object, passes: Callable[[bytes], bool]) -> bool:
    if not inert.is_data_type(name(file, "/Subtype").removeprefix("/")):
        return False
    names = [] if isinstance(thing, Stream) else file_names(thing)
    if not all(inert.is_data_name(each) for each in names):
        return False
    try:
        content = file.read_bytes(decode_level=pikepdf.StreamDecodeLevel.generalized)
    except pikepdf.PdfError:
        return False
    if content.startswith(b"%PDF-"):
        return len(content) <= MAX_BYTES and passes(content)
    return len(content) <= MAX_BYTES and inert.is_data(content, names)
