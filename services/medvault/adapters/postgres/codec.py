"""Domain values as JSON, before they are sealed. Fields may be added, never renamed."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson

from medvault.domain.access import Role
from medvault.domain.conversation.state import (
    Backlog,
    BrowsingState,
    Conversation,
    Draft,
    FilingState,
    Lock,
    PinQuestion,
    Step,
)
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import MediaId, ReportId
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Attachment, FileKind, Verdict
from medvault.domain.outbound import Content, Document, Typing
from medvault.domain.pin import Pin
from medvault.domain.quotas import Pace
from medvault.domain.replies import Button, Reply, Row
from medvault.domain.reports import Report, ReportDetails, ReportFile, ReportType
from medvault.domain.saying.language import ENGLISH

Json = dict[str, Any]
Value = TypeVar("Value")


def dump(value: Json) -> bytes:
    """Write JSON; dates, times and ids become strings."""
    return orjson.dumps(value)


def read(form: Callable[[Json], Value], content: bytes) -> Value:
    """Read JSON as `form` does; raises `Permanent` where it holds something else."""
    try:
        return form(orjson.loads(content))
    except (AttributeError, LookupError, TypeError, ValueError):
        raise Permanent("a stored value is not of its form") from None


def contact_json(contact: Contact) -> Json:
    """Write a contact."""
    found = {"user_id": contact.user_id, "phone": contact.phone}
    return found if contact.proof is None else found | {"proof": contact.proof}


def contact(found: Json) -> Contact:
    """Read a contact."""
    return Contact(found.get("user_id"), found.get("phone"), found.get("proof"))


def conversation_json(state: Conversation) -> Json:
    """Write a conversation's state, leaving out what is empty."""
    found: Json = {"step": state.filing.step, "turn": state.turn, "greeted": state.greeted}
    found |= _filing_json(state.filing) | _protection_json(state)
    if state.browsing.listed:
        found["listed"] = [id.hex for id in state.browsing.listed]
        found["shown"] = state.browsing.shown
    if state.contact is not None:
        found["contact"] = contact_json(state.contact)
    if state.pace is not None:
        found["pace"] = state.pace
    if state.said is not None:
        found["said"] = state.said
    if state.rings is not None:
        found["rings"] = state.rings
    if state.language != ENGLISH.code:
        found["language"] = state.language
    return found


def _filing_json(filing: FilingState) -> Json:
    found: Json = {}
    if filing.draft is not None:
        found["draft"] = _draft_json(filing.draft)
    if filing.waiting:
        found["waiting"] = [_draft_json(draft) for draft in filing.waiting]
    if filing.hospitals:
        found["hospitals"] = filing.hospitals
    if filing.deadline is not None:
        found["deadline"] = filing.deadline
    if filing.backlog is not None:
        found["backlog"] = filing.backlog
    if filing.filed:
        found["filed"] = filing.filed
    return found


def _protection_json(state: Conversation) -> Json:
    found: Json = {}
    if state.lock is not None:
        lock = state.lock
        found["lock"] = {"since": lock.since, "doubt": lock.doubt, "kept": lock.kept}
    if state.pin is not None:
        found["pin"] = {
            "hashed": state.pin.hashed,
            "set_at": state.pin.set_at,
            "wrong": state.pin.wrong,
            "pauses": state.pin.pauses,
            "shut_until": state.pin.shut_until,
        }
    if state.pin_question is not None:
        found["pin_question"] = state.pin_question
    return found


def conversation(found: Json) -> Conversation:
    """Read a conversation's state."""
    known, rings = found.get("contact"), found.get("rings")
    locked, pin, question = found.get("lock"), found.get("pin"), found.get("pin_question")
    return Conversation(
        turn=found["turn"],
        greeted=found["greeted"],
        filing=_filing(found),
        browsing=_browsing(found) if "listed" in found else BrowsingState(),
        contact=contact(known) if known else None,
        lock=_lock(locked) if locked else None,
        pin=_pin(pin) if pin else None,
        pin_question=PinQuestion(question) if question else None,
        pace=_pace(found["pace"]) if "pace" in found else None,
        said=_said(found["said"]) if "said" in found else None,
        rings=datetime.fromisoformat(rings) if rings else None,
        language=found.get("language", ENGLISH.code),
    )


def _filing(found: Json) -> FilingState:
    draft, deadline = found.get("draft"), found.get("deadline")
    return FilingState(
        step=Step(found["step"]),
        draft=_draft(draft) if draft else None,
        waiting=tuple([_draft(d) for d in found.get("waiting", ())]),
        backlog=_backlog(found["backlog"]) if "backlog" in found else None,
        deadline=datetime.fromisoformat(deadline) if deadline else None,
        hospitals=tuple(found.get("hospitals", ())),
        filed=found.get("filed", 0),
    )


def _browsing(found: Json) -> BrowsingState:
    return BrowsingState(
        tuple([ReportId(UUID(id)) for id in found["listed"]]), found.get("shown", 0)
    )


def _said(found: list[Any]) -> tuple[str, int]:
    mark, turn = found
    return mark, turn


def _lock(found: Json) -> Lock:
    return Lock(datetime.fromisoformat(found["since"]), Doubt(found["doubt"]), found["kept"])


def _pin(found: Json) -> Pin:
    shut_until = found["shut_until"]
    return Pin(
        found["hashed"],
        datetime.fromisoformat(found["set_at"]),
        found["wrong"],
        found["pauses"],
        datetime.fromisoformat(shut_until) if shut_until else None,
    )


def _pace(found: Json) -> Pace:
    held_back_at = found["held_back_at"]
    return Pace(
        datetime.fromisoformat(found["until"]),
        found["replies"],
        datetime.fromisoformat(held_back_at) if held_back_at else None,
    )


def _backlog(found: Json) -> Backlog:
    return Backlog(found["count"], MediaId(UUID(found["after"])), MediaId(UUID(found["last"])))


def _draft_json(draft: Draft) -> Json:
    found: Json = {
        "media_id": draft.media_id,
        "filename": draft.filename,
        "verdict": draft.verdict,
        "day": draft.day,
        "hospital": draft.hospital,
        "type": draft.type,
    }
    if draft.whole_month:
        found["whole_month"] = True
    if draft.offered is not None:
        found["offered"] = draft.offered
    if draft.copied:
        found |= {"copied": True, "removed": draft.removed}
    if draft.mark is not None:
        found["mark"] = draft.mark
    if draft.answers:
        found["answers"] = draft.answers
    return found


def _draft(found: Json) -> Draft:
    verdict, day, kind = found.get("verdict"), found.get("day"), found.get("type")
    offered, removed = found.get("offered"), found.get("removed")
    return Draft(
        MediaId(UUID(found["media_id"])),
        found.get("filename"),
        Verdict(verdict) if verdict else None,
        date.fromisoformat(day) if day else None,
        found.get("hospital"),
        ReportType(kind) if kind else None,
        found.get("whole_month", False),
        date.fromisoformat(offered) if offered else None,
        found.get("copied", False),
        Verdict(removed) if removed else None,
        found.get("mark"),
        tuple([(Step(step), mark) for step, mark in found.get("answers", ())]),
    )


def report_json(report: Report, files: Sequence[ReportFile]) -> Json:
    """Write what a patient said of a report, which files it has, and what is to be known of it."""
    details = report.details
    found: Json = {
        "date": details.date,
        "hospital": details.hospital,
        "type": details.type,
        "filename": details.filename,
        "files": [_file_json(file) for file in files],
        "scanned": report.scanned,
    }
    if details.whole_month:
        found["whole_month"] = True
    return found


def vouched(found: Json) -> tuple[tuple[ReportFile, ...], bool | None]:
    """Read which files a report has, in order, and whether they were scanned.

    A report of the release before says neither: there are no files then, and None.
    """
    files = tuple(_file(file) for file in found.get("files", ()))
    return files, found.get("scanned")


def _file_json(file: ReportFile) -> Json:
    found: Json = {"media": file.media_id, "position": file.position}
    return found | {"copied": True} if file.copied else found


def _file(found: Json) -> ReportFile:
    return ReportFile(MediaId(UUID(found["media"])), found["position"], found.get("copied", False))


def details(found: Json) -> ReportDetails:
    """Read what a patient said of a report."""
    return ReportDetails(
        date.fromisoformat(found["date"]),
        found["hospital"],
        ReportType(found["type"]),
        found.get("filename"),
        found.get("whole_month", False),
    )


def access_json(role: Role) -> Json:
    """Write what a person is to another vault."""
    return {"role": role}


def access(found: Json) -> Role:
    """Read what a person is to another vault."""
    return Role(found["role"])


def attachment_json(attachment: Attachment) -> Json:
    """Write a file's announcement."""
    found: Json = {
        "handle": attachment.handle,
        "mime_type": attachment.mime_type,
        "sha256": attachment.sha256,
        "filename": attachment.filename,
    }
    return found if attachment.day is None else found | {"day": attachment.day}


def attachment(found: Json) -> Attachment:
    """Read a file's announcement."""
    day = found.get("day")
    return Attachment(
        found["handle"],
        found["mime_type"],
        found["sha256"],
        found["filename"],
        date.fromisoformat(day) if day else None,
    )


def letter_json(to: Contact, content: Content) -> Json:
    """Write a message with its recipient."""
    return {"to": contact_json(to), "content": content_json(content)}


def letter(found: Json) -> tuple[Contact, Content]:
    """Read a message with its recipient."""
    return contact(found["to"]), content(found["content"])


def content_json(content: Content) -> Json:
    """Write a message's content."""
    match content:
        case Reply():
            return {
                "body": content.body,
                "buttons": [(b.id, b.title) for b in content.buttons],
                "rows": [(r.id, r.title, r.description) for r in content.rows],
                "menu": content.menu,
            }
        case Typing():
            return {"typing": content.wamid}
        case Document():
            document: Json = {
                "report": content.report_id,
                "filename": content.filename,
                "caption": content.caption,
                "kind": content.kind,
                "handle": content.handle,
            }
            if content.language != ENGLISH.code:
                document["language"] = content.language
            return document if content.position == 1 else document | {"position": content.position}


def content(found: Json) -> Content:
    """Read a message's content."""
    if "typing" in found:
        return Typing(found["typing"])
    if "report" in found:
        return Document(
            ReportId(UUID(found["report"])),
            found["filename"],
            found["caption"],
            FileKind(found["kind"]) if found["kind"] else None,
            found["handle"],
            found.get("language", ENGLISH.code),
            found.get("position", 1),
        )
    return Reply(
        found["body"],
        tuple([Button(*button) for button in found["buttons"]]),
        tuple([Row(*row) for row in found["rows"]]),
        found["menu"],
    )
