"""Words that nobody else says, and the search for them in whatever a system leaves behind.

All canaries of a run share a stem, so that a handful of needles finds any of them, however many
there are and wherever they stand within an encoded text.
"""

import base64
import secrets
import string
from collections.abc import Iterable, Mapping
from pathlib import Path

LENGTH = 18
SHORTEST = 8
"""Letters of a stem, and characters of an encoded one that are still no coincidence."""


class Canaries:
    """The canaries of one run; `count` tells how many words were handed out."""

    def __init__(self) -> None:
        self.stem = "".join(secrets.choice(string.ascii_letters) for _ in range(LENGTH))
        self.count = 0
        self._any_case = forms_in_any_case(self.stem)
        self._exact = base64_forms(self.stem)
        self._more: dict[str, bytes] = {}

    def word(self, before: str = "", after: str = "") -> str:
        """A new one, perhaps within other text."""
        self.count += 1
        return f"{before}{self.stem}{self.count}{after}"

    def watch(self, name: str, text: str | bytes) -> None:
        """Look for a text that others have chosen too, in clear, hex and base64."""
        data = text.encode() if isinstance(text, str) else text
        self.count += 1
        self._more |= {f"{name} in clear": data, f"{name} in hex": data.hex().encode()}
        self._more |= {f"{name} in {form}": found for form, found in shifted(data).items()}

    def found_in(self, data: bytes) -> list[str]:
        """The encodings in which any of them stands there."""
        lowered = data.lower()
        found = [form for form, needle in self._any_case.items() if needle in lowered]
        exact = {**self._exact, **self._more}
        return found + [form for form, needle in exact.items() if needle in data]

    def hits(self, places: Mapping[str, bytes]) -> list[str]:
        """Which places show any, as `place: encoding`."""
        return [
            f"{place}: {form}" for place, data in places.items() for form in self.found_in(data)
        ]

    def planted(self) -> dict[str, bytes]:
        """A text with a canary in each encoding that is looked for, the control of a search."""
        needles = {**self._any_case, **self._exact, **self._more}
        return {form: b"\x00before " + needle + b" after" for form, needle in needles.items()}


def forms_in_any_case(stem: str) -> dict[str, bytes]:
    """Encodings in which case tells nothing, in lower case."""
    low, high = stem.lower(), stem.upper()
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in low)
    return {
        "clear": low.encode(),
        "UTF-16 LE": low.encode("utf-16-le"),
        "UTF-16 BE": low.encode("utf-16-be"),
        "hex": low.encode().hex().encode(),
        "hex of its own case": stem.encode().hex().encode(),
        "hex of upper case": high.encode().hex().encode(),
        "hex of UTF-16": low.encode("utf-16-le").hex().encode(),
        "JSON's escapes": escaped.encode(),
        "per cent": "".join(f"%{ord(letter):02x}" for letter in low).encode(),
        "octal": "".join(f"\\{ord(letter):03o}" for letter in low).encode(),
        "backwards": low[::-1].encode(),
    }


def base64_forms(stem: str) -> dict[str, bytes]:
    """The base64 of a stem as it is, in lower and upper case and in UTF-16, wherever it begins."""
    forms = {"base64": stem, "base64 of lower case": stem.lower(), "of upper case": stem.upper()}
    found = {
        f"{name}, {place}": needle
        for name, text in forms.items()
        for place, needle in shifted(text.encode()).items()
    }
    wide = shifted(stem.encode("utf-16-le"))
    return found | {f"base64 of UTF-16, {place}": needle for place, needle in wide.items()}


def shifted(data: bytes) -> dict[str, bytes]:
    """The base64 of bytes at each of three offsets, less the part that depends on neighbours."""
    forms = {
        f"base64 at {offset}": base64.b64encode(b"\0" * offset + data)[4 if offset else 0 : -4]
        for offset in range(3)
    }
    return {name: form for name, form in forms.items() if len(form) >= SHORTEST}


def files_below(folders: Iterable[Path]) -> dict[str, bytes]:
    """The content of every file, and the names of all, by path."""
    places: dict[str, bytes] = {}
    for folder in folders:
        for path in folder.rglob("*"):
            name = str(path.relative_to(folder))
            places[f"{folder.name}: name of {len(places)}"] = name.encode()
            if path.is_file():
                places[f"{folder.name}/{name}"] = path.read_bytes()
    return places


def seen_by_the_machine(processes: Iterable[int]) -> dict[str, bytes]:
    """All that anybody on a machine sees of processes: arguments, and their threads' names."""
    places: dict[str, bytes] = {}
    for pid in processes:
        folder = Path("/proc") / str(pid)
        for file in (folder / "cmdline", folder / "environ", *folder.glob("task/*/comm")):
            try:
                places[f"{file.name} of {pid}"] = file.read_bytes()
            except OSError:
                continue
    return places
