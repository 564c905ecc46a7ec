"""PDFs of programs that lay out whole documents: a browser, a typesetter, a maker of bills."""

import shutil
from collections.abc import Mapping
from functools import cache

import facturx
import typst
from playwright.sync_api import sync_playwright

_REPORT = """<html lang=en><title>Report</title><h1>Results</h1>
<p><a href="https://lab.example">our page</a> <a href="#b">below</a></p>
<form><input name=a value=Anna></form><table id=b><tr><th>Haemoglobin<td>13.5</table>"""
_SOURCE = b"""#set document(title: "Report")
= Results
#link("https://lab.example")[our page]
#table(columns: 2, [Haemoglobin], [13.5])"""
_LEVELS = ("minimum", "basicwl", "basic", "en16931", "extended")
_ID = "urn:un:unece:uncefact:data:standard"
_BILL = f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="{_ID}:CrossIndustryInvoice:100"
 xmlns:ram="{_ID}:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="{_ID}:UnqualifiedDataType:100">
<rsm:ExchangedDocument><ram:ID>1</ram:ID><ram:TypeCode>380</ram:TypeCode><ram:IssueDateTime>
<udt:DateTimeString format="102">20260502</udt:DateTimeString></ram:IssueDateTime>
</rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement>
<ram:SellerTradeParty><ram:Name>Lab</ram:Name></ram:SellerTradeParty>
<ram:BuyerTradeParty><ram:Name>Anna</ram:Name></ram:BuyerTradeParty>
</ram:ApplicableHeaderTradeAgreement></rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>""".encode()


@cache
def pages() -> dict[str, bytes]:
    """The PDFs that Chromium prints and that Typst sets."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page()
        page.set_content(_REPORT)
        found = {
            "chromium": page.pdf(),
            "chromium, tagged": page.pdf(tagged=True, outline=True, landscape=True),
        }
        browser.close()
    found["typst"] = typst.compile(_SOURCE)
    found["typst, pdf/a"] = typst.compile(_SOURCE, pdf_standards=["a-2b"])
    return found


def bills(bases: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """PDF/A-3 with the data of a bill, as Factur-X and ZUGFeRD have it, of each level."""
    carried = list(bases.values())
    return {
        f"factur-x, {level}": facturx.generate_from_binary(
            carried[number],
            _BILL,
            level=level,
            flavor="factur-x",
            check_xsd=False,
            check_schematron=False,
        )
        for number, level in enumerate(_LEVELS)
    }
