"""The checker finds faults planted into a recorded run: in PostgreSQL, bucket or Meta's ledger."""

from integration.chaos.history import History

TEXT_ROWS = """
SELECT i.seq FROM inbox i WHERE i.kind = 'message' AND i.subject = (
    SELECT subject FROM inbox WHERE kind = 'message' GROUP BY subject ORDER BY count(*) DESC LIMIT 1
) ORDER BY i.seq
"""
DOCUMENT = "SELECT id FROM outbox WHERE report_id IS NOT NULL"
REPLY = "SELECT id FROM outbox WHERE report_id IS NULL AND held_for IS NULL ORDER BY seq LIMIT 1"


def sends_of(history: History, reference: object) -> list[dict[str, object]]:
    sends = history.ledger["sends"]
    return [send for send in sends if send["biz_opaque_callback_data"] == str(reference)]


def test_a_lost_message_is_found(history: History) -> None:
    history.sql("DELETE FROM inbox WHERE seq = (SELECT min(seq) FROM inbox WHERE kind = 'message')")
    assert any("the inbox has no row" in said for said in history.check().violations)


def test_what_was_never_answered_200_is_not_lost(history: History) -> None:
    history.sql("DELETE FROM inbox WHERE kind = 'status'")
    for post in history.ledger["webhooks"]:
        if post["statuses"]:
            post["state"] = "waiting"
            post["attempts"] = [{**post["attempts"][0], "status": status} for status in (503, None)]
    found = history.check()
    assert found.violations == []
    assert found.counts["statuses"] > found.counts["statuses_applied"] == 0


def test_a_lost_status_is_found(history: History) -> None:
    history.sql("DELETE FROM inbox WHERE seq = (SELECT max(seq) FROM inbox WHERE kind = 'status')")
    assert history.check().counts["lost"] == 1


def test_a_message_that_was_handled_without_an_answer_is_found(history: History) -> None:
    seq = history.sql(TEXT_ROWS)[-1][0]
    gone = history.sql(
        "DELETE FROM outbox o USING inbox i WHERE i.seq = %s AND o.subject = i.subject"
        " AND o.created_at = i.done_at RETURNING o.id",
        seq,
    )
    assert gone
    found = history.check()
    assert any(f"inbox row {seq} was handled, and nothing" in said for said in found.violations)


def test_a_reply_that_meta_never_took_is_found(history: History) -> None:
    reply = history.one(REPLY)
    for send in sends_of(history, reply):
        history.ledger["sends"].remove(send)
    assert history.check().counts["lost"] == 1


def test_an_unanswered_patient_is_found(history: History) -> None:
    path = next(path for path in history.meta if path.endswith("/messages"))
    while history.meta[path][-1]["direction"] == "outbound":
        history.meta[path].pop()
    assert any("last words of patient 1" in said for said in history.check().violations)


def test_two_rows_of_one_update_are_found(history: History) -> None:
    history.sql("ALTER TABLE inbox DROP CONSTRAINT inbox_key_key")
    history.sql(
        "INSERT INTO inbox (key, subject, kind, received_at, done_at, outcome)"
        " SELECT key, subject, kind, received_at, done_at, outcome FROM inbox"
        " WHERE kind = 'message' ORDER BY seq LIMIT 1"
    )
    assert history.check().counts["doubled"] == 1


def test_an_update_that_was_handled_twice_is_found(history: History) -> None:
    seq = history.sql(TEXT_ROWS)[-1][0]
    history.sql("UPDATE inbox SET done_at = done_at + interval '1 second' WHERE seq = %s", seq)
    assert history.check().counts["doubled"] == 1


def test_a_report_that_was_filed_twice_is_found(history: History) -> None:
    history.sql(
        "WITH again AS ("
        " INSERT INTO reports (id, patient_id, state, scanned, sealed)"
        " SELECT gen_random_uuid(), patient_id, state, scanned, sealed FROM reports LIMIT 1"
        " RETURNING id, patient_id)"
        " INSERT INTO report_files (report_id, position, media_id, patient_id)"
        " SELECT again.id, 1, media_id, again.patient_id FROM again, report_files LIMIT 1"
    )
    assert history.check().counts["doubled"] == 1


def test_a_file_that_was_taken_twice_is_found(history: History) -> None:
    history.sql(
        "INSERT INTO media (id, patient_id, state, sealed, due_at, in_incoming, created_at)"
        " SELECT gen_random_uuid(), patient_id, 'discarded', sealed, NULL, false, created_at"
        " FROM media LIMIT 1"
    )
    assert history.check().counts["doubled"] == 1


def test_a_reply_that_meta_took_twice_is_found(history: History) -> None:
    (send,) = sends_of(history, history.one(REPLY))
    history.ledger["sends"].append({**send, "wamid": "wamid.again"})
    assert history.check().counts["doubled_to_patient"] == 1


def test_a_repeat_that_nothing_told_of_is_counted_apart(history: History) -> None:
    (send,) = sends_of(history, history.one(REPLY))
    for post in history.ledger["webhooks"]:
        post["statuses"] = [
            key for key in post["statuses"] if not key.startswith(str(send["wamid"]))
        ]
    late = float(str(send["monotonic"])) + 121
    history.ledger["sends"].append({**send, "wamid": "wamid.again", "monotonic": late})
    found = history.check()
    assert found.violations == []
    assert found.counts["doubled_unheard"] == 1


def changes_places(history: History) -> int:
    """Two messages of a patient change places; the seq of the first one as it was."""
    ((first,), (second,), *_) = history.sql(TEXT_ROWS)
    history.sql("ALTER TABLE inbox ALTER COLUMN seq DROP IDENTITY")
    history.sql("UPDATE inbox SET seq = -1 WHERE seq = %s", first)
    history.sql("UPDATE inbox SET seq = %s WHERE seq = %s", first, second)
    history.sql("UPDATE inbox SET seq = %s WHERE seq = -1", second)
    return int(first)


def test_two_messages_that_changed_places_are_found(history: History) -> None:
    changes_places(history)
    assert history.check().counts["inverted"] == 1


def test_they_are_counted_apart_where_the_broker_took_the_first_in(history: History) -> None:
    history.post(history.sql(TEXT_ROWS)[0][0])["attempts"][-1]["server_timing"] = "intake"
    changes_places(history)
    found = history.check()
    assert found.violations == []
    assert found.counts["inverted_across_intake"] == found.counts["by_intake"] == 1


def test_replies_that_meta_took_in_the_wrong_order_are_found(history: History) -> None:
    subject = history.one("SELECT subject FROM outbox GROUP BY subject ORDER BY count(*) LIMIT 1")
    rows = history.sql("SELECT id FROM outbox WHERE subject = %s ORDER BY seq", str(subject))
    sends = [send for (id,) in rows for send in sends_of(history, id)]
    times = [send["monotonic"] for send in sends]
    for send, time in zip(sends, reversed(times), strict=True):
        send["monotonic"] = time
    assert history.check().counts["inverted"] == len(sends) - 1


def test_an_answer_of_200_before_the_commit_is_found(history: History) -> None:
    history.sql("UPDATE inbox SET received_at = received_at + interval '9 seconds' WHERE seq = 1")
    assert history.check().counts["answered_early"] == 1


def test_orphaned_and_missing_objects_are_found(history: History) -> None:
    files, report = history.own_files(), history.one("SELECT id::text FROM reports LIMIT 1")
    client = files.store.client
    client.put_object(Bucket=files.name, Key=f"incoming/{report}", Body=b"left")
    client.delete_object(Bucket=files.name, Key=f"reports/{report}")
    found = history.check()
    assert (found.counts["orphaned"], found.counts["missing"]) == (1, 1)


def test_a_broken_link_is_found(history: History) -> None:
    history.sql(
        "UPDATE audit SET at = at + interval '1 us' WHERE id = (SELECT id FROM audit LIMIT 1)"
    )
    assert history.check().counts["audit_broken"] == 1


def test_a_report_that_was_sent_without_a_word_is_found(history: History) -> None:
    history.sql("DELETE FROM audit WHERE action = 'report.sent'")
    assert any("the audit knows of 0" in said for said in history.check().violations)


def test_work_that_waits_is_found(history: History) -> None:
    history.sql("UPDATE inbox SET done_at = NULL, outcome = NULL WHERE seq = 1")
    history.sql("UPDATE media SET due_at = now() WHERE state = 'checked'")
    history.sql("INSERT INTO audit_unlinked SELECT id FROM audit LIMIT 1")
    found = history.check()
    assert found.counts["unfinished"] == 3
    assert "1 inbox rows of kind message wait" in found.violations


def test_a_reply_to_another_patient_is_found(history: History) -> None:
    reply = history.one(REPLY)
    (send,) = sends_of(history, reply)
    chats = [chat for path, chat in history.meta.items() if path.endswith("/messages")]
    (owner,) = [chat for chat in chats if any(one["wamid"] == send["wamid"] for one in chat)]
    (bubble,) = [one for one in owner if one["wamid"] == send["wamid"]]
    owner.remove(bubble)
    next(chat for chat in chats if chat is not owner).insert(0, bubble)
    found = history.check()
    assert found.counts["strayed"] == 1
    assert str(reply) in found.table()
