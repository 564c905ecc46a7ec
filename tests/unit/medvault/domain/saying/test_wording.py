import pytest

from medvault.domain.media import ACTING, FileKind, Verdict
from medvault.domain.replies import MAX_BODY
from medvault.domain.reports import ReportType
from medvault.domain.saying import wording

TEXTS = [
    *(text for text in vars(wording).values() if isinstance(text, str)),
    *wording.REFUSED.values(),
    *wording.KEPT_WITHOUT.values(),
    *(word for names in wording.TYPE_NAMES.values() for word in names),
]


@pytest.mark.parametrize(
    "verdict", [v for v in Verdict if not v.accepted and v is not Verdict.WAITING]
)
def test_every_refusal_says_what_to_do_next(verdict: Verdict) -> None:
    assert "send" in wording.REFUSED[verdict].lower() or "photo" in wording.REFUSED[verdict]


def test_every_kind_of_report_and_file_has_a_name() -> None:
    assert set(wording.TYPE_NAMES) == set(ReportType)
    assert set(wording.KIND_NAMES) == set(FileKind)


def test_no_promise_is_made_that_whatsapp_does_not_keep() -> None:
    said = " ".join(TEXTS).lower()
    for claim in ("hipaa", "compliant", "guarantee", "100 %", "completely safe", "certified"):
        assert claim not in said


def test_no_patient_reads_jargon() -> None:
    words = set(" ".join(TEXTS).lower().replace(".", " ").replace(",", " ").split())
    assert words.isdisjoint(
        {"error", "invalid", "metadata", "session", "upload", "server", "timeout", "id", "mime"}
    )


def test_the_greeting_leaves_room_for_the_longest_first_answer() -> None:
    assert len(wording.WELCOME) + len(wording.HELP) + 200 <= MAX_BODY


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
        assert word in wording.REFUSED[verdict]
        assert word in wording.KEPT_WITHOUT[verdict]
        assert "print it to PDF and send that" in wording.REFUSED[verdict]
