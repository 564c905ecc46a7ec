"""Whether XML is mere data: FHIR, CDA, invoices. Not what a browser or an office would run."""

import re
from typing import Any
from xml.parsers import expat

_OF_PROGRAMS = (
    *("http://www.w3.org/1999/xsl/", "http://www.w3.org/2000/svg", "http://www.w3.org/2001/smil"),
    *(
        "http://www.w3.org/2001/xinclude",
        "http://www.w3.org/2002/xforms",
        "http://ns.adobe.com/xdp",
    ),
    *("http://schemas.microsoft.com/office/", "http://schemas.microsoft.com/winfx/"),
    *("urn:schemas-microsoft-com:office", "urn:schemas-microsoft-com:xslt"),
    *("urn:schemas-microsoft-com:vml", "urn:schemas-microsoft-com:time"),
    *(
        "urn:oasis:names:tc:opendocument:",
        "http://www.mozilla.org/keymaster",
        "http://www.xfa.org/",
    ),
)
_XHTML = "http://www.w3.org/1999/xhtml"
_FORMATTING = {  # elements that a narrative of FHIR may hold (R5 §2.4.0)
    *("div", "p", "span", "br", "hr", "b", "i", "em", "strong", "small", "big", "tt", "u", "s"),
    *("sub", "sup", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th"),
    *("a", "img", "pre", "code", "samp", "kbd", "var", "q", "cite", "blockquote", "abbr"),
    *("acronym", "address", "dfn", "ins", "del", "bdo"),
}
_RUNS = re.compile(r"\s*(javascript|vbscript|data:text|file|\\\\)", re.IGNORECASE)
# CDA names the stylesheet of its sender; a bare name reaches nothing but its own folder.
_STYLESHEET = re.compile(r"""[^<>]*\bhref=(["'])[\w.-]+\1[^<>]*""")


class _ActsError(Exception):
    """The document can do more than be read."""


def is_data(content: bytes) -> bool:
    """Whether this is well-formed XML without a DTD that nothing runs.

    A DTD is refused for its entities and for what it fetches; the only processing instruction that
    is taken is a stylesheet in the same folder, as CDA has it.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse
    parser.ProcessingInstructionHandler = _instruction
    parser.StartElementHandler = _element
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, _ActsError, LookupError, ValueError):
        return False
    return True


def _refuse(*_: Any) -> None:
    raise _ActsError


def _instruction(target: str, data: str) -> None:
    if target != "xml-stylesheet" or not _STYLESHEET.fullmatch(data) or data.count("href") > 1:
        raise _ActsError


def _element(qualified: str, attributes: dict[str, str]) -> None:
    space, _, local = qualified.rpartition(" ")
    if local.lower() == "html" or space.lower().startswith(_OF_PROGRAMS):
        raise _ActsError
    if space != _XHTML:
        return
    events = any(key.lower().startswith("on") for key in attributes)
    if local not in _FORMATTING or events or any(map(_RUNS.match, attributes.values())):
        raise _ActsError
