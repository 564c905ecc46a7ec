import pytest

from medvault.domain.media import ACTING, FileKind, Verdict
from medvault.domain.reports import ReportType
from medvault.domain.saying import verdicts, wording
from medvault.domain.saying.language import ENGLISH
from medvault.domain.saying.messages import Refused
from medvault.domain.saying.rendering import render

TEXTS = [
    *(text for text in vars(wording).values() if isinstance(text, str)),
    *verdicts.REFUSED.values(),
    *(text for texts in verdicts.FOREIGN.values() for text in texts),
    *verdicts.KEPT_WITHOUT.values(),
    *(word for names in wording.TYPE_NAMES.values() for word in names),
]


@pytest.mark.parametrize(
    "verdict", [v for v in Verdict if not v.accepted and v is not Verdict.WAITING]
)
def test_every_refusal_says_what_to_do_next(verdict: Verdict) -> None:
    told = render(Refused(verdict, "", of_many=False), ENGLISH).body
    assert "send" in told.lower() or "photo" in told


def test_every_kind_of_report_and_file_has_a_name() -> None:
    assert set(wording.TYPE_NAMES) == set(ReportType)
    assert set(verdicts.KIND_NAMES) == set(FileKind)


def test_no_promise_is_made_that_whatsapp_does_not_keep() -> None:
    said = " ".join(TEXTS).lower()
    for claim in ("hipaa", "compliant", "guarantee", "100 %", "completely safe", "certified"):
        assert claim not in said


def test_no_patient_reads_jargon() -> None:
    words = set(" ".join(TEXTS).lower().replace(".", " ").replace(",", " ").split())
    assert words.isdisjoint(
        {"error", "invalid", "metadata", "session", "upload", "server", "timeout", "id", "mime"}
    )


def test_help_names_every_command() -> None:
    for word in ("LIST", "MORE", "GET", "CANCEL", "STOP", "HELP"):
        assert word in wording.HELP


def test_what_acts_in_a_pdf_is_refused_by_its_name() -> None:
    words = {
        Verdict.HAS_SCRIPT: "a script",
        Verdict.HAS_ACTION: "a command",
        Verdict.HAS_ATTACHMENT: "another file",
        Verdict.HAS_MEDIA: "sound, video or a 3D scene",
    }
    assert words.keys() == ACTING
    for verdict, word in words.items():
        assert word in verdicts.REFUSED[verdict]
        assert word in verdicts.KEPT_WITHOUT[verdict]
        assert "print it to PDF and send that" in verdicts.REFUSED[verdict]
