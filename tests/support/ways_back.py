"""Both ways back of a picture, tried in this process as children try them."""

import io
from typing import BinaryIO

from medvault.adapters.sandbox import conversion, pictures
from medvault.domain.media import FileKind, Verdict


def of_picture(file: BinaryIO, kind: FileKind) -> Verdict | None:
    """Say what speaks against a picture; None for one that can be given back."""
    pictures.prepare(kind)
    try:
        if kind not in (FileKind.JPEG, FileKind.PNG) or not pictures.as_it_came(file, kind):
            conversion.write_pdf(file, kind, io.BytesIO())
    except pictures.REFUSED as error:
        return pictures.verdict(error)
    return None
