"""A PDF of a picture, for a chat that only takes some pictures back."""

import io
from typing import BinaryIO

import img2pdf
from PIL import ExifTags, Image, ImageOps

from medvault.adapters.sandbox.pictures import open_picture
from medvault.domain.media import FileKind

JPEG_QUALITY = 92
_MIRRORED = (2, 4, 5, 7)  # EXIF 2.32 §4.6.4 A, Orientation
_A4 = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))


def write_pdf(file: BinaryIO, kind: FileKind, target: BinaryIO) -> None:
    """Put a picture on a page of A4, upright; a JPEG's data goes in unchanged.

    What PDF can't hold is made a JPEG: WebP, HEIC, pictures that EXIF has mirrored, and
    transparency deeper than eight bits. Only the first frame is taken.
    """
    picture = open_picture(file, kind)
    embeddable = kind in (FileKind.JPEG, FileKind.PNG)
    if not embeddable or picture.getexif().get(ExifTags.Base.Orientation) in _MIRRORED:
        _layout(_recoded(picture), target)
        return
    try:
        _layout(file, target)
    except img2pdf.AlphaChannelError:
        _layout(_recoded(open_picture(file, kind)), target)


def _layout(source: BinaryIO, target: BinaryIO) -> None:
    source.seek(0)
    img2pdf.convert(
        source,
        outputstream=target,
        layout_fun=img2pdf.get_layout_fun(pagesize=_A4, auto_orient=True),
        rotation=img2pdf.Rotation.ifvalid,
        first_frame_only=True,
        nodate=True,
    )


def _recoded(picture: Image.Image) -> BinaryIO:
    profile = picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        upright = Image.new("RGB", layer.size, "white")
        upright.paste(layer, mask=layer)
    jpeg = io.BytesIO()
    upright.convert("RGB").save(jpeg, "JPEG", quality=JPEG_QUALITY, icc_profile=profile)
    return jpeg
