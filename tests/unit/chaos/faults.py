"""Faults that must never be, planted into a history that is right."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from chaos.checker.evidence import InboxRow, Message, OutboxRow, Send, Status, Told
from unit.chaos.world import World

Fault = Callable[[World], None]
Row = TypeVar("Row")


def put(rows: list[Row], old: Row, **changes: Any) -> Row:
    """Replaces a row by a changed one."""
    new = replace(old, **changes)  # type: ignore[type-var]
    rows[rows.index(old)] = new
    return new


def row_of(world: World, update: Message | Status) -> InboxRow:
    """The inbox row of an update."""
    return next(row for row in world.inbox if row.key == update.key)


def texts(world: World) -> list[Message]:
    """The messages that have to be answered."""
    return [message for message in world.messages if message.type == "text"]


def pair(world: World) -> tuple[Message, Message]:
    """Two texts of one patient, the first answered before the second was told."""
    first = world.dice.choice([m for m in texts(world)[:-1] if later(world, m)])
    return first, world.dice.choice(later(world, first))


def later(world: World, message: Message) -> list[Message]:
    """The texts that the same patient wrote after a message."""
    place = world.messages.index(message)
    return [
        m for m in world.messages[place + 1 :] if m.patient == message.patient and m.type == "text"
    ]


def letters_of(world: World, message: Message) -> list[OutboxRow]:
    """All replies that were written when a message was handled."""
    row = row_of(world, message)
    return [
        one for one in world.outbox if one.subject == row.subject and one.created_at == row.done_at
    ]


def answers(world: World, message: Message) -> list[OutboxRow]:
    """Those of them that bring no report."""
    return [letter for letter in letters_of(world, message) if not letter.report]


def sent(world: World) -> Send:
    """One of the sends."""
    return world.dice.choice(world.sends)


def unsay(world: World, letters: Sequence[OutboxRow]) -> None:
    """Takes replies out of the outbox, and what became of them out of Meta's ledger."""
    ids = {letter.id for letter in letters}
    wamids = {send.wamid for send in world.sends if send.reference in ids}
    world.outbox[:] = [letter for letter in world.outbox if letter.id not in ids]
    world.sends[:] = [send for send in world.sends if send.wamid not in wamids]
    world.statuses[:] = [status for status in world.statuses if status.wamid not in wamids]


def a_message_is_lost(world: World) -> None:
    world.inbox.remove(row_of(world, world.dice.choice(world.messages)))


def a_status_is_lost(world: World) -> None:
    world.inbox.remove(row_of(world, world.dice.choice(world.statuses)))


def a_status_moves_nothing(world: World) -> None:
    send = sent(world)
    letter = next(letter for letter in world.outbox if letter.id == send.reference)
    put(world.outbox, letter, state=40)


def a_message_has_no_answer(world: World) -> None:
    unsay(world, letters_of(world, world.dice.choice(texts(world))))


def a_file_comes_to_nothing(world: World) -> None:
    file = world.dice.choice(world.media)
    message = next(m for m in world.messages if row_of(world, m).done_at == file.created_at)
    world.media.remove(file)
    world.reports[:] = [one for one in world.reports if file.id not in one.files.values()]
    unsay(world, letters_of(world, message))


def a_reply_is_said_to_be_sent(world: World) -> None:
    wamid = sent(world).wamid
    world.sends[:] = [send for send in world.sends if send.wamid != wamid]


def a_reply_is_given_up(world: World) -> None:
    """One without a report: beside a report it could be a read receipt."""
    plain = [m for m in texts(world) if answers(world, m) == letters_of(world, m)]
    letter = world.dice.choice(answers(world, world.dice.choice(plain)))
    world.sends[:] = [send for send in world.sends if send.reference != letter.id]
    put(world.outbox, letter, state=55)


def a_message_was_answered_before_it_was_written(world: World) -> None:
    row = row_of(world, world.dice.choice(world.messages))
    put(world.inbox, row, received_at=world.at(world.now + 9))


def an_update_has_two_rows(world: World) -> None:
    row = world.dice.choice(world.inbox)
    world.inbox.append(replace(row, seq=len(world.inbox) + 1))


def an_update_has_two_effects(world: World) -> None:
    message = world.dice.choice(texts(world))
    row = row_of(world, message)
    world.answers(message.patient, replace(row, done_at=world.at(world.now)))


def a_file_is_taken_twice(world: World) -> None:
    file = replace(world.dice.choice(world.media), id=world.id(), copied=False)
    world.media.append(file)
    world.objects.add(f"incoming/{file.id}")


def a_file_is_filed_twice(world: World) -> None:
    report = replace(world.dice.choice(world.reports), id=world.id())
    number = next(n for n, patient in world.patients.items() if patient == report.patient)
    world.reports.append(report)
    world.keeps(report)
    world.records(number, "report.filed", report.id)


def again(world: World, send: Send, at: float) -> None:
    """Meta takes a reply once more."""
    wamid = f"wamid.again.{len(world.sends)}"
    world.sends.append(replace(send, wamid=wamid, accepted=at))
    letter = next(letter for letter in world.outbox if letter.id == send.reference)
    put(world.outbox, letter, attempts=2)
    if letter.report:
        number = send.patient or 0
        world.records(number, "report.sent", letter.report)


def a_reply_is_sent_twice_at_once(world: World) -> None:
    send = sent(world)
    again(world, send, send.accepted + 0.1)


def a_reply_is_repeated_though_its_status_came(world: World) -> None:
    again(world, sent(world), world.now + 1000)


def an_unheard_reply_is_repeated(world: World, after: float = 121.0) -> None:
    send = sent(world)
    world.statuses[:] = [status for status in world.statuses if status.wamid != send.wamid]
    again(world, send, send.accepted + after)


def an_unheard_reply_is_repeated_too_soon(world: World) -> None:
    an_unheard_reply_is_repeated(world, after=60.0)


def a_reply_reaches_another_patient(world: World) -> None:
    send = sent(world)
    put(world.sends, send, patient=99)


def a_send_is_of_no_row(world: World) -> None:
    world.sends.append(replace(sent(world), wamid="wamid.stray", reference=world.id()))


def two_messages_change_places(world: World) -> None:
    first, second = pair(world)
    a, b = row_of(world, first), row_of(world, second)
    put(world.inbox, a, seq=b.seq)
    put(world.inbox, b, seq=a.seq)


def a_message_is_late_behind_the_broker(world: World) -> None:
    first, _ = pair(world)
    row = row_of(world, first)
    told: Told = replace(first.told, spilled=True)
    put(world.messages, first, told=told)
    put(world.inbox, row, seq=len(world.inbox) + 1, received_at=world.at(world.now))


def two_messages_are_handled_in_the_wrong_order(world: World) -> None:
    first, second = pair(world)
    a, b = row_of(world, first), row_of(world, second)
    put(world.inbox, a, done_at=b.done_at)
    put(world.inbox, b, done_at=a.done_at)


def two_replies_are_sent_in_the_wrong_order(world: World) -> None:
    first, second = pair(world)
    early = min(answers(world, second), key=lambda letter: letter.seq)
    late = max(answers(world, first), key=lambda letter: letter.seq)
    sends = {send.reference: send for send in world.sends}
    a, b = sends[late.id], sends[early.id]
    put(world.sends, a, accepted=b.accepted + 0.001)


def a_late_reply_had_been_repeated(world: World) -> None:
    before = {send.reference: send.accepted for send in world.sends}
    two_replies_are_sent_in_the_wrong_order(world)
    for letter in list(world.outbox):
        moved = [
            s for s in world.sends if s.reference == letter.id and s.accepted != before[letter.id]
        ]
        if moved:
            put(world.outbox, letter, attempts=2)


def an_object_is_left_in_incoming(world: World) -> None:
    file = world.dice.choice(world.media)
    world.objects.add(f"incoming/{world.id() if file.state == 'checked' else file.id}")


def an_object_is_a_copy_of_what_was_not_copied(world: World) -> None:
    file = world.dice.choice([file for file in world.media if not file.copied])
    world.objects.add(f"incoming/{file.id}-copy")


def an_object_is_of_no_report(world: World) -> None:
    world.objects.add(f"reports/{world.id()}")


def an_object_has_a_strange_name(world: World) -> None:
    world.objects.add("incoming/.half.part")


def an_object_is_missing(world: World) -> None:
    world.objects.remove(world.dice.choice(sorted(world.objects)))


def an_audit_entry_is_changed(world: World) -> None:
    entry = world.dice.choice(world.audit)
    put(world.audit, entry, at=world.at(world.now + 1))


def an_audit_entry_is_gone(world: World) -> None:
    entry = world.dice.choice(world.audit)
    world.audit.remove(entry)


def a_link_is_gone(world: World) -> None:
    world.links.remove(world.dice.choice(world.links))


def a_chain_lost_its_end(world: World) -> None:
    link = world.dice.choice(world.links)
    last = [one for one in world.links if one.patient == link.patient][-1]
    world.links.remove(last)


def a_report_is_filed_twice_in_the_audit(world: World) -> None:
    world.records(1, "report.filed", world.dice.choice(world.reports).id)


def a_report_is_filed_without_a_word(world: World) -> None:
    report = replace(world.dice.choice(world.reports), state="filing")
    world.reports[[one.id for one in world.reports].index(report.id)] = report


def a_report_is_sent_without_a_word(world: World) -> None:
    letter = world.dice.choice([one for one in world.outbox if one.report])
    row = next(row for row in world.inbox if row.done_at == letter.created_at)
    number = next(n for n, patient in world.patients.items() if patient == letter.patient)
    audit, links = list(world.audit), list(world.links)
    world.answers(number, row, letter.report)
    world.audit[:], world.links[:] = audit, links


def an_update_waits(world: World) -> None:
    put(world.inbox, row_of(world, world.dice.choice(world.messages)), done_at=None, outcome=None)


def a_reply_waits(world: World) -> None:
    world.letter(1, world.says(1), 10)


def a_file_waits(world: World) -> None:
    file = world.dice.choice([one for one in world.media if one.state == "checked"])
    put(world.media, file, due=True)


FOUND: dict[str, tuple[Fault, ...]] = {
    "lost": (
        a_message_is_lost,
        a_status_is_lost,
        a_status_moves_nothing,
        a_message_has_no_answer,
        a_file_comes_to_nothing,
        a_reply_is_said_to_be_sent,
        a_reply_is_given_up,
    ),
    "answered_early": (a_message_was_answered_before_it_was_written,),
    "doubled": (
        an_update_has_two_rows,
        an_update_has_two_effects,
        a_file_is_taken_twice,
        a_file_is_filed_twice,
    ),
    "doubled_to_patient": (
        a_reply_is_sent_twice_at_once,
        a_reply_is_repeated_though_its_status_came,
        an_unheard_reply_is_repeated_too_soon,
    ),
    "strayed": (a_reply_reaches_another_patient, a_send_is_of_no_row),
    "inverted": (
        two_messages_change_places,
        two_messages_are_handled_in_the_wrong_order,
        two_replies_are_sent_in_the_wrong_order,
    ),
    "orphaned": (
        an_object_is_left_in_incoming,
        an_object_is_a_copy_of_what_was_not_copied,
        an_object_is_of_no_report,
        an_object_has_a_strange_name,
    ),
    "missing": (an_object_is_missing,),
    "audit_broken": (
        an_audit_entry_is_changed,
        an_audit_entry_is_gone,
        a_link_is_gone,
        a_chain_lost_its_end,
        a_report_is_filed_twice_in_the_audit,
        a_report_is_filed_without_a_word,
        a_report_is_sent_without_a_word,
    ),
    "unfinished": (an_update_waits, a_reply_waits, a_file_waits),
}
"""Under which name each fault is found."""

ALLOWED: dict[str, Fault] = {
    "doubled_unheard": an_unheard_reply_is_repeated,
    "inverted_across_intake": a_message_is_late_behind_the_broker,
    "replies_inverted_by_a_repeat": a_late_reply_had_been_repeated,
}
"""Faults that can't be helped, and are counted apart."""
