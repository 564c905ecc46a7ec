"""The words a patient reads, in English. Short, plain, and always with what to do next.

They are the message ids of other languages' catalogues, marked for Babel; only `rendering` says
them. Words for verdicts on files are in `verdicts`.
"""

from medvault.domain.date_doubts import Unclear
from medvault.domain.identity import Doubt
from medvault.domain.reports import Detail, ReportType
from medvault.domain.saying.marks import N_, Counted, Within

TYPE_NAMES = {
    # Translators: the name of a kind has 24 characters at most, its description 72.
    ReportType.LAB: (N_("Lab test"), N_("Blood, urine, biopsy")),
    ReportType.IMAGING: (N_("Scan or X-ray"), N_("X-ray, CT, MRI, ultrasound")),
    ReportType.PRESCRIPTION: (N_("Prescription"), N_("Medicines and doses")),
    ReportType.DISCHARGE: (N_("Discharge summary"), N_("After a hospital stay")),
    ReportType.CONSULTATION: (N_("Consultation"), N_("A doctor's notes or letter")),
    ReportType.VACCINATION: (N_("Vaccination"), N_("Immunisation record")),
    ReportType.INVOICE: (N_("Bill or receipt"), N_("Invoice, insurance")),
    ReportType.OTHER: (N_("Other"), N_("Anything else")),
}

WELCOME = N_(
    "Welcome to your medical vault. Send me a photo or PDF of a report: I check it, encrypt it, and give "
    "it back only to you, whenever you ask. Reports travel through WhatsApp, so send only what you are "
    "happy to send this way. I am a machine and no help in an emergency. "
    "Send HELP to see all I can do."
)
HINT = N_("Send a photo or PDF of a report and I will keep it. To see what you have, send LIST.")
# Translators: capitals are commands; use words of the lexicon.
HELP = N_(
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
CONTACT = N_("A person can help you: {contact}")
# Translators: a button, 20 characters at most.
MY_REPORTS = N_("My reports")
# Translators: a button, 20 characters at most.
HELP_BUTTON = N_("Help")

ASK_DATE = N_("*What date is on the report?* For example 2 May 2019.")
HAVE_FILE = N_("I have your file.")
HAVE_NAMED_FILE = N_("I have your file “{name}”.")
FILES_BEHIND = Counted("One more waits its turn.", "{count} more wait their turn.")
ASK_HOSPITAL = N_("Date: {day}. *Which hospital, clinic or lab is it from?*")
KNOWN_HOSPITALS = N_("Tap one of these, or write another name:")
ASK_TYPE = N_("From: {hospital}. *What kind of report is it?*")
ASK_CONFIRM = N_("*Please check:*\nDate: {day}\nFrom: {hospital}\nKind: {type}\n\nShall I file it?")
# Translators: a button, 20 characters at most.
FILE_IT = N_("File it")
# Translators: a button, 20 characters at most.
CHANGE = N_("Change")
# Translators: a button, 20 characters at most.
CANCEL = N_("Cancel")
# Translators: a button, 20 characters at most.
TODAY = N_("Today")
# Translators: a button, 20 characters at most.
YESTERDAY = N_("Yesterday")
TOPICS = {
    # Translators: a button, 20 characters at most.
    Detail.DATE: N_("Date"),
    # Translators: a button, 20 characters at most.
    Detail.HOSPITAL: N_("Hospital"),
    # Translators: a button, 20 characters at most.
    Detail.TYPE: N_("Kind of report"),
}
ASK_CHANGE = N_("What shall I change? To drop the file instead, send CANCEL.")
NOT_A_DATE = N_(
    "I could not read that as a date. Please write day, month and year, like 2 May 2019; if the report names only a month, like May 2019."
)
FUTURE_DATE = N_(
    "That date has not come yet. *What date is on the report?* Please write all of the year, like 2 May 2019."
)
LUNAR_DATE = N_(
    "That looks like a year of the Islamic calendar, which I can't turn into ours. Please write the date like 2 May 2019."
)
WHICH_DATE = N_(
    "I can read that in two ways. *Which date do you mean?* Tap it, or write it like 2 May 2019."
)
THIS_DATE = N_("*Do you mean {day}?* If not, please write the date like 2 May 2019.")
DOUBTS = {
    Unclear.WEEKDAY: N_(
        "{day} was a {weekday}. *Do you mean {day}?* If not, please write the date like 2 May 2019."
    ),
    Unclear.BUDDHIST: N_(
        "That looks like a year of the Buddhist calendar. *In ours it is {day}: is that right?* If not, please write the date like 2 May 2019."
    ),
    Unclear.PERSIAN: N_(
        "That looks like a year of the Persian calendar. *In ours it is {day}: is that right?* If not, please write the date like 2 May 2019."
    ),
    Unclear.JAPANESE: N_(
        "That looks like a year of the Japanese calendar. *In ours it is {day}: is that right?* If not, please write the date like 2 May 2019."
    ),
}
"""How a date is offered that is in doubt for another reason than its order or century."""
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"),
    N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip
DAY_OF_MONTH = N_("{day} {month} {year}")
MONTH_OF_YEAR = N_("{month} {year}")
# Translators: a button or row: no longer than "30 September 2019", to leave room for a number.
DAY_IN_TITLE = Within("title", "{day} {month} {year}")
MONTH_IN_TITLE = Within("title", "{month} {year}")
TIME_OF_DAY = N_("{time} on {day}")
WAITS = (
    (1440, Counted("{count} day", "{count} days")),
    (60, Counted("{count} hour", "{count} hours")),
    (1, Counted("{count} minute", "{count} minutes")),
)
"""Minutes of a unit, and how a number of it is written."""
WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
NOT_A_HOSPITAL = N_("Please write the name of the hospital, clinic or lab, in 2 to 80 characters.")
NOT_A_TYPE = N_("I don't know that kind. Please choose one from the list, or write Other.")
NOT_A_CONFIRMATION = N_("Please tap a button, or write YES, CHANGE or CANCEL.")
EDIT_UNSEEN = N_(
    "WhatsApp does not show me what you changed in that message. Please write it once more."
)
EDIT_TOO_LATE = N_(
    "You changed an earlier message, and I can't take that over: what is filed stays as it is. To file a report anew, please send its file once more. Anything else please write as a new message."
)
QUESTION_CLOSED = N_(
    "You deleted the message with that file, so I ask no more about it. I keep the file: write anything to go on with it, or CANCEL to drop it."
)
STALE = N_("That button belongs to an earlier question.")
NOTHING_OPEN = N_("That question is closed already.")

NOT_FILED = N_(
    "I am sorry: something went wrong on my side, and I could not file your report. Please send it again."
)

CHECKING = N_(
    "I am still checking your file. Please wait a moment: I will ask you about it as soon as I can."
)
CHECKING_NEXT = N_("I am still checking your next file, and will ask you about it in a moment.")
CHECK_WAITS = N_(
    "Your file arrived safely, but my virus check is not available right now. "
    "I will go on by myself as soon as it is; you need not send it again."
)
WAITS_ITS_TURN = N_("I have the next file too, and will ask about it afterwards.")
BACKLOG = N_(
    "That is a lot of files. I keep them all, and ask about one after the other. STOP drops them."
)
FILED = N_("Filed: {type}, {hospital}, {day}.")
CANCELLED = N_("Cancelled. I did not keep that file.")
NOTHING_TO_CANCEL = N_("There is nothing to cancel.")
STOPPED = N_(
    "Stopped. Nothing is waiting to be filed now. What you filed before is still in your vault, and I will not write to you unless you write to me."
)
TIMED_OUT = Counted(
    "I waited 30 minutes for your answer, so I did not keep the report you were filing. Please send it again when you are ready.",
    "I waited 30 minutes for your answer, so I did not keep the {count} files you were filing. Please send them again when you are ready.",
)

NO_REPORTS = N_("Your vault is empty. Send a photo or PDF of a report to start.")
LIST_HEAD = N_(
    "Your reports, newest first: {first} to {last} of {total}. Tap one to get it, or send GET and its number."
)
# Translators: a button, 20 characters at most.
LIST_MENU = N_("Show reports")
# Translators: a button, 20 characters at most.
TYPE_MENU = N_("Choose the kind")
LIST_MORE = N_("Send MORE for the next ones.")
NO_MORE = N_("That was the whole list. Send LIST to see it from the start.")
GET_HOW = N_("Send GET and the number on your list, for example GET 1.")
GET_UNKNOWN = N_("The list you saw ends at number {shown}. Send LIST to see it again.")
GET_LIST_FIRST = N_("Here is your list first, so that we mean the same report.")
GET_REFUSED = N_("I can't find that report in your vault. Send LIST to see what you have.")
NOT_SENT = N_("I could not send you that report. Please ask for it again later.")
SENT_LATE = N_(
    "A report that you asked for earlier takes longer, so I sent the next one first. It follows as soon as I can."
)
REPORT_CAPTION = N_("{type}, {hospital}, {day}")
CONVERTED = N_(
    "sent as a PDF made from your {kind} file, because WhatsApp does not carry the original"
)
CONVERTED_SMALLER = N_(
    "sent as a PDF made from your {kind} file at half its width and height, because WhatsApp does not carry the original"
)
NOT_SCANNED = N_("not scanned")
STILL_OPEN = N_("Back to your report:")

TOO_LONG = N_(
    "That message is too long for me. Please write it in fewer than 1,000 characters, or send HELP to see what I understand."
)
FILES_WAIT = N_(
    "You have sent a lot at once. I keep everything and go on with the rest at about {time}."
)
MESSAGES_WAIT = N_(
    "You have written a lot at once. I keep everything and go on with it in a moment."
)

_NEW_PHONE = N_(
    "I see a new phone, or WhatsApp installed anew. I can't tell that it is still you, so your vault is *locked*."
)
LOCKED = {
    Doubt.KEY: _NEW_PHONE,
    Doubt.REFUSED: _NEW_PHONE,
    Doubt.NUMBER: N_(
        "Your WhatsApp number changed. I can't tell that it is still you, so your vault is *locked*."
    ),
    Doubt.DESK: N_("Your clinic has *locked* this vault."),
    Doubt.UNTOLD: N_("Your vault is *locked*."),
}
LOCKED_KEEPS = N_(
    "Nothing in it is lost. A report that you send now is kept until it is open again."
)
KEPT_WHILE_LOCKED = N_("I have your file.")
OPEN_BY_PIN = N_("*To open it, send your PIN of 6 digits.*")
OPEN_BY_CLINIC = N_("*To open it, ask at your clinic's desk.*")
OPEN_BY_CLINIC_TOO = N_("Your clinic's desk can open it too.")
UNLOCKED_BY_PIN = N_(
    "That is right: your vault is open again. Now delete your message with the PIN from this chat: press it long, then Delete."
)
UNLOCKED_BY_CLINIC = N_("Your clinic has opened your vault again.")

LEFT_BEHIND = N_(
    "Did you keep reports here before, under this phone number? They are safe, and *closed*: WhatsApp now tells me in another way who you are, and I can't tell that it is still you. *Ask at your clinic's desk for them.* What you send me from now on goes into a vault of its own."
)

JOINED = N_(
    "Your clinic has brought the reports that you kept under your phone number before into this vault. Send LIST to see all."
)
JOINED_PIN_GONE = N_("The PIN that you had is gone, since it was set for fewer reports.")
UNJOINED = N_(
    "Your clinic has taken reports out of this vault that it had brought here from a phone number: they are not here any more. Send LIST to see yours."
)

# Translators: a button, 20 characters at most.
SET_PIN_BUTTON = N_("Set a PIN")
OFFER_PIN = N_(
    "Would you like to set a PIN? On a new phone or number it opens your vault at once; without one you have to come to your clinic."
)
ASK_NEW_PIN = N_(
    "*Please write a PIN of 6 digits* that nobody would guess. CANCEL leaves all as it is."
)
ASK_CURRENT_PIN = N_(
    "*Please write the PIN that you have now.* Forgotten? Your clinic's desk can help."
)
PIN_FORM = N_("A PIN has 6 digits. Please write it once more, or CANCEL.")
PIN_TOO_EASY = N_("That PIN is one of the first that anybody would try. Please write another one.")
PIN_IS_SET = N_(
    "Your PIN is set. *Now delete your message with the PIN from this chat*: press it long, then Delete. I will never ask for it unless you set it or your vault is locked."
)
PIN_JUST_SET = N_("Your PIN was set a moment ago. Please wait a minute.")
PIN_UNCHANGED = N_("All right, nothing has changed.")
PIN_WRONG = Counted(
    "That PIN is not right. You can try once more.",
    "That PIN is not right. You can try {count} more times.",
)
PIN_SHUT = N_("There were too many wrong PINs. I take the next one in {wait}.")
