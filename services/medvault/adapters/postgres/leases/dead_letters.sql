-- Dead letters: noted of what is leased, and leased by administrators one by one.

-- A letter that dies a second time, after a replay, lies there again.
CREATE OR REPLACE FUNCTION bury(
    letter uuid, its_kind text, its_reason text, its_error text, tries integer, since timestamptz,
    sealed bytea DEFAULT NULL) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO public.dead_letters (id, kind, reason, error, attempts, began_at, content)
    VALUES (letter, its_kind, its_reason, its_error, tries, since, sealed)
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, reason = excluded.reason,
        error = excluded.error, attempts = excluded.attempts, began_at = excluded.began_at,
        died_at = now(), content = excluded.content, ended_at = NULL, ending = NULL
$$;

CREATE OR REPLACE FUNCTION bury_updates(
    seqs bigint[], kinds text[], reasons text[], errors text[], tries smallint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    mine constant uuid[] := public.bound();
    dead record;
BEGIN
    FOR dead IN
        UPDATE public.inbox i SET done_at = now(), attempts = d.attempts,
            outcome = CASE d.kind WHEN 'kept' THEN 'kept' ELSE 'dead' END
        FROM unnest(seqs, kinds, reasons, errors, tries) AS d (seq, kind, reason, error, attempts)
        WHERE i.seq = d.seq AND coalesce(i.subject = ANY (mine), true)
        RETURNING i.key, d.kind, d.reason, d.error, d.attempts, i.received_at
    LOOP
        PERFORM public.bury(
            dead.key, dead.kind, dead.reason, dead.error, dead.attempts, dead.received_at);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION bury_state(patient uuid, reason text, error text, tries integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.require_opened(ARRAY[patient]);
    PERFORM public.bury(patient, 'conversation', reason, error, tries, now(), c.sealed)
    FROM public.conversations c WHERE c.patient_id = patient;
END $$;

CREATE OR REPLACE FUNCTION bury_file(file uuid, reason text, error text, tries integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.bury(file, 'file', reason, error, tries, m.created_at)
    FROM public.media m WHERE m.id = file AND coalesce(m.patient_id = ANY (public.bound()), true);
END $$;

CREATE OR REPLACE FUNCTION bury_replies(letters uuid[], reasons text[], errors text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    mine constant uuid[] := public.bound();
BEGIN
    PERFORM public.bury(o.id, 'reply', d.reason, d.error, o.attempts, o.created_at)
    FROM unnest(letters, reasons, errors) AS d (id, reason, error)
    JOIN public.outbox o ON o.id = d.id AND o.state = {FAILED}
    WHERE coalesce(o.patient_id = ANY (mine), true);
END $$;

CREATE OR REPLACE FUNCTION bury_webhook(
    webhook uuid, reason text, error text, most integer, sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tries integer;
BEGIN
    DELETE FROM public.webhook_tries WHERE id = webhook RETURNING attempts INTO tries;
    PERFORM public.bury(
        webhook, 'webhook', reason, error, coalesce(least(tries, most), 0), now(), sealed);
END $$;

-- Counts a try of what was handed over again, which has been tried before, uncounted; null for a
-- webhook that is buried already.
CREATE OR REPLACE FUNCTION count_webhook(webhook uuid) RETURNS smallint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO public.webhook_tries AS t (id, attempts)
    SELECT webhook, 2 WHERE NOT EXISTS (
        SELECT FROM public.dead_letters WHERE id = webhook AND ended_at IS NULL
    )
    ON CONFLICT (id) DO UPDATE SET attempts = t.attempts + 1 RETURNING attempts
$$;

CREATE OR REPLACE FUNCTION open_dead_letters()
RETURNS TABLE (kind text, count bigint, age_seconds numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.kind, count(*), extract(epoch FROM now() - min(d.died_at)) FROM public.dead_letters d
    WHERE d.ended_at IS NULL GROUP BY d.kind
$$;

CREATE OR REPLACE FUNCTION list_dead_letters(wanted text, age interval, most integer)
RETURNS TABLE (id uuid, kind text, reason text, error text, attempts smallint,
    began_at timestamptz, died_at timestamptz, ending text, ended_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.id, d.kind, d.reason, d.error, d.attempts, d.began_at, d.died_at, d.ending, d.ended_at
    FROM public.dead_letters d WHERE d.ended_at IS NULL AND d.died_at <= now() - age
    AND (wanted IS NULL OR d.kind = wanted)
    ORDER BY d.died_at, d.id LIMIT most
$$;

-- An administrator takes one: opened are the letter, and whose it is, which may be nobody's.
CREATE OR REPLACE FUNCTION lease_dead_letter(letter uuid)
RETURNS TABLE (id uuid, kind text, reason text, error text, attempts smallint,
    began_at timestamptz, died_at timestamptz, ending text, ended_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    nobody constant uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    FOR id, kind, reason, error, attempts, began_at, died_at, ending, ended_at IN
        SELECT d.id, d.kind, d.reason, d.error, d.attempts, d.began_at, d.died_at, d.ending,
            d.ended_at
        FROM public.dead_letters d WHERE d.id = letter FOR UPDATE
    LOOP
        PERFORM public.open_rows(ARRAY[letter, nobody] || ARRAY(
            SELECT c.patient_id FROM public.conversations c WHERE c.patient_id = letter
            UNION SELECT m.patient_id FROM public.media m WHERE m.id = letter
            UNION SELECT o.patient_id FROM public.outbox o WHERE o.id = letter
            UNION SELECT i.subject FROM public.inbox i WHERE i.key = letter
            UNION SELECT c.patient_id FROM public.inbox i
                JOIN public.conversations c ON c.subject = i.subject WHERE i.key = letter
        ));
        RETURN NEXT;
    END LOOP;
END $$;
