-- The outbox: who is sent what, leased recipient by recipient.

-- Conditions on the state are put so that only the index of turns fits where it is meant, and
-- OFFSET keeps PostgreSQL from a join: with next to nothing open in a long outbox, it believes that
-- reading all that is open costs nothing.
-- A message waits behind every older one to the same recipient that is still to be sent or due for
-- another try, but only for a while behind one whose sending was tried and not confirmed.
CREATE OR REPLACE FUNCTION lease_letters(most integer, holds interval, repeat_after interval)
RETURNS TABLE (id uuid, patient_id uuid, subject uuid, attempts smallint, content bytea, seq bigint,
    found_as smallint, repeats smallint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    patients uuid[] := '{}';
BEGIN
    FOR id, patient_id, subject, attempts, content, seq, found_as, repeats IN
        WITH due AS (
            SELECT o.id, o.state FROM public.outbox o
            WHERE o.state IN (10, 20, 30) AND o.due_at <= now() AND NOT EXISTS (
                SELECT FROM public.outbox older
                WHERE older.subject = o.subject AND older.seq < o.seq
                AND older.state < 40 AND older.state NOT IN (0, 5)
                AND (older.state = 10 OR older.due_at <= now()
                     OR older.leased_at > now() - holds)
                OFFSET 0)
            ORDER BY o.due_at LIMIT most FOR UPDATE SKIP LOCKED
        )
        UPDATE public.outbox o SET state = 20, attempts = o.attempts + 1, leased_at = now(),
            changed_at = now(), due_at = now() + repeat_after,
            repeats = o.repeats + CASE WHEN due.state = 10 THEN 0 ELSE 1 END
        FROM due WHERE o.id = due.id
        RETURNING o.id, o.patient_id, o.subject, o.attempts, o.content, o.seq, due.state, o.repeats
    LOOP
        patients := patients || patient_id;
        RETURN NEXT;
    END LOOP;
    PERFORM public.open_rows(patients);
END $$;

-- Whoever has leased a message may come back for its vault: to settle it, or to prepare it.
CREATE OR REPLACE FUNCTION open_letters(letters uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    PERFORM public.open_rows(ARRAY(
        SELECT DISTINCT patient_id FROM public.outbox
        WHERE id = ANY (letters) AND attempts > 0 AND leased_at > now() - interval '1 day'
    ));
END $$;

-- What WhatsApp says of messages: it names them by our own reference, or by its own. Rows are
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
BEGIN
    FOR places, id, patient_id, report_id, state, subject, in_doubt, unheard_of IN
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
                state = 30 OR state = 20 AND leased_at < now() - holds AS in_doubt
            FROM public.outbox WHERE id = ANY (ARRAY(SELECT id FROM said)) ORDER BY id FOR UPDATE
        )
        UPDATE public.outbox o SET changed_at = now(), state = greatest(o.state, said.state),
            code = coalesce(said.code, o.code), wamid = coalesce(o.wamid, said.wamid)
        FROM said JOIN held ON held.id = said.id WHERE o.id = held.id
        RETURNING said.places, o.id, o.patient_id, o.report_id, o.state, o.subject, held.in_doubt,
            held.unheard_of
    LOOP
        patients := patients || patient_id;
        RETURN NEXT;
    END LOOP;
    PERFORM public.open_rows(patients);
END $$;

-- What is due already and waits behind an unconfirmed one is not looked for.
CREATE OR REPLACE FUNCTION seconds_to_next_letter() RETURNS numeric
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT extract(epoch FROM min(due_at) - now()) FROM public.outbox
    WHERE state IN (10, 20, 30) AND due_at > now()
$$;

-- A document that is to be uploaded. Of a sum PostgreSQL knows nothing: with a state it would take
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
        WHERE id = letter AND state + 0 = 0 AND due_at <= now()
        RETURNING id, patient_id, subject, attempts, content, seq, 10::smallint, repeats
    LOOP
        PERFORM public.open_rows(ARRAY[patient_id]);
        RETURN NEXT;
    END LOOP;
END $$;
