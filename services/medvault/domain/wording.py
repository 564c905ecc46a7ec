"""The words a patient reads. Short, plain, and always with what to do next."""

from medvault.domain.media import FileKind, Verdict
from medvault.domain.reports import ReportType

TYPE_NAMES = {
    ReportType.LAB: ("Lab test", "Blood, urine, biopsy"),
    ReportType.IMAGING: ("Scan or X-ray", "X-ray, CT, MRI, ultrasound"),
    ReportType.PRESCRIPTION: ("Prescription", "Medicines and doses"),
    ReportType.DISCHARGE: ("Discharge summary", "After a hospital stay"),
    ReportType.CONSULTATION: ("Consultation", "A doctor's notes or letter"),
    ReportType.VACCINATION: ("Vaccination", "Immunisation record"),
    ReportType.INVOICE: ("Bill or receipt", "Invoice, insurance"),
    ReportType.OTHER: ("Other", "Anything else"),
}

WELCOME = (
    "Welcome to your medical vault. Send me a photo or PDF of a report; I check it, encrypt it and keep "
    "it for you. Only you can get it back. Reports travel through WhatsApp, so send only what you agree to "
    "send this way. I am a machine and no help in an emergency."
)
HINT = (
    "Send a photo or PDF of a report to keep it. LIST shows what you have, HELP shows all I can do."
)
HELP = (
    "*What I can do*\n"
    "• Send a photo or PDF: I file it as a report\n"
    "• LIST: your reports, newest first; MORE shows the next ones\n"
    "• GET 2: the second report on your list\n"
    "• CANCEL: stop what we are doing\n"
    "• HELP: this text"
)
CONTACT = "A person can help you: {contact}"

ASK_DATE = "I have your file. *What date is on the report?* For example 2 May 2019 or 02/05/2019."
ASK_HOSPITAL = "Date: {day}. *Which hospital, clinic or lab is it from?*"
ASK_TYPE = "From: {hospital}. *What kind of report is it?*"
ASK_CONFIRM = "*Please check:*\nDate: {day}\nFrom: {hospital}\nType: {type}\n\nShall I file it?"
NOT_A_DATE = (
    "I could not read that as a date. Please write the day first, like 2 May 2019 or 02/05/2019."
)
FUTURE_DATE = (
    "That date lies in the future. *What date is on the report?* Day first, like 02/05/2019."
)
NOT_A_HOSPITAL = "Please give the name in 2 to 80 characters."
NOT_A_TYPE = "I don't know that kind. Please choose one from the list, or write its name."
NOT_A_CONFIRMATION = "Please tap a button, or answer YES, CHANGE or CANCEL."
STALE = "That button belongs to an earlier question."
NOTHING_OPEN = "That question is closed by now."

CHECKING = "I am still checking your file and will ask you about it in a moment."
CHECK_WAITS = (
    "Your file arrived safely. My virus check is not available right now; "
    "I go on by myself as soon as it is."
)
FILING = "Thank you. I am filing it now."
FILED = "Filed: {type}, {hospital}, {day}. Send LIST to see your reports."
CANCELLED = "Cancelled. The file you sent was not kept."
NOTHING_TO_CANCEL = "There is nothing to cancel."
TIMED_OUT = "I waited 30 minutes for an answer, so I have let go of the report you were filing. Please send the file again when you are ready."

NO_REPORTS = "Your vault is empty. Send a photo or PDF of a report to start."
LIST_HEAD = (
    "Your reports {first} to {last} of {total}, newest first. Tap one, or send GET and its number."
)
LIST_MORE = "Send MORE for the next ones."
NO_MORE = "That was the whole list. Send LIST to see it from the start."
GET_HOW = "Send GET and the number on your list, for example GET 1."
GET_UNKNOWN = "There is no number {number} on the list you saw. Send LIST to see it again."
GET_LIST_FIRST = "Here is your list first, so that we mean the same report."
GET_REFUSED = "I can't find that report in your vault. Send LIST to see what you have."
SENDING = "Here it comes."
NOT_SENT = "I could not send that report. Please try GET again later."
REPORT_CAPTION = "{type}, {hospital}, {day}"
CONVERTED = "sent as a PDF made from your {kind} file, because WhatsApp does not carry the original"
NOT_SCANNED = "not scanned"
STILL_OPEN = "Back to your report:"

TOO_LARGE = "That file is over 100 MB, so I can't take it. Please send a smaller one."
UNUSABLE = "I can only keep documents and photos: PDF, JPEG, PNG, WebP or HEIC. For photos use the camera or the gallery."
REFUSED = {
    Verdict.EMPTY: "That file is empty. Please send it again.",
    Verdict.TOO_LARGE: TOO_LARGE,
    Verdict.WRONG_KIND: "I can keep PDF, JPEG, PNG, WebP and HEIC files. That one is something else, whatever its name says.",
    Verdict.DAMAGED: "That file is damaged and can't be opened. Please send it again, or take a new photo of the report.",
    Verdict.ENCRYPTED: "That PDF is locked with a password, so I can't check it. Please send an unlocked copy.",
    Verdict.UNSCANNABLE: "I could not look inside that file to check it, so I did not keep it. Please send a plain PDF or photo.",
    Verdict.INFECTED: "My virus check found something harmful in that file, so I did not keep it.",
    Verdict.EXPIRED: "WhatsApp no longer has that file. Please send it again.",
    Verdict.FAILED: "Something went wrong with that file. Please send it again.",
}
KIND_NAMES = {
    FileKind.PDF: "PDF",
    FileKind.JPEG: "JPEG",
    FileKind.PNG: "PNG",
    FileKind.WEBP: "WebP",
    FileKind.HEIC: "HEIC",
}
