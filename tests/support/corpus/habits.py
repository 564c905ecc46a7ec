"""Sound PDFs, each with one habit of producers, scanners, laboratories or signers."""

from functools import partial

from support import pdfs
from support.corpus.handwritten import CONTENT, document, link, stream, updated
from support.files import PDF, Sample

_SIGNATURE = (
    b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/%b/ByteRange[0 840 960 240]/Contents<" + b"00" * 500
    + b">/M(D:20260502103000+02'00')/Name(Dr. Roe)/Reason(Released)/Location(Lab)%b>>"
)  # fmt: skip
_FIELD = (
    b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/Rect[0 0 0 0]/F 132/P 3 0 R/V 5 0 R%b>>"
)
_FORM = b"/AcroForm<</Fields[4 0 R]/SigFlags 3%b>>"
_PROPERTIES = (
    b"/Prop_Build<</Filter<</Name/Adobe.PPKLite/Date(May)/R 131104>>/App<</Name/Lab/OS[/Win]>>>>"
)


def signed(
    kind: bytes, signature: bytes = b"", catalogue: bytes = b"", field: bytes = b"", *others: bytes
) -> bytes:
    """A PDF with a signature in its form; its value is no real one."""
    return document(
        _FORM % b"" + catalogue,
        b"/Annots[4 0 R]",
        _FIELD % field,
        _SIGNATURE % (kind, signature),
        *others,
    )


def _reference(method: bytes, parameters: bytes) -> bytes:
    return (
        b"/Reference[<</Type/SigRef/TransformMethod/%b/TransformParams<</Type/TransformParams/V/1.2%b>>>>]"
        % (
            method,
            parameters,
        )
    )


_CERTIFIED = _reference(b"DocMDP", b"/P 2")
_STORE = (
    b"/DSS<</Type/DSS/Certs[6 0 R]/OCSPs[6 0 R]/CRLs[]"
    b"/VRI<</0123456789ABCDEF0123456789ABCDEF01234567<</Cert[6 0 R]/OCSP[6 0 R]/TU(D:2026)>>>>>>"
)
_CERTIFICATE = stream(b"\x30\x82\x01\x01")

SIGNED: dict[str, bytes] = {
    "signed": signed(b"adbe.pkcs7.detached"),
    "signed for pades": signed(b"ETSI.CAdES.detached"),
    "signed with sha1": signed(b"adbe.pkcs7.sha1"),
    "signed the old way": signed(b"adbe.x509.rsa_sha1", b"/Cert(certificate)"),
    "stamped with a time": signed(b"ETSI.RFC3161"),
    "signed by acrobat": signed(b"adbe.pkcs7.detached", _PROPERTIES),
    "certified": signed(b"adbe.pkcs7.detached", _CERTIFIED, b"/Perms<</DocMDP 5 0 R>>"),
    "certified for readers": signed(
        b"adbe.pkcs7.detached", _reference(b"UR3", b"/Document[/FullSave]/Annots[/Create]"), b"/Perms<</UR3 5 0 R>>"
    ),
    "signed with fields locked": signed(
        b"adbe.pkcs7.detached", _reference(b"FieldMDP", b"/Action/All/Fields[]"), b"",
        b"/Lock<</Type/SigFieldLock/Action/Include/Fields[(a)]>>",
    ),
    "signed for the long term": signed(b"ETSI.CAdES.detached", b"", _STORE, b"", _CERTIFICATE),
    "to be signed": document(
        _FORM % b"", b"/Annots[4 0 R]",
        _FIELD.replace(b"/V 5 0 R", b"") % b"/SV<</Type/SV/Ff 1/SubFilter[/ETSI.CAdES.detached]/Reasons[(Released)]>>",
    ),
    "signed twice": updated(signed(b"adbe.pkcs7.detached"), {6: _FIELD % b"", 7: _SIGNATURE % (b"ETSI.RFC3161", b"")}),
    "signed with a picture": signed(
        b"adbe.pkcs7.detached", b"", b"", b"/AP<</N 6 0 R>>", stream(b"q Q", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    ),
    "signed, then in a store": updated(
        signed(b"ETSI.CAdES.detached"), {1: b"<</Type/Catalog/Pages 2 0 R" + _FORM % b"" + _STORE + b">>", 6: _CERTIFICATE}
    ),
}  # fmt: skip

_XMP = stream(
    b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"/><?xpacket end="w"?>',
    b"/Type/Metadata/Subtype/XML",
)
_INTENT = (
    b"/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)>>]"
)
_TAGGED = b"/MarkInfo<</Marked true>>/Lang(de-DE)/StructTreeRoot 4 0 R/ViewerPreferences<</DisplayDocTitle true>>"
_TREE = (
    b"<</Type/StructTreeRoot/K 5 0 R/RoleMap<</Sound/P/Movie/Span>>>>",
    b"<</Type/StructElem/S/Sound/P 4 0 R/Pg 3 0 R/K 0/A<</O/Layout/TextAlign/Center>>>>",
)
_LAYERS = (
    b"/OCProperties<</OCGs[4 0 R]/D<</Name(a)/Order[4 0 R]/ON[4 0 R]/RBGroups[]/Intent/View"
    b"/AS[<</Event/View/Category[/View]/OCGs[4 0 R]>>]>>>>"
)
_LAYER = (
    b"<</Type/OCG/Name(Frame)/Intent/View/Usage<</View<</ViewState/ON>>/Print<</PrintState/ON>>>>>>"
)
_OUTLINE = b"<</Type/Outlines/First 5 0 R/Last 6 0 R/Count 2>>"

HABITS: dict[str, bytes] = {
    "pdf/a": document(b"/Metadata 4 0 R" + _INTENT, b"", _XMP),
    "pdf/a with its version": document(b"/Metadata 4 0 R/Version/1.7/Extensions<</ADBE<</BaseVersion/1.7/ExtensionLevel 3>>>>" + _INTENT, b"", _XMP),
    "tagged": document(_TAGGED, b"/StructParents 0/Tabs/S", *_TREE),
    "tagged with classes": document(
        _TAGGED, b"", b"<</Type/StructTreeRoot/ClassMap<</a<</O/Layout>>>>/K[5 0 R]>>",
        b"<</S/Thread/P 4 0 R/K[<</Type/MCR/MCID 0/Pg 3 0 R>>]/C/a/A[<</O/Table/Scope/Row>>0]>>",
    ),
    "tagged with user's properties": document(
        _TAGGED, b"", b"<</Type/StructTreeRoot/K 5 0 R>>",
        b"<</Type/StructElem/S/P/P 4 0 R/A<</O/UserProperties/P[<</N(Dose)/V 3/F(3 mg)>>]>>>>",
    ),
    "of layers": document(_LAYERS, b"/Resources<</Properties<</OC0 4 0 R>>>>", _LAYER),
    "of a drawing": document(
        _LAYERS, b"/VP[<</Type/Viewport/BBox[0 0 9 9]/Measure<</Type/Measure/Subtype/RL/R(1:50)/X[<</Type/NumberFormat/U(m)/C 1/F/D>>]/D[<</U(m)/C 1>>]/A[<</U(m2)/C 1>>]>>>>]", _LAYER,
    ),
    "with bookmarks": document(
        b"/PageMode/UseOutlines/Outlines 4 0 R", b"", _OUTLINE,
        b"<</Title(a)/Parent 4 0 R/Next 6 0 R/Dest[3 0 R/XYZ 0 0 0]>>",
        b"<</Title(b)/Parent 4 0 R/Prev 5 0 R/A<</S/GoTo/D[3 0 R/Fit]>>/F 2/C[1 0 0]>>",
    ),
    "with a bookmark that turns pages": document(
        b"/Outlines 4 0 R", b"", _OUTLINE, b"<</Title(a)/Parent 4 0 R/A<</S/Named/N/LastPage>>>>",
        b"<</Title(b)/Parent 4 0 R/SE 4 0 R>>",
    ),
    "that opens at a place": document(b"/OpenAction[3 0 R/FitH 800]"),
    "that opens at a page by an action": document(b"/OpenAction<</Type/Action/S/GoTo/D[3 0 R/XYZ null null 1]>>"),
    "that opens at a name": document(b"/OpenAction<</S/GoTo/D(top)>>/Names<</Dests<</Names[(top)[3 0 R/Fit]]>>>>"),
    "that opens at an old name": document(b"/OpenAction/top/Dests<</top<</D[3 0 R/Fit]>>>>"),
    "that opens at an element": document(b"/OpenAction<</S/GoTo/D[3 0 R/Fit]/SD[4 0 R/Fit]>>", b"", b"<</S/P/P 3 0 R>>"),
    "with labels of pages": document(b"/PageLabels<</Nums[0<</S/r>>1<</S/D/P(A-)>>]>>"),
    "with a transition": document(b"/PageMode/FullScreen", b"/Dur 5/Trans<</Type/Trans/S/Fly/D 1>>"),
    "with steps of a presentation": document(b"", b"/PresSteps<</Type/NavNode/NA<</S/GoTo/D[3 0 R/Fit]>>/PA<</S/Named/N/PrevPage>>>>"),
    "with articles": document(
        b"/Threads[4 0 R]", b"/B[5 0 R]", b"<</Type/Thread/F 5 0 R/I<</Title(a)>>>>",
        b"<</Type/Bead/T 4 0 R/N 5 0 R/V 5 0 R/P 3 0 R/R[0 0 9 9]>>",
    ),
    "with a transparency group": document(
        b"", b"/Group<</Type/Group/S/Transparency/CS/DeviceRGB>>/Resources<</ExtGState<</G0<</SMask<</S/Luminosity/G 4 0 R>>>>>>>>",
        stream(b"q Q", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Group<</S/Transparency>>"),
    ),
    "with functions": document(b"/Spare 4 0 R", b"", stream(b"{2 mul}", b"/FunctionType 4/Domain[0 1]/Range[0 2]")),
    "with pieces of its program": document(
        b"/PieceInfo<</ADBE_CompoundType<</LastModified(D:2026)/Private/Header>>/Illustrator<</Private<</S/x>>>>>>"
    ),
    "with fonts called like keys": document(
        b"", b"/Resources<</Font<</F 4 0 R/A 4 0 R/AA 4 0 R/JS 4 0 R/PS 4 0 R/EF 4 0 R/Next 4 0 R/XFA 4 0 R>>>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ),
    "with an empty trigger": document(b"/AA<<>>", b"/AA<<>>"),
    "with an empty tree of scripts": document(b"/Names<</JavaScript<</Names[]>>/EmbeddedFiles<</Names[]>>>>"),
    "with an empty xfa": document(b"/AcroForm<</Fields[]/XFA[]>>"),
    "with pictures for the printer": document(
        b"/Spare 4 0 R", b"", stream(bytes(3), b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceRGB/BitsPerComponent 8/Alternates[<</Image 5 0 R/DefaultForPrinting true>>]"),
        stream(bytes(1), b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"),
    ),
    "that a page of the web became": document(
        b"/URI<</Base(https://lab.example/)>>/SpiderInfo<</V 1.0/C[]>>",
        b"/Annots[<</Subtype/Link/Rect[0 0 9 9]/Dest[3 0 R/Fit]/PA<</S/URI/URI(https://lab.example/a)>>>>]",
    ),
    "with requirements": document(b"/Requirements[<</Type/Requirement/S/OCInteract>>]"),
    "with legal notes": document(b"/Legal<</JavaScriptActions 0/LaunchActions 0/URIActions 1/ExternalStreams 0>>"),
    "with a thumbnail": document(
        b"", b"/Thumb 4 0 R", stream(bytes(3), b"/Width 1/Height 1/ColorSpace/DeviceRGB/BitsPerComponent 8")
    ),
    "with an object twice": updated(document(b"/OpenAction[3 0 R/Fit]"), {3: b"<</Type/Page/Parent 2 0 R>>"}),
    "updated": updated(document(), {4: b"<</Type/Annot>>"}),
    "updated thrice": updated(updated(updated(document(), {4: b"1"}), {4: b"2"}), {5: b"3"}),
    "with a harmless key twice": document(b"/Lang(de)/Lang(en)"),
    "with a mail's footer": document() + b"\r\n-- \r\nSent by the clinic's gateway\r\n",
    "with zeros behind it": document(b"", b"/Contents 4 0 R", stream(CONTENT)) + bytes(100_000),
    "with a line behind it": document() + b"\r\n\r\n",
    "with a page of the gateway behind it": document() + b"<!-- served in 0.03 s -->\n",
    "that ends at once": document(b"", b"/Contents 4 0 R", stream(CONTENT))[:-6],
    "of wrong offsets": document(b"", b"/Contents 4 0 R", stream(CONTENT)).replace(b"%PDF-1.4\n", b"%PDF-1.4\r\n"),
    "that says its header in a text": document(b"", b"/Contents 4 0 R", stream(b"BT (\n%PDF-1.4) Tj ET")),
    "with an attachment that is gone": document(b"/Names<</EmbeddedFiles<</Names[(a)<</Type/Filespec>>]>>>>"),
    "with a picture deflated twice": document(
        b"/Spare 4 0 R", b"", stream(stream(CONTENT * 99, deflated=True).partition(b"stream\n")[2], b"/Filter[/FlateDecode/DCTDecode]")
    ),
}  # fmt: skip

ADDRESSES = {
    "the web": b"https://lab.example/results?id=1#top",
    "the old web": b"http://www.lab.example",
    "the web in capitals": b"HTTPS://LAB.EXAMPLE",
    "the web with blanks around": b" https://lab.example ",
    "the web, with no scheme": b"www.lab.example/hours",
    "the web with an umlaut": "https://m\u00fcller.example".encode(),
    "the web in utf-16": "https://lab.example".encode("utf-16"),
    "the web, escaped": b"https://lab.example/a%20b%2fc",
    "a mail": b"mailto:info@lab.example?subject=My%20report,%20attachment%201",
    "a mail of two lines": b"mailto:info@lab.example?body=Dear%0D%0Alab",
    "a telephone": b"tel:+49 (30) 123-456",
    "a telephone, escaped": b"tel:+49%2030%20123456",
}
ANNOTATIONS = (
    *(b"Text", b"Link", b"FreeText", b"Line", b"Square", b"Circle", b"Polygon", b"PolyLine", b"Highlight"),
    *(b"Underline", b"Squiggly", b"StrikeOut", b"Caret", b"Stamp", b"Ink", b"Popup", b"Widget", b"PrinterMark"),
    *(b"TrapNet", b"Watermark", b"Redact"),
)  # fmt: skip
FIELDS = {
    "a text field": b"/FT/Tx/V(13.5)/DA(/Helv 0 Tf)/MaxLen 9",
    "a field of rich text": b"/FT/Tx/RV(<body xmlns='http://www.w3.org/1999/xhtml'><p>a</p></body>)/Ff 33554432",
    "a box to tick": b"/FT/Btn/V/Yes/AS/Yes/MK<</CA(4)/BC[0]>>/BS<</S/S/W 1>>",
    "a choice": b"/FT/Ch/Opt[(a)(b)]/V(a)/Ff 131072",
    "a button that goes to a page": b"/FT/Btn/Ff 65536/A<</S/GoTo/D[3 0 R/Fit]>>",
    "a button that turns the page": b"/FT/Btn/Ff 65536/A<</S/Named/N/NextPage>>",
    "a field with an empty trigger": b"/FT/Tx/AA<<>>",
}


def samples() -> list[Sample]:
    """All of them."""
    found = {**SIGNED, **HABITS}
    for name, address in ADDRESSES.items():
        found[f"with a link to {name}"] = document(
            b"", link(b"<</S/URI/URI<%b>>>" % address.hex().encode())
        )
    for kind in ANNOTATIONS:
        entries = b"/Annots[<</Type/Annot/Subtype/%b/Rect[0 0 9 9]/F 4/BS<</S/S/W 1>>/BE<</S/C>>/Contents(a)>>]"
        found[f"with an annotation, {kind.decode()}"] = document(b"", entries % kind)
    for name, field in FIELDS.items():
        form = b"/AcroForm<</Fields[4 0 R]/NeedAppearances true/DR<</Font<<>>>>>>"
        entries = b"<</Type/Annot/Subtype/Widget/T(a)/Rect[0 0 9 9]" + field + b">>"
        found[f"with {name}"] = document(form, b"/Annots[4 0 R]", entries)
    for name, action in {
        "a page": b"<</S/GoTo/D[3 0 R/Fit]>>",
        "the next page": b"<</S/Named/N/NextPage>>",
        "a page, then the next": b"<</S/GoTo/D(a)/Next<</S/Named/N/NextPage>>>>",
        "the web, then a page": b"<</S/URI/URI(https://lab.example)/IsMap false/Next[<</S/GoTo/D(a)>>]>>",
    }.items():
        found[f"with a click to {name}"] = document(b"", link(action, b"/Border[0 0 0]/H/I"))
    for revision in (2, 3, 4, 6):
        found[f"that forbids copying, revision {revision}"] = pdfs.locked("", revision)
    return [Sample(f"pdf {name}", PDF, partial(bytes, file)) for name, file in found.items()]
