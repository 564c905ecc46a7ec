"""Checks of interactive messages: reply buttons, lists and links."""

from typing import Any

from medvault.simulator import limits
from medvault.simulator.errors import invalid, missing

Content = dict[str, Any]


def parse_interactive(interactive: Any) -> tuple[Content, list[tuple[str, str]]]:
    """The content that the phone shows, and the media it needs as (message type, media id).

    Raises:
        GraphError: a limit of Meta's sheet is broken.
    """
    if not isinstance(interactive, dict):
        raise missing("interactive")
    kind = interactive.get("type")
    action = interactive.get("action")
    if not isinstance(action, dict):
        raise missing("interactive['action']")
    body = interactive.get("body")
    content: Content = {
        "text": limits.text(
            body.get("text") if isinstance(body, dict) else None,
            "interactive['body']['text']",
            limits.INTERACTIVE_BODY,
        )
    }
    media = _header(interactive.get("header"), content, text_only=kind == "list")
    if (footer := interactive.get("footer")) is not None:
        content["footer"] = limits.text(
            footer.get("text") if isinstance(footer, dict) else None,
            "interactive['footer']['text']",
            limits.FOOTER_TEXT,
        )
    if kind == "button":
        content["buttons"] = _buttons(action.get("buttons"))
    elif kind == "list":
        content["list_label"] = limits.text(
            action.get("button"), "interactive['action']['button']", limits.LIST_BUTTON
        )
        content["rows"] = _rows(action.get("sections"))
    elif kind == "cta_url":
        content["link"] = _link(action.get("parameters"))
    else:
        raise invalid("Param interactive['type'] must be one of {button, list, cta_url}.")
    return content, media


def _header(header: Any, content: Content, *, text_only: bool) -> list[tuple[str, str]]:
    if header is None:
        return []
    kind = header.get("type") if isinstance(header, dict) else None
    if kind == "text":
        content["header"] = limits.text(
            header.get("text"), "interactive['header']['text']", limits.HEADER_TEXT
        )
        return []
    if text_only or kind not in ("image", "video", "document"):
        raise invalid("Param interactive['header']['type'] is not allowed here.")
    node = header.get(kind)
    media_id = node.get("id") if isinstance(node, dict) else None
    if not isinstance(media_id, str):
        raise missing(f"interactive['header']['{kind}']['id']")
    content["media_id"] = media_id
    if node.get("filename"):
        content["filename"] = node["filename"]
    return [(kind, media_id)]


def _buttons(buttons: Any) -> list[dict[str, str]]:
    name = "interactive['action']['buttons']"
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= limits.BUTTONS:
        raise invalid(f"Param {name} must hold 1 to {limits.BUTTONS} buttons.")
    found = []
    for button in buttons:
        reply = button.get("reply") if isinstance(button, dict) else None
        if not isinstance(reply, dict) or button.get("type") != "reply":
            raise invalid(f"Param {name} must hold buttons of type reply.")
        found.append(
            {
                "id": _trimmed(reply.get("id"), f"{name}['id']", limits.BUTTON_ID),
                "title": limits.text(reply.get("title"), f"{name}['title']", limits.BUTTON_TITLE),
            }
        )
    _distinct(found, "title", name)
    _distinct(found, "id", name)
    return found


def _rows(sections: Any) -> list[dict[str, str]]:
    name = "interactive['action']['sections']"
    if not isinstance(sections, list) or not 1 <= len(sections) <= limits.LIST_SECTIONS:
        raise invalid(f"Param {name} must hold 1 to {limits.LIST_SECTIONS} sections.")
    found: list[dict[str, str]] = []
    for section in sections:
        rows = section.get("rows") if isinstance(section, dict) else None
        if not isinstance(rows, list) or not rows:
            raise missing(f"{name}['rows']")
        title = limits.optional_text(
            section.get("title") or None, f"{name}['title']", limits.SECTION_TITLE
        )
        if title is None and len(sections) > 1:
            raise missing(f"{name}['title']")
        found += [_row(row, name, title) for row in rows]
    if len(found) > limits.LIST_ROWS:
        raise invalid(f"Param {name} must hold at most {limits.LIST_ROWS} rows in all.")
    _distinct(found, "id", name)
    return found


def _row(row: Any, name: str, section: str | None) -> dict[str, str]:
    if not isinstance(row, dict):
        raise invalid(f"Param {name}['rows'] must hold objects.")
    found = {
        "id": _trimmed(row.get("id"), f"{name}['rows']['id']", limits.ROW_ID),
        "title": limits.text(row.get("title"), f"{name}['rows']['title']", limits.ROW_TITLE),
    }
    description = row.get("description") or None
    if description is not None:
        found["description"] = limits.text(
            description, f"{name}['rows']['description']", limits.ROW_DESCRIPTION
        )
    if section is not None:
        found["section"] = section
    return found


def _link(parameters: Any) -> dict[str, str]:
    name = "interactive['action']['parameters']"
    if not isinstance(parameters, dict):
        raise missing(name)
    url = limits.text(parameters.get("url"), f"{name}['url']", 2000)
    if not url.startswith(("https://", "http://")):
        raise invalid(f"Param {name}['url'] must be an http or https address.")
    label = limits.text(
        parameters.get("display_text"), f"{name}['display_text']", limits.BUTTON_TITLE
    )
    return {"title": label, "url": url}


def _trimmed(value: Any, name: str, longest: int) -> str:
    found = limits.text(value, name, longest)
    if found != found.strip():
        raise invalid(f"Param {name} must not begin or end with a space.")
    return found


def _distinct(items: list[dict[str, str]], key: str, name: str) -> None:
    if len({item[key] for item in items}) != len(items):
        raise invalid(f"Param {name}: every {key} must be unique.")
