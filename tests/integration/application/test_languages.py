"""A conversation in Spanish over a real database: what is sealed, listed, sent and said."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from medvault.domain.media import FileKind, Verdict
from medvault.ports import Returned
from support.clinic.clinic import Clinic
from support.clinic.files import PDF, Judge

ANNA = "IN.anna"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + bytes(64)


class Converter(Judge):
    """Takes any picture, and gives it back as a PDF."""

    def examine(self, chunks: Iterable[bytes], *_: Any) -> Verdict:
        """Looks at nothing."""
        b"".join(chunks)
        return Verdict.CLEAN

    @contextmanager
    def give_back(self, chunks: Iterable[bytes], kind: FileKind) -> Iterator[Returned]:
        """Makes a PDF of it."""
        b"".join(chunks)
        assert kind is FileKind.WEBP
        yield Returned(FileKind.PDF, len(PDF), iter([PDF]))


def contents(clinic: Clinic) -> list[Any]:
    return [json.loads(letter)["content"] for letter in clinic.said(ANNA)]


def test_a_report_is_filed_listed_and_given_back_in_spanish(clinic: Clinic) -> None:
    clinic.source.content, clinic.examiner = WEBP, Converter()
    clinic.hears(ANNA, "hello")
    clinic.speaks(ANNA, "es")
    clinic.gets_file(ANNA)
    clinic.settle()
    assert "¿Qué fecha tiene el informe?" in contents(clinic)[-1]["body"]
    clinic.hears(ANNA, "30 de septiembre de 2019", "Clínica Ñandú", "receta", "sí")
    clinic.settle()
    receipt = contents(clinic)[-1]
    assert receipt["body"] == ("Archivado: Receta médica, Clínica Ñandú, 30 de septiembre de 2019.")
    clinic.hears(ANNA, "LISTA")
    listed = contents(clinic)[-1]
    assert listed["menu"] == "Ver informes"
    assert [row[1:] for row in listed["rows"]] == [
        ["1. 30 septiembre 2019", "Receta médica, Clínica Ñandú"]
    ]
    clinic.hears(ANNA, "ver 1")
    clinic.settle()
    given = contents(clinic)[-1]
    assert given["handle"] == "handle1"
    assert given["caption"] == (
        "Receta médica, Clínica Ñandú, 30 de septiembre de 2019 (enviado como PDF hecho a partir "
        "de su archivo WebP, porque WhatsApp no transmite el original)"
    )
    assert clinic.state(ANNA).language == "es"


def test_a_day_is_answered_and_a_lost_session_told_of_in_spanish(clinic: Clinic) -> None:
    clinic.hears(ANNA, "hello")
    clinic.speaks(ANNA, "es")
    clinic.gets_file(ANNA)
    clinic.settle()
    clinic.hears(ANNA, "hoy")
    assert contents(clinic)[-1]["body"].startswith("Fecha: ")
    clinic.hears(ANNA, "PARAR")
    assert contents(clinic)[-1]["body"].startswith("Listo, me detengo.")
