from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.adapters.postgres import codec
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
from medvault.domain.media import ACTING, Attachment, FileKind, Verdict
from medvault.domain.outbound import Content, Document, Typing
from medvault.domain.pin import Pin
from medvault.domain.replies import Button, Reply, Row
from medvault.domain.reports import Report, ReportDetails, ReportFile, ReportType

TEXT = st.text(max_size=20)
MAYBE = st.none() | TEXT
CONTACTS = st.builds(Contact, MAYBE, MAYBE, MAYBE)
DRAFTS = st.builds(
    Draft,
    st.uuids(),
    MAYBE,
    st.none() | st.sampled_from(Verdict),
    st.none() | st.dates(),
    MAYBE,
    st.none() | st.sampled_from(ReportType),
    st.booleans(),
    st.none() | st.dates(),
    copied=st.just(False),
    removed=st.none(),
    mark=MAYBE,
    answers=st.lists(st.tuples(st.sampled_from(Step), TEXT), max_size=3).map(tuple),
)
COPIED = st.builds(
    lambda draft, removed: draft._replace(copied=True, removed=removed),
    DRAFTS,
    st.none() | st.sampled_from(sorted(ACTING)),
)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))
DEADLINES = st.integers(0, 2**52).map(lambda micros: EPOCH + timedelta(microseconds=micros))
LOCKS = st.builds(Lock, DEADLINES, st.sampled_from(Doubt), st.integers(0, 100))
SMALL = st.integers(0, 9)
PINS = st.builds(Pin, TEXT, DEADLINES, SMALL, SMALL, st.none() | DEADLINES)
KINDS = st.none() | st.sampled_from(FileKind)
LANGUAGES = st.sampled_from(["en", "es"])
IDS = st.lists(st.uuids().map(ReportId), max_size=3).map(tuple)
FILING = st.builds(
    FilingState,
    st.sampled_from(Step),
    st.none() | DRAFTS | COPIED,
    st.lists(DRAFTS | COPIED, max_size=3).map(tuple),
    st.none() | st.builds(Backlog, SMALL, st.uuids(), st.uuids()),
    st.none() | DEADLINES,
    st.lists(TEXT, max_size=3).map(tuple),
    st.integers(0, 9),
)


@st.composite
def _conversations(draw: st.DrawFn) -> Conversation:
    listed = draw(IDS)
    return Conversation(
        turn=draw(st.integers(0, 2**40)),
        greeted=draw(st.booleans()),
        filing=draw(FILING),
        browsing=BrowsingState(listed, draw(st.integers(1, 9)) if listed else 0),
        contact=draw(st.none() | CONTACTS),
        lock=draw(st.none() | LOCKS),
        pin=draw(st.none() | PINS),
        pin_question=draw(st.none() | st.sampled_from(PinQuestion)),
        said=draw(st.none() | st.tuples(TEXT, SMALL)),
        rings=draw(st.none() | DEADLINES),
        language=draw(LANGUAGES),
    )


def test_english_is_written_as_the_release_before_does() -> None:
    document = Document(ReportId(UUID(int=1)), "a.pdf", "Lab test")
    assert "language" not in codec.conversation_json(Conversation())
    assert "language" not in codec.content_json(document)
    assert codec.conversation_json(Conversation(language="es"))["language"] == "es"
    assert codec.content_json(replace(document, language="es"))["language"] == "es"


@given(_conversations())
def test_a_conversation_reads_as_it_was_written(state: Conversation) -> None:
    written = codec.dump(codec.conversation_json(state))
    assert codec.read(codec.conversation, written) == state


@given(
    st.builds(
        Reply,
        TEXT,
        st.lists(st.builds(Button, TEXT, TEXT), max_size=3).map(tuple),
        st.lists(st.builds(Row, TEXT, TEXT, TEXT), max_size=10).map(tuple),
        TEXT,
    )
    | st.builds(Typing, TEXT)
    | st.builds(
        Document,
        st.uuids(),
        TEXT,
        TEXT,
        st.none() | st.sampled_from(FileKind),
        MAYBE,
        LANGUAGES,
        st.integers(1, 30),
    )
)
def test_every_content_of_a_message_reads_as_it_was_written(content: Content) -> None:
    assert codec.read(codec.content, codec.dump(codec.content_json(content))) == content


@given(
    st.builds(ReportDetails, st.dates(), TEXT, st.sampled_from(ReportType), MAYBE),
    st.booleans(),
    st.lists(
        st.builds(ReportFile, st.uuids().map(MediaId), st.integers(1, 30), st.booleans()),
        min_size=1,
    ),
)
def test_a_report_reads_as_it_was_written(
    details: ReportDetails, scanned: bool, files: list[ReportFile]
) -> None:
    report = Report(ReportId(UUID(int=1)), details, scanned)
    written = codec.dump(codec.report_json(report, files))
    assert codec.read(codec.details, written) == details
    assert codec.read(codec.vouched, written) == (tuple(files), scanned)


def test_a_report_of_an_earlier_release_says_neither_files_nor_scan() -> None:
    earlier = b'{"date": "2020-01-02", "hospital": "x", "type": "lab", "filename": null}'
    assert codec.read(codec.vouched, earlier) == ((), None)


@given(st.builds(Attachment, TEXT, TEXT, MAYBE, MAYBE))
def test_an_attachment_reads_as_it_was_written(attachment: Attachment) -> None:
    assert codec.read(codec.attachment, codec.dump(codec.attachment_json(attachment))) == attachment


@given(CONTACTS, st.builds(Reply, TEXT))
def test_a_letter_reads_as_it_was_written(to: Contact, reply: Reply) -> None:
    assert codec.read(codec.letter, codec.dump(codec.letter_json(to, reply))) == (to, reply)


@given(CONTACTS)
def test_a_contact_reads_as_it_was_written(contact: Contact) -> None:
    assert codec.read(codec.contact, codec.dump(codec.contact_json(contact))) == contact


def test_a_conversation_of_an_earlier_version_still_reads() -> None:
    oldest = b'{"step": "idle", "turn": 3, "greeted": true}'
    assert codec.read(codec.conversation, oldest) == Conversation(turn=3, greeted=True)


def test_an_unknown_field_of_a_later_version_does_no_harm() -> None:
    later = b'{"step": "idle", "turn": 3, "greeted": true, "mood": "good"}'
    assert codec.read(codec.conversation, later) == Conversation(turn=3, greeted=True)


@pytest.mark.parametrize(
    "stored",
    [b'{"step": "surprise", "turn": 3, "greeted": true}', b"{}", b"[]", b"null", b"", b"\xff{"],
)
def test_a_state_of_no_known_form_is_an_error_and_not_a_fresh_start(stored: bytes) -> None:
    with pytest.raises(Permanent):
        codec.read(codec.conversation, stored)


def test_a_deadline_keeps_its_microseconds() -> None:
    deadline = datetime(2026, 11, 23, 9, 0, 0, 1, UTC)
    draft = Draft(MediaId(UUID(int=1)), day=date(2019, 5, 2))
    state = Conversation(filing=FilingState(Step.DATE, draft, deadline=deadline))
    read = codec.read(codec.conversation, codec.dump(codec.conversation_json(state)))
    assert read.filing.deadline == deadline
