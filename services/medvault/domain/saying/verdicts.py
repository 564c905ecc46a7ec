"""The words for verdicts on files: why one is not kept, or not as it came."""

from medvault.domain.media import FileKind, Verdict
from medvault.domain.saying.marks import N_

TOO_LARGE = N_("That file is over 100 MB, so I can't take it. Please send a smaller one.")
UNUSABLE = N_(
    "I can only keep reports as a photo or a document: PDF or a picture such as JPEG, PNG or HEIC. Please send one of these."
)
REFUSED_NAMED = N_("About “{name}”: {why}")
REFUSED_OF_MANY = N_("About one of your files: {why}")
_UNPACK = N_(
    "That is {what}, and I can't file what is packed in it. Please unpack it and send its reports one by one, as PDF or photos."
)
_PRINT = N_(
    "That is {what}, which can change from one opening to the next. Please save or print it as PDF, and send that."
)
_PICTURE = N_("That is {what}, which few phones can show. Please save it as JPEG and send that.")
_NO_REPORT = N_("That is {what}, and no report. Please send a photo or PDF of the report.")
_OTHERS = {
    _UNPACK: {
        Verdict.IS_ZIP: N_("a ZIP archive"),
        Verdict.IS_RAR: N_("a RAR archive"),
        Verdict.IS_7Z: N_("a 7z archive"),
        Verdict.IS_GZIP: N_("a GZIP archive"),
        Verdict.IS_TAR: N_("a TAR archive"),
    },
    _PRINT: {
        Verdict.IS_WORD: N_("a Word document"),
        Verdict.IS_EXCEL: N_("an Excel sheet"),
        Verdict.IS_POWERPOINT: N_("a PowerPoint presentation"),
        Verdict.IS_OPEN_DOCUMENT: N_("an OpenDocument file"),
        Verdict.IS_OLD_OFFICE: N_("a document of an older Office, such as .doc or .xls"),
        Verdict.IS_RTF: N_("an RTF document"),
        Verdict.IS_WEB_PAGE: N_("a web page"),
        Verdict.IS_MAIL: N_("a saved e-mail"),
        Verdict.IS_TEXT: N_("a plain text file"),
        Verdict.IS_XML: N_("an XML file"),
    },
    _PICTURE: {
        Verdict.IS_RAW_PHOTO: N_("a raw photo (DNG)"),
        Verdict.IS_JPEG_XL: N_("a JPEG XL picture"),
        Verdict.IS_JPEG_2000: N_("a JPEG 2000 picture"),
        Verdict.IS_PHOTOSHOP: N_("a Photoshop file"),
        Verdict.IS_DRAWING: N_("an SVG drawing"),
    },
    _NO_REPORT: {
        Verdict.IS_CONTACT: N_("a contact card"),
        Verdict.IS_CALENDAR: N_("a calendar entry"),
        Verdict.IS_VIDEO: N_("a video"),
        Verdict.IS_SOUND: N_("a sound recording"),
        Verdict.IS_PROGRAM: N_("a program"),
    },
}
FOREIGN = {
    verdict: (words, what) for words, them in _OTHERS.items() for verdict, what in them.items()
}
"""Words for a kind that no vault takes, and the name of it that goes into them."""
REFUSED = {
    Verdict.IS_DICOM: N_(
        "That is a DICOM file: the images of a scan, which phones can't show. Please send the written report as PDF or photo."
    ),
    Verdict.EMPTY: N_("That file is empty. Please send it again."),
    Verdict.TOO_LARGE: TOO_LARGE,
    Verdict.WRONG_KIND: N_(
        "I can keep PDF files and pictures: JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF and BMP. That one is something else, whatever its name says. A photo of the report is fine."
    ),
    Verdict.DAMAGED: N_(
        "That file is damaged and can't be opened. Please send it again, or take a new photo of the report."
    ),
    Verdict.ENCRYPTED: N_(
        "That PDF is locked with a password, so I can't check it. Please send an unlocked copy, or photos of its pages."
    ),
    Verdict.LOCKED_BY_CERTIFICATE: N_(
        "That PDF is locked with a certificate, for certain people or programs only, so I can't check it. Please print it to PDF and send that, or photos of its pages."
    ),
    Verdict.DYNAMIC_FORM: N_(
        "That PDF is a form that only Adobe Reader can show: its page says “Please wait” and nothing else. Please open it there, print it to PDF and send that."
    ),
    Verdict.PORTFOLIO: N_(
        "That PDF is a portfolio: its page is only a cover, and the report is one of the files in it. Please open it, save that file and send it."
    ),
    Verdict.UNSCANNABLE: N_(
        "I could not look inside that file to check it, so I did not keep it. Please send a plain PDF or photo."
    ),
    Verdict.INFECTED: N_(
        "My virus check found something harmful in that file, so I did not keep it. Please send a photo of the report instead."
    ),
    Verdict.HAS_SCRIPT: N_(
        "That PDF contains a script, so I did not keep it. Please print it to PDF and send that."
    ),
    Verdict.HAS_ACTION: N_(
        "That PDF contains a command that can open or send something by itself, or a link to another file, so I did not keep it. Please print it to PDF and send that."
    ),
    Verdict.HAS_ATTACHMENT: N_(
        "That PDF carries another file that could act, or that I can't check, so I did not keep it. Please print it to PDF and send that."
    ),
    Verdict.HAS_MEDIA: N_(
        "That PDF contains sound, video or a 3D scene, so I did not keep it. Please print it to PDF and send that."
    ),
    Verdict.TOO_MANY_PIXELS: N_(
        "That picture has more pixels than I can handle, so I did not keep it. Please send it with fewer than 50 megapixels, or send a photo of it."
    ),
    Verdict.EXPIRED: N_("WhatsApp no longer has that file. Please send it again."),
    Verdict.TOO_LATE: N_(
        "You had sent so much that I did not get to that file within the 7 days for which WhatsApp keeps it. Please send it again."
    ),
    Verdict.TOO_SLOW: N_(
        "That file takes too long to look through, so I did not keep it. Please send fewer pages at a time, or photos of them."
    ),
    Verdict.UNCHECKED: N_(
        "I tried five times to check that file, and each time it took too long, so it is *not filed*. I keep it for the people who look after me. Until then, photos of its pages may be quicker to check."
    ),
    Verdict.FAILED: N_("Something went wrong on my side with that file. Please send it again."),
}
KEPT_WITHOUT = {
    Verdict.HAS_SCRIPT: N_("Your PDF contained a script; I keep it without it."),
    Verdict.HAS_ACTION: N_(
        "Your PDF contained a command that can open or send something, or a link to another file; I keep it without it."
    ),
    Verdict.HAS_ATTACHMENT: N_(
        "Your PDF carried another file that could act, or that I can't check; I keep it without it."
    ),
    Verdict.HAS_MEDIA: N_("Your PDF contained sound, video or a 3D scene; I keep it without it."),
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
