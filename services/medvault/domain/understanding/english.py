"""The words of English that patients type; those of other languages are in `locales`."""

from medvault.domain.reports import Detail, ReportType
from medvault.domain.saying import language
from medvault.domain.understanding.lexicon import Lexicon, Word, Words

WORDS = Words(
    commands={
        Word.LIST: ("list",),
        Word.MORE: ("more",),
        Word.GET: ("get",),
        Word.HELP: ("help",),
        Word.CANCEL: ("cancel",),
        Word.STOP: ("stop",),
        Word.SET_PIN: (
            "set pin", "set a pin", "set my pin", "change pin", "change a pin", "change my pin",
            "set pin to", "set a pin to", "set my pin to",
            "change pin to", "change a pin to", "change my pin to",
        ),
    },
    yes=("yes", "y", "ok", "okay", "file", "confirm", "save"),
    change=("edit", "no", "n"),
    topics={
        Detail.DATE: ("day",),
        Detail.HOSPITAL: ("clinic", "from"),
        Detail.TYPE: ("kind", "type"),
    },
    before_topics=("change", "the"),
    kinds={
        ReportType.LAB: ("lab", "laboratory", "blood", "urine", "biopsy", "test", "tests"),
        ReportType.IMAGING: (
            "scan", "xray", "ray", "ct", "mri", "ultrasound", "sonography", "imaging",
        ),
        ReportType.PRESCRIPTION: (
            "prescription", "medicine", "medicines", "medication", "rx",
        ),
        ReportType.DISCHARGE: ("discharge", "summary"),
        ReportType.CONSULTATION: ("consultation", "consult", "doctor", "notes", "letter"),
        ReportType.VACCINATION: ("vaccination", "vaccine", "immunisation", "immunization"),
        ReportType.INVOICE: ("bill", "receipt", "invoice", "insurance"),
        ReportType.OTHER: ("other",),
    },
)  # fmt: skip

ENGLISH = Lexicon.of(language.ENGLISH, WORDS)
