"""Pictures made by the programs that people, scanners and web sites use: several by each.

A command reads files of a folder and writes `OUT`. If one of these programs is missing,
`setup/servers` installs it.
"""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from medvault.domain.media import FileKind
from support import pictures
from support.files import AVIF, BMP, GIF, HEIC, JPEG, PNG, TIFF, WEBP

_SIZE = (240, 160)
_MAGICK = {
    JPEG: (
        "photo.png -quality 30|photo.png -interlace Plane|photo.png -sampling-factor 4:4:4|"
        "photo.png -colorspace Gray|photo.png -colorspace CMYK|photo.png -density 300 -quality 98"
    ),
    PNG: (
        "photo.ppm|photo.ppm -depth 16|photo.ppm -interlace PNG|clear.png -depth 16|page.pbm|"
        "photo.ppm -colors 16 -define png:color-type=3"
    ),
    TIFF: (
        "photo.ppm -compress LZW|photo.ppm -compress Zip|photo.ppm -compress JPEG|"
        "photo.ppm -compress RLE|page.pbm -compress Group4|page.pbm -compress Fax|"
        "photo.ppm -define tiff:tile-geometry=64x64|photo.ppm -endian MSB|photo.ppm -depth 16|"
        "photo.ppm -colorspace CMYK|photo.ppm page.pbm clear.png|grey.pgm -depth 16"
    ),
    GIF: "photo.ppm|photo.ppm -interlace GIF|photo.ppm page.pbm|clear.png",
    BMP: "photo.ppm|photo.ppm -colors 16|page.pbm -monochrome|grey.pgm|clear.png",
    WEBP: "photo.ppm|clear.png -define webp:lossless=true",
}
_GRAPHICS_MAGICK = {
    JPEG: "photo.ppm|photo.ppm -interlace Line|grey.pgm|photo.ppm -colorspace CMYK",
    PNG: "photo.ppm|page.pbm|clear.png|photo.ppm -colors 8 -type Palette",
    TIFF: "photo.ppm -compress LZW|page.pbm -compress Group4|photo.ppm -compress JPEG|grey.pgm",
    GIF: "photo.ppm|page.pbm",
    BMP: "photo.ppm|page.pbm",
}
_OTHERS = {
    HEIC: (
        "heif-enc -q 50 photo.png -o OUT|heif-enc -L photo.png -o OUT|"
        "heif-enc -t 64 photo.png -o OUT|heif-enc -b 10 photo.png -o OUT|"
        "heif-enc -p chroma=444 photo.png -o OUT|heif-enc clear.png -o OUT|"
        "heif-enc photo.png clear.png -o OUT|heif-enc grey.jpg -o OUT"
    ),
    WEBP: (
        "cwebp -quiet -q 40 photo.png -o OUT|cwebp -quiet -lossless photo.png -o OUT|"
        "cwebp -quiet -near_lossless 60 photo.png -o OUT|cwebp -quiet clear.png -o OUT|"
        "cwebp -quiet -sharp_yuv photo.png -o OUT|cwebp -quiet -metadata all turned.jpg -o OUT|"
        "cwebp -quiet -crop 8 8 101 77 photo.png -o OUT|gif2webp -quiet moving.gif -o OUT|"
        "gif2webp -quiet -lossy moving.gif -o OUT"
    ),
    AVIF: (
        "avifenc -s 10 photo.png OUT|avifenc -s 10 -y 444 photo.png OUT|"
        "avifenc -s 10 -y 400 photo.png OUT|avifenc -s 10 -d 10 photo.png OUT|"
        "avifenc -s 10 -l photo.png OUT|avifenc -s 10 clear.png OUT|"
        "avifenc -s 10 --irot 1 photo.png OUT|avifenc -s 10 --imir 0 photo.png OUT"
    ),
    TIFF: (
        "tiffcp -c lzw photo.tif OUT|tiffcp -c zip photo.tif OUT|tiffcp -c none photo.tif OUT|"
        "tiffcp -r 16 -c jpeg photo.tif OUT|tiffcp -c packbits photo.tif OUT|tiffcp -c zstd photo.tif OUT|"
        "tiffcp -c g3 page.tif OUT|tiffcp -c g3:2d page.tif OUT|tiffcp -c g4 page.tif OUT|"
        "tiffcp -f lsb2msb -c g4 page.tif OUT|tiffcp -t -w 64 -l 64 photo.tif OUT|"
        "tiffcp -B photo.tif OUT|tiffcp -8 photo.tif OUT|tiffcp -p separate photo.tif OUT|"
        "tiffcp -r 1 -c lzw photo.tif OUT|tiffcp -c g4 page.tif page.tif page.tif OUT|"
        "tiffcp photo.tif page.tif OUT"
    ),
    JPEG: (
        "cjpeg -outfile OUT photo.ppm|cjpeg -progressive -outfile OUT photo.ppm|"
        "cjpeg -grayscale -outfile OUT photo.ppm|cjpeg -optimize -outfile OUT photo.ppm|"
        "cjpeg -restart 1 -outfile OUT photo.ppm|cjpeg -rgb -outfile OUT photo.ppm|"
        "cjpeg -sample 1x1 -outfile OUT photo.ppm|cjpeg -arithmetic -outfile OUT photo.ppm|"
        "cjpeg -quality 100 -outfile OUT photo.ppm|jpegtran -rotate 90 -outfile OUT turned.jpg|"
        "jpegtran -transverse -copy all -outfile OUT turned.jpg|"
        "jpegtran -progressive -outfile OUT turned.jpg|jpegtran -crop 64x64 -outfile OUT turned.jpg|"
        "exiftran -2 -o OUT turned.jpg|exiftran -a -o OUT turned.jpg|exiftran -F -o OUT turned.jpg"
    ),
    PNG: (
        "optipng -quiet -o1 -i1 -out OUT photo.png|optipng -quiet -o1 -i0 -out OUT clear.png|"
        "pngquant -o OUT 16 photo.png|pngquant -o OUT 200 clear.png"
    ),
}


@dataclass(frozen=True, slots=True)
class Made:
    """A command and the kind of file that it writes."""

    kind: FileKind
    command: str

    def run(self, folder: Path, into: str) -> bytes:
        """Make the file; raises `CalledProcessError`, or OSError for a program that lacks."""
        words = [word.replace("OUT", into) for word in self.command.split()]
        subprocess.run(words, cwd=folder, check=True, capture_output=True)
        return (folder / into).read_bytes()


def commands() -> Iterator[Made]:
    """All of them."""
    magick = "magick" if shutil.which("magick") else "convert-im6.q16"
    for program, by_kind in ((magick, _MAGICK), ("gm convert", _GRAPHICS_MAGICK)):
        for kind, all_options in by_kind.items():
            for options in all_options.split("|"):
                yield Made(kind, f"{program} {options} {kind.name}:OUT")
    for kind, made in _OTHERS.items():
        for command in made.split("|"):
            yield Made(kind, command)


def prepare(folder: Path) -> None:
    """Write the pictures that the commands read."""
    photo = pictures.photo(_SIZE)
    photo.save(folder / "photo.ppm")
    photo.save(folder / "photo.png")
    photo.save(folder / "photo.tif")
    photo.convert("L").save(folder / "grey.pgm")
    photo.convert("L").save(folder / "grey.jpg")
    photo.convert("1").save(folder / "page.pbm")
    photo.convert("1").save(folder / "page.tif")
    photo.convert("RGBA").save(folder / "clear.png")
    (folder / "turned.jpg").write_bytes(pictures.turned(6))
    (folder / "moving.gif").write_bytes(pictures.animated("GIF"))
