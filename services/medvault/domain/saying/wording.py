"""The words a patient reads, in English. Short, plain, and always with what to do next.

They are the message ids of the other languages' catalogues; only `rendering` says them.
"""

from medvault.domain.date_doubts import Unclear
from medvault.domain.identity import Doubt
from medvault.domain.media import FileKind, Verdict
from medvault.domain.reports import Detail, ReportType

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
    "Welcome to your medical vault. Send me a photo or PDF of a report: I check it, encrypt it, and give "
    "it back only to you, whenever you ask. Reports travel through WhatsApp, so send only what you are "
    "happy to send this way. I am a machine and no help in an emergency. "
    "Send HELP to see all I can do."
)
HINT = "Send a photo or PDF of a report and I will keep it. To see what you have, send LIST."
HELP = (
    "*What I can do*\n"
    "• Send a photo or PDF: I file it as a report\n"
    "• LIST: your reports, newest first; MORE shows the next ones\n"
    "• GET 2: sends you number 2 on your list\n"
    "• CANCEL: drops the file we are talking about\n"
    "• STOP: drops every file that is not filed yet\n"
    "• SET PIN: sets a PIN that opens your vault on a new phone or number\n"
    "• HELP: shows this again\n"
    "Your answers can be tapped or typed."
)
CONTACT = "A person can help you: {contact}"
MY_REPORTS = "My reports"
HELP_BUTTON = "Help"

ASK_DATE = "*What date is on the report?* For example 2 May 2019."
HAVE_FILE = "I have your file."
HAVE_NAMED_FILE = "I have your file “{name}”."
ONE_WAITS = "One more waits its turn."
MANY_WAIT = "{count} more wait their turn."
ASK_HOSPITAL = "Date: {day}. *Which hospital, clinic or lab is it from?*"
KNOWN_HOSPITALS = "Tap one of these, or write another name:"
ASK_TYPE = "From: {hospital}. *What kind of report is it?*"
ASK_CONFIRM = "*Please check:*\nDate: {day}\nFrom: {hospital}\nKind: {type}\n\nShall I file it?"
FILE_IT = "File it"
CHANGE = "Change"
CANCEL = "Cancel"
TODAY = "Today"
YESTERDAY = "Yesterday"
TOPICS = {
    Detail.DATE: "Date",
    Detail.HOSPITAL: "Hospital",
    Detail.TYPE: "Kind of report",
}
ASK_CHANGE = "What shall I change? To drop the file instead, send CANCEL."
NOT_A_DATE = "I could not read that as a date. Please write day, month and year, like 2 May 2019; if the report names only a month, like May 2019."
FUTURE_DATE = "That date has not come yet. *What date is on the report?* Please write all of the year, like 2 May 2019."
LUNAR_DATE = "That looks like a year of the Islamic calendar, which I can't turn into ours. Please write the date like 2 May 2019."
WHICH_DATE = (
    "I can read that in two ways. *Which date do you mean?* Tap it, or write it like 2 May 2019."
)
_THIS_DATE = "*Do you mean {day}?* If not, please write the date like 2 May 2019."
_OTHER_YEARS = (
    "That looks like a year of the {calendar} calendar. *In ours it is {day}: is that right?* "
    "If not, please write the date like 2 May 2019."
)
THIS_DATE = {
    Unclear.ORDER: _THIS_DATE,
    Unclear.CENTURY: _THIS_DATE,
    Unclear.TWO_WAYS: _THIS_DATE,
    Unclear.WEEKDAY: f"{{day}} was a {{weekday}}. {_THIS_DATE}",
    Unclear.BUDDHIST: _OTHER_YEARS.replace("{calendar}", "Buddhist"),
    Unclear.PERSIAN: _OTHER_YEARS.replace("{calendar}", "Persian"),
    Unclear.JAPANESE: _OTHER_YEARS.replace("{calendar}", "Japanese"),
}
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAY_OF_MONTH = "{day} {month} {year}"
MONTH_OF_YEAR = "{month} {year}"
TIME_OF_DAY = "{time} on {day}"
WAITS = (
    (1440, "{count} day", "{count} days"),
    (60, "{count} hour", "{count} hours"),
    (1, "{count} minute", "{count} minutes"),
)
"""Minutes of a unit, and how one and many of it are written."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOT_A_HOSPITAL = "Please write the name of the hospital, clinic or lab, in 2 to 80 characters."
NOT_A_TYPE = "I don't know that kind. Please choose one from the list, or write Other."
NOT_A_CONFIRMATION = "Please tap a button, or write YES, CHANGE or CANCEL."
EDIT_UNSEEN = (
    "WhatsApp does not show me what you changed in that message. Please write it once more."
)
EDIT_TOO_LATE = "You changed an earlier message, and I can't take that over: what is filed stays as it is. To file a report anew, please send its file once more. Anything else please write as a new message."
QUESTION_CLOSED = "You deleted the message with that file, so I ask no more about it. I keep the file: write anything to go on with it, or CANCEL to drop it."
STALE = "That button belongs to an earlier question."
NOTHING_OPEN = "That question is closed already."

NOT_FILED = "I am sorry: something went wrong on my side, and I could not file your report. Please send it again."

CHECKING = (
    "I am still checking your file. Please wait a moment: I will ask you about it as soon as I can."
)
CHECKING_NEXT = "I am still checking your next file, and will ask you about it in a moment."
CHECK_WAITS = (
    "Your file arrived safely, but my virus check is not available right now. "
    "I will go on by myself as soon as it is; you need not send it again."
)
WAITS_ITS_TURN = "I have the next file too, and will ask about it afterwards."
BACKLOG = (
    "That is a lot of files. I keep them all, and ask about one after the other. STOP drops them."
)
FILED = "Filed: {type}, {hospital}, {day}."
CANCELLED = "Cancelled. I did not keep that file."
NOTHING_TO_CANCEL = "There is nothing to cancel."
STOPPED = "Stopped. Nothing is waiting to be filed now. What you filed before is still in your vault, and I will not write to you unless you write to me."
TIMED_OUT = "I waited 30 minutes for your answer, so I did not keep the report you were filing. Please send it again when you are ready."
TIMED_OUT_MANY = "I waited 30 minutes for your answer, so I did not keep the {count} files you were filing. Please send them again when you are ready."

NO_REPORTS = "Your vault is empty. Send a photo or PDF of a report to start."
LIST_HEAD = "Your reports, newest first: {first} to {last} of {total}. Tap one to get it, or send GET and its number."
LIST_MENU = "Show reports"
TYPE_MENU = "Choose the kind"
LIST_MORE = "Send MORE for the next ones."
NO_MORE = "That was the whole list. Send LIST to see it from the start."
GET_HOW = "Send GET and the number on your list, for example GET 1."
GET_UNKNOWN = "The list you saw ends at number {shown}. Send LIST to see it again."
GET_LIST_FIRST = "Here is your list first, so that we mean the same report."
GET_REFUSED = "I can't find that report in your vault. Send LIST to see what you have."
NOT_SENT = "I could not send you that report. Please ask for it again later."
SENT_LATE = "A report that you asked for earlier takes longer, so I sent the next one first. It follows as soon as I can."
REPORT_CAPTION = "{type}, {hospital}, {day}"
CONVERTED = "sent as a PDF made from your {kind} file, because WhatsApp does not carry the original"
CONVERTED_SMALLER = "sent as a PDF made from your {kind} file at half its width and height, because WhatsApp does not carry the original"
NOT_SCANNED = "not scanned"
STILL_OPEN = "Back to your report:"

TOO_LONG = "That message is too long for me. Please write it in fewer than 1,000 characters, or send HELP to see what I understand."
FILES_WAIT = (
    "You have sent a lot at once. I keep everything and go on with the rest at about {time}."
)
MESSAGES_WAIT = "You have written a lot at once. I keep everything and go on with it in a moment."

_NEW_PHONE = "I see a new phone, or WhatsApp installed anew. I can't tell that it is still you, so your vault is *locked*."
LOCKED = {
    Doubt.KEY: _NEW_PHONE,
    Doubt.REFUSED: _NEW_PHONE,
    Doubt.NUMBER: "Your WhatsApp number changed. I can't tell that it is still you, so your vault is *locked*.",
    Doubt.DESK: "Your clinic has *locked* this vault.",
    Doubt.UNTOLD: "Your vault is *locked*.",
}
LOCKED_KEEPS = "Nothing in it is lost. A report that you send now is kept until it is open again."
KEPT_WHILE_LOCKED = "I have your file."
OPEN_BY_PIN = "*To open it, send your PIN of 6 digits.*"
OPEN_BY_CLINIC = "*To open it, ask at your clinic's desk.*"
OPEN_BY_CLINIC_TOO = "Your clinic's desk can open it too."
UNLOCKED_BY_PIN = "That is right: your vault is open again. Now delete your message with the PIN from this chat: press it long, then Delete."
UNLOCKED_BY_CLINIC = "Your clinic has opened your vault again."

LEFT_BEHIND = "Did you keep reports here before, under this phone number? They are safe, and *closed*: WhatsApp now tells me in another way who you are, and I can't tell that it is still you. *Ask at your clinic's desk for them.* What you send me from now on goes into a vault of its own."

JOINED = "Your clinic has brought the reports that you kept under your phone number before into this vault. Send LIST to see all."
JOINED_PIN_GONE = "The PIN that you had is gone, since it was set for fewer reports."
UNJOINED = "Your clinic has taken reports out of this vault that it had brought here from a phone number: they are not here any more. Send LIST to see yours."

SET_PIN_BUTTON = "Set a PIN"
OFFER_PIN = "Would you like to set a PIN? On a new phone or number it opens your vault at once; without one you have to come to your clinic."
ASK_NEW_PIN = (
    "*Please write a PIN of 6 digits* that nobody would guess. CANCEL leaves all as it is."
)
ASK_CURRENT_PIN = (
    "*Please write the PIN that you have now.* Forgotten? Your clinic's desk can help."
)
PIN_FORM = "A PIN has 6 digits. Please write it once more, or CANCEL."
PIN_TOO_EASY = "That PIN is one of the first that anybody would try. Please write another one."
PIN_IS_SET = "Your PIN is set. *Now delete your message with the PIN from this chat*: press it long, then Delete. I will never ask for it unless you set it or your vault is locked."
PIN_JUST_SET = "Your PIN was set a moment ago. Please wait a minute."
PIN_UNCHANGED = "All right, nothing has changed."
PIN_WRONG = "That PIN is not right. You can try {left} more times."
PIN_WRONG_ONE_LEFT = "That PIN is not right. You can try once more."
PIN_SHUT = "There were too many wrong PINs. I take the next one in {wait}."

TOO_LARGE = "That file is over 100 MB, so I can't take it. Please send a smaller one."
UNUSABLE = "I can only keep reports as a photo or a document: PDF or a picture such as JPEG, PNG or HEIC. Please send one of these."
REFUSED_NAMED = "About “{name}”: {why}"
REFUSED_OF_MANY = "About one of your files: {why}"
_UNPACK = "That is {what}, and I can't file what is packed in it. Please unpack it and send its reports one by one, as PDF or photos."
_PRINT = "That is {what}, which can change from one opening to the next. Please save or print it as PDF, and send that."
_PICTURE = "That is {what}, which few phones can show. Please save it as JPEG and send that."
_NO_REPORT = "That is {what}, and no report. Please send a photo or PDF of the report."
OTHERS = {
    _UNPACK: {
        Verdict.IS_ZIP: "a ZIP archive",
        Verdict.IS_RAR: "a RAR archive",
        Verdict.IS_7Z: "a 7z archive",
        Verdict.IS_GZIP: "a GZIP archive",
        Verdict.IS_TAR: "a TAR archive",
    },
    _PRINT: {
        Verdict.IS_WORD: "a Word document",
        Verdict.IS_EXCEL: "an Excel sheet",
        Verdict.IS_POWERPOINT: "a PowerPoint presentation",
        Verdict.IS_OPEN_DOCUMENT: "an OpenDocument file",
        Verdict.IS_OLD_OFFICE: "a document of an older Office, such as .doc or .xls",
        Verdict.IS_RTF: "an RTF document",
        Verdict.IS_WEB_PAGE: "a web page",
        Verdict.IS_MAIL: "a saved e-mail",
        Verdict.IS_TEXT: "a plain text file",
        Verdict.IS_XML: "an XML file",
    },
    _PICTURE: {
        Verdict.IS_RAW_PHOTO: "a raw photo (DNG)",
        Verdict.IS_JPEG_XL: "a JPEG XL picture",
        Verdict.IS_JPEG_2000: "a JPEG 2000 picture",
        Verdict.IS_PHOTOSHOP: "a Photoshop file",
        Verdict.IS_DRAWING: "an SVG drawing",
    },
    _NO_REPORT: {
        Verdict.IS_CONTACT: "a contact card",
        Verdict.IS_CALENDAR: "a calendar entry",
        Verdict.IS_VIDEO: "a video",
        Verdict.IS_SOUND: "a sound recording",
        Verdict.IS_PROGRAM: "a program",
    },
}
REFUSED = {
    **{
        verdict: words.format(what=what)
        for words, named in OTHERS.items()
        for verdict, what in named.items()
    },
    Verdict.IS_DICOM: "That is a DICOM file: the images of a scan, which phones can't show. Please send the written report as PDF or photo.",
    Verdict.LOCKED_BY_CERTIFICATE: "That PDF is locked with a certificate, for certain people or programs only, so I can't check it. Please print it to PDF and send that, or photos of its pages.",
    Verdict.EMPTY: "That file is empty. Please send it again.",
    Verdict.TOO_LARGE: TOO_LARGE,
    Verdict.WRONG_KIND: "I can keep PDF files and pictures: JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF and BMP. That one is something else, whatever its name says. A photo of the report is fine.",
    Verdict.DAMAGED: "That file is damaged and can't be opened. Please send it again, or take a new photo of the report.",
    Verdict.ENCRYPTED: "That PDF is locked with a password, so I can't check it. Please send an unlocked copy, or photos of its pages.",
    Verdict.LOCKED_BY_CERTIFICATE: "That PDF is locked with a certificate, for certain people or programs only, so I can't check it. Please print it to PDF and send that, or photos of its pages.",
    Verdict.DYNAMIC_FORM: "That PDF is a form that only Adobe Reader can show: its page says “Please wait” and nothing else. Please open it there, print it to PDF and send that.",
    Verdict.PORTFOLIO: "That PDF is a portfolio: its page is only a cover, and the report is one of the files in it. Please open it, save that file and send it.",
    Verdict.UNSCANNABLE: "I could not look inside that file to check it, so I did not keep it. Please send a plain PDF or photo.",
    Verdict.INFECTED: "My virus check found something harmful in that file, so I did not keep it. Please send a photo of the report instead.",
    Verdict.HAS_SCRIPT: "That PDF contains a script, so I did not keep it. Please print it to PDF and send that.",
    Verdict.HAS_ACTION: "That PDF contains a command that can open or send something by itself, or a link to another file, so I did not keep it. Please print it to PDF and send that.",
    Verdict.HAS_ATTACHMENT: "That PDF carries another file that could act, or that I can't check, so I did not keep it. Please print it to PDF and send that.",
    Verdict.HAS_MEDIA: "That PDF contains sound, video or a 3D scene, so I did not keep it. Please print it to PDF and send that.",
    Verdict.TOO_MANY_PIXELS: "That picture has more pixels than I can handle, so I did not keep it. Please send it with fewer than 50 megapixels, or send a photo of it.",
    Verdict.EXPIRED: "WhatsApp no longer has that file. Please send it again.",
    Verdict.TOO_LATE: "You had sent so much that I did not get to that file within the 7 days for which WhatsApp keeps it. Please send it again.",
    Verdict.TOO_SLOW: "That file takes too long to look through, so I did not keep it. Please send fewer pages at a time, or photos of them.",
    Verdict.UNCHECKED: "I tried five times to check that file, and each time it took too long, so it is *not filed*. I keep it for the people who look after me. Until then, photos of its pages may be quicker to check.",
    Verdict.FAILED: "Something went wrong on my side with that file. Please send it again.",
}
KEPT_WITHOUT = {
    Verdict.HAS_SCRIPT: "Your PDF contained a script; I keep it without it.",
    Verdict.HAS_ACTION: "Your PDF contained a command that can open or send something, or a link to another file; I keep it without it.",
    Verdict.HAS_ATTACHMENT: "Your PDF carried another file that could act, or that I can't check; I keep it without it.",
    Verdict.HAS_MEDIA: "Your PDF contained sound, video or a 3D scene; I keep it without it.",
}
KIND_NAMES = {
    FileKind.PDF: "PDF",
    FileKind.JPEG: "JPEG",
    FileKind.PNG: "PNG",
    FileKind.WEBP: "WebP",
    FileKind.HEIC: "HEIC",
    FileKind.AVIF: "AVIF",
    FileKind.TIFF: "TIFF",
    FileKind.GIF: "GIF",
    FileKind.BMP: "BMP",
}
