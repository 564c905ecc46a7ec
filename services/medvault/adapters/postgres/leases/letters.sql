-- The outbox: messages to patients, leased recipient by recipient.

-- Conditions on the state are put so that only the index of turns fits where it is meant, and
-- OFFSET keeps PostgreSQL from a join: with next to nothing open in a long outbox, it believes that
-- reading all that is open costs nothing.
-- A message waits behind every older one to the same recipient that is still to be sent or due for
-- another try, but only for a while behind one whose sending was tried and not confirmed. A
-- document waits with patience for an older one that is not ready or not confirmed, and other
-- messages pass it meanwhile; the answer names the older document that it overtakes in the end.
CREATE OR REPLACE FUNCTION lease_letters(
    most integer, holds interval, waits float8[], patience interval)
RETURNS TABLE (id uuid, patient_id uuid, subject uuid, attempts smallint, content bytea, seq bigint,
    found_as smallint, repeats smallint, doubted_for interval, late uuid, late_report uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    patients uuid[] := '{}';
BEGIN
    FOR id, patient_id, subject, attempts, content, seq, found_as, repeats, doubted_for, late,
        late_report IN
        WITH due AS (
            SELECT o.id, o.subject, o.seq, o.report_id, o.state,
                o.repeats + (o.state <> {QUEUED})::integer AS repeats,
                CASE WHEN o.state <> {QUEUED} THEN coalesce(o.doubted_at, o.changed_at) END
                    AS doubted_at
            FROM public.outbox o
            WHERE o.state IN ({QUEUED}, {SENDING}, {UNCONFIRMED}) AND o.due_at <= now()
            AND NOT EXISTS (
                SELECT FROM public.outbox older
                WHERE older.subject = o.subject AND older.seq < o.seq
                AND older.state < {ACCEPTED} AND older.state <> {PARKED}
                AND (older.state > {QUEUED}
                     AND (older.due_at <= now() OR older.leased_at > now() - holds)
                     OR older.state = {QUEUED} AND NOT (
                         older.report_id IS NOT NULL AND older.attempts = 0
                         AND older.changed_at > now() - patience AND EXISTS (
                             SELECT FROM public.outbox first
                             WHERE first.subject = older.subject AND first.seq < older.seq
                             AND first.state < {ACCEPTED} AND first.state <> {PARKED}
                             AND first.report_id IS NOT NULL AND first.held_for IS NULL
                             OFFSET 0))
                     OR older.report_id IS NOT NULL AND older.held_for IS NULL
                     AND o.report_id IS NOT NULL AND o.attempts = 0
                     AND o.changed_at > now() - patience)
                OFFSET 0)
            ORDER BY o.due_at LIMIT most FOR UPDATE SKIP LOCKED
        )
        UPDATE public.outbox o SET state = {SENDING}, attempts = o.attempts + 1, leased_at = now(),
            changed_at = now(), doubted_at = due.doubted_at, repeats = due.repeats,
            due_at = now() + interval '1 second'
                * waits[least(due.repeats + 1, cardinality(waits))]
        FROM (
            SELECT due.*, older.id AS late, older.report_id AS late_report
            FROM due LEFT JOIN LATERAL (
                SELECT older.id, older.report_id FROM public.outbox older
                WHERE due.report_id IS NOT NULL AND older.subject = due.subject
                AND older.seq < due.seq AND older.state < {ACCEPTED} AND older.state <> {PARKED}
                AND older.report_id IS NOT NULL AND older.held_for IS NULL
                ORDER BY older.seq LIMIT 1
            ) older ON true
        ) due WHERE o.id = due.id
        RETURNING o.id, o.patient_id, o.subject, o.attempts, o.content, o.seq, due.state, o.repeats,
            coalesce(now() - due.doubted_at, interval '0'), due.late, due.late_report
    LOOP
        patients := patients || patient_id;
        RETURN NEXT;
    END LOOP;
    PERFORM public.open_rows(patients);
END $$;

-- Messages in doubt go before those that became due since. The next try of a message that was
-- repeated often waits longer than that.
CREATE OR REPLACE FUNCTION hasten_letters(
    sent_before timestamptz, pauses float8[], dying interval) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
    UPDATE public.outbox SET due_at = changed_at WHERE id = ANY (ARRAY(
        SELECT id FROM public.outbox
        WHERE {unindexed state} IN ({SENDING}, {UNCONFIRMED})
        AND changed_at <= sent_before AND due_at > now()
        AND (state = {UNCONFIRMED} OR changed_at <= sent_before - dying)
        AND changed_at <= now() - interval '1 second'
            * pauses[least(repeats + 1, cardinality(pauses))]
        ORDER BY changed_at LIMIT 1000 FOR UPDATE SKIP LOCKED
    ))
$$;

-- A worker that has leased a message may come back for its vault: to settle it, or to prepare it.
CREATE OR REPLACE FUNCTION open_letters(letters uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    PERFORM public.open_rows(ARRAY(
        SELECT DISTINCT patient_id FROM public.outbox
        WHERE id = ANY (letters) AND attempts > 0 AND leased_at > now() - interval '1 day'
    ));
END $$;

-- WhatsApp's statuses of messages: it names them by our own reference, or by its own. Rows are
-- locked in one order, as messages are settled while their statuses come.
CREATE OR REPLACE FUNCTION climb_letters(
    told integer[], named uuid[], known_as uuid[], reached smallint[], errors integer[],
    holds interval)
RETURNS TABLE (places integer[], id uuid, patient_id uuid, report_id uuid, state smallint,
    subject uuid, in_doubt boolean, unheard_of boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    patients uuid[] := '{}';
    took interval;
    slowest interval;
    heard integer := 0;
BEGIN
    FOR places, id, patient_id, report_id, state, subject, in_doubt, unheard_of, took IN
        WITH said AS (
            SELECT coalesce(ours.id, theirs.id) AS id, max(s.state) AS state, max(s.code) AS code,
                array_agg(s.place) AS places, (array_agg(s.wamid))[1] AS wamid
            FROM unnest(told, named, known_as, reached, errors)
                AS s (place, reference, wamid, state, code)
            LEFT JOIN public.outbox ours ON ours.id = s.reference
            LEFT JOIN public.outbox theirs ON ours.id IS NULL AND theirs.wamid = s.wamid
            GROUP BY 1
        ), held AS (
            SELECT id, wamid IS NULL AS unheard_of,
                state = {UNCONFIRMED}
                    OR state = {SENDING} AND leased_at < now() - holds AS in_doubt,
                CASE WHEN state IN ({SENDING}, {UNCONFIRMED}, {ACCEPTED}) AND repeats = 0
                     THEN now() - leased_at END AS took
            FROM public.outbox WHERE id = ANY (ARRAY(SELECT id FROM said)) ORDER BY id FOR UPDATE
        )
        UPDATE public.outbox o SET changed_at = now(), state = greatest(o.state, said.state),
            code = coalesce(said.code, o.code), wamid = coalesce(o.wamid, said.wamid)
        FROM said JOIN held ON held.id = said.id WHERE o.id = held.id
        RETURNING said.places, o.id, o.patient_id, o.report_id, o.state, o.subject, held.in_doubt,
            held.unheard_of, held.took
    LOOP
        patients := patients || patient_id;
        IF took IS NOT NULL THEN
            heard := heard + 1;
            slowest := greatest(slowest, took);
        END IF;
        RETURN NEXT;
    END LOOP;
    PERFORM public.open_rows(patients);
    IF heard > 0 THEN
        INSERT INTO public.status_delays AS d (told_at, backend, letters, longest)
        VALUES (date_trunc('second', now()), pg_backend_pid(), heard, slowest)
        ON CONFLICT (told_at, backend) DO UPDATE SET
            letters = d.letters + excluded.letters, longest = greatest(d.longest, excluded.longest);
        DELETE FROM public.status_delays WHERE (told_at, backend) IN (
            SELECT told_at, backend FROM public.status_delays
            WHERE told_at < now() - interval '1 hour'
            ORDER BY told_at LIMIT 100 FOR UPDATE SKIP LOCKED
        );
    END IF;
END $$;

-- How late the first statuses of messages came that were sent once, second by second.
CREATE OR REPLACE FUNCTION status_delays(most integer)
RETURNS TABLE (told_at timestamptz, letters integer, longest interval)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT told_at, letters, longest FROM public.status_delays
    WHERE told_at > now() - interval '1 hour' ORDER BY told_at DESC LIMIT most
$$;

-- Until when all statuses are applied that came, and how many messages they should have told of. A
-- status that is held by a worker which does not go on is not applied.
CREATE OR REPLACE FUNCTION unheard_letters(late interval, watched interval)
RETURNS TABLE (letters integer, heard_until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    lane constant uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    heard_until := least(now(), (
        SELECT min(due_at) FROM public.inbox
        WHERE subject = lane AND outcome IS NULL AND attempts = 0 AND due_at <= now()
    ), (
        SELECT min(received_at) FROM public.inbox
        WHERE subject = lane AND outcome IS NULL AND attempts > 0 AND due_at <= now()
    ));
    letters := (
        SELECT count(*) FROM (
            SELECT FROM public.outbox WHERE {unindexed state} = {ACCEPTED} AND repeats = 0
            AND leased_at > heard_until - late - watched AND leased_at <= heard_until - late
            LIMIT 1000
        ) unheard
    );
    RETURN NEXT;
END $$;

-- The query does not look for messages that are due already and wait behind an unconfirmed one.
CREATE OR REPLACE FUNCTION seconds_to_next_letter() RETURNS numeric
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT extract(epoch FROM min(due_at) - now()) FROM public.outbox
    WHERE state IN ({QUEUED}, {SENDING}, {UNCONFIRMED}) AND due_at > now()
$$;

-- A document that is to be uploaded. PostgreSQL knows nothing of a sum: with a state it would take
-- an index of what is open, which it believes to be empty, for cheaper than the primary key.
CREATE OR REPLACE FUNCTION lease_upload(letter uuid, lease interval)
RETURNS TABLE (id uuid, patient_id uuid, subject uuid, attempts smallint, content bytea, seq bigint,
    found_as smallint, repeats smallint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
BEGIN
    FOR id, patient_id, subject, attempts, content, seq, found_as, repeats IN
        UPDATE public.outbox SET attempts = attempts + 1, leased_at = now(), due_at = now() + lease
        WHERE id = letter AND {unindexed state} = {PREPARING} AND due_at <= now()
        RETURNING id, patient_id, subject, attempts, content, seq, {QUEUED}::smallint, repeats
    LOOP
        PERFORM public.open_rows(ARRAY[patient_id]);
        RETURN NEXT;
    END LOOP;
END $$;
