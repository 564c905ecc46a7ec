"""A conversation in another language than English, by typing and by tapping."""

from datetime import date

import pytest

from medvault.domain.conversation.state import Conversation, Step
from medvault.domain.reports import ReportDetails, ReportType
from medvault.domain.saying import wording
from medvault.locales.catalogues import language
from support.patients import TODAY, Patient, reports

SPANISH = Conversation(greeted=True, language="es")


def test_a_report_is_filed_listed_and_had_again_in_spanish() -> None:
    patient = Patient(SPANISH)
    heard = patient.hears_of(patient.sends("análisis.pdf"))
    assert heard.text == (
        "Ya tengo su archivo “análisis.pdf”. *¿Qué fecha tiene el informe?* "
        "Por ejemplo, 2 de mayo de 2019."
    )
    assert "Fecha: 30 de septiembre de 2019." in patient.says("30 de septiembre de 2019").text
    assert "De: Clínica Ñandú." in patient.says("Clínica Ñandú").text
    assert "Tipo: Examen de laboratorio" in patient.says("examen de sangre").text
    heard = patient.says("Sí")
    details = ReportDetails(date(2019, 9, 30), "Clínica Ñandú", ReportType.LAB, "análisis.pdf")
    assert [filed.report.details for filed in heard.filed] == [details]
    (receipt,) = heard.receipts
    assert receipt.body == (
        "Archivado: Examen de laboratorio, Clínica Ñandú, 30 de septiembre de 2019."
    )
    assert [button.title for button in receipt.buttons] == ["Mis informes"]
    heard = patient.says("lista")
    assert "Sus informes" in heard.text
    assert list(heard.ids) == ["1. 30 septiembre 2019"]
    assert len(patient.says("VER 1").sent) == 1
    assert len(patient.says("1. 30 septiembre 2019").sent) == 1


@pytest.mark.parametrize(("text", "days"), [("hoy", 0), ("Ayer", 1), ("today", 0)])
def test_a_day_is_named_in_any_language(text: str, days: int) -> None:
    patient = Patient(SPANISH)
    patient.comes_to(Step.DATE)
    patient.says(text)
    draft = patient.state.filing.draft
    assert draft is not None
    assert draft.day == TODAY.replace(day=TODAY.day - days)


@pytest.mark.parametrize("text", ["CANCELAR", "cancelar.", "¡Cancelar!", "cancel"])
def test_a_command_is_understood_in_spanish_and_in_english(text: str) -> None:
    patient = Patient(SPANISH)
    patient.comes_to(Step.HOSPITAL)
    assert patient.says(text).text == "Cancelado. No guardé ese archivo."


def test_words_of_another_language_are_names_in_english() -> None:
    patient = Patient()
    patient.comes_to(Step.HOSPITAL)
    patient.says("Cancelar")
    draft = patient.state.filing.draft
    assert draft is not None
    assert draft.hospital == "Cancelar"


@pytest.mark.parametrize("text", ["cambiar", "no", "quiero cambiar la fecha", "fecha"])
def test_an_answer_is_changed(text: str) -> None:
    patient = Patient(SPANISH)
    patient.comes_to(Step.CONFIRM)
    heard = patient.says(text)
    if "fecha" not in text:
        heard = patient.taps(heard.ids["Fecha"])
    assert "¿Qué fecha tiene el informe?" in heard.text


def test_a_pin_is_set_and_opens_the_vault() -> None:
    patient = Patient(SPANISH, key="one")
    assert "PIN de 6 dígitos" in patient.says("crear un PIN").text
    assert "Su PIN está creado." in patient.says("482913").text
    patient.key = "another"
    assert "*bloqueada*" in patient.says("LISTA").text
    assert "Puede intentarlo 4 veces más." in patient.says("482931").text
    assert "su bóveda está abierta de nuevo" in patient.says("482913").text


def test_whoever_speaks_a_language_that_is_gone_is_answered_in_english() -> None:
    patient = Patient(Conversation(greeted=True, language="tlh"), shelf=reports(1))
    assert patient.says("hello").text == wording.HINT
    assert len(patient.says("LIST").ids) == 1
    assert patient.state.language == "tlh", "a later release may have it again"
    assert language("tlh").code == "en"
