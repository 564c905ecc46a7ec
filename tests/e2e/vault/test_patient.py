"""A patient is served by what one chart and one object have brought about."""

import time
from collections.abc import Callable

import pytest

from support import pdfs
from support.cluster.site import Clinic
from support.servers.clamd import EICAR
from support.stack.filing import file_pdf, list_one

pytestmark = pytest.mark.timeout(2400)


def test_a_patient_files_a_pdf_and_gets_the_same_bytes_back(
    clinic: Clinic, figures: Callable[..., None]
) -> None:
    phone, pdf = clinic.phone(), pdfs.written(pdfs.report())
    began = time.monotonic()
    file_pdf(phone, pdf)
    filed = time.monotonic()
    list_one(phone)
    brought = phone.download(phone.say("GET 1", "City Hospital"))
    figures(filed_s=round(filed - began, 1), fetched_s=round(time.monotonic() - filed, 1))
    assert brought == pdf


def test_a_virus_is_refused(clinic: Clinic, figures: Callable[..., None]) -> None:
    phone = clinic.phone()
    began = time.monotonic()
    pdf = pdfs.with_content(EICAR, **pdfs.AS_IT_IS)
    phone.send_file(pdf, "report.pdf", "application/pdf")
    phone.answer("My virus check found something harmful")
    figures(refused_s=round(time.monotonic() - began, 1))
    assert "empty" in phone.say("LIST", "Your vault is empty")["text"]
