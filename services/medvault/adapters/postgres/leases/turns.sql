-- Turns: the file or document of the patient who waits longest is leased, and their vault opened.

-- A statement about a patient's files has to say the conditions in the very words of their index.
-- The first statement locks the account that is next; the second reads with a new snapshot, and so
-- sees all that was added, and taken, by the processes that held the account before. A process that
-- adds a file holds the account until it is committed. Where all that are due are held, there is no
-- patient in the answer, and one may look again. A process knows the kinds of jobs of its release: a
-- new kind is handed out by another function.
CREATE OR REPLACE FUNCTION lease_job(
    only_idle boolean, files_lead interval, bytes_lead interval, cpu_lead interval,
    reserved interval, quiet interval, kept interval, most integer)
RETURNS TABLE (patient_id uuid, extra boolean, kind text, id uuid, suspected boolean, waiting uuid,
    unknown boolean, now timestamptz, files_until timestamptz, bytes_until timestamptz,
    cpu_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    who uuid;
    how text;
BEGIN
    WITH idle AS (
        SELECT patient_id FROM public.accounts a WHERE turn_at < 'infinity' AND turn_at <= now()
        AND NOT (
            EXISTS (
                SELECT FROM public.media h
                WHERE h.patient_id = a.patient_id AND h.held_until > now())
            OR EXISTS (
                SELECT FROM public.outbox h WHERE h.patient_id = a.patient_id
                AND {unindexed h.state} = {PREPARING} AND h.leased_at IS NOT NULL
                AND (h.due_at > now() OR h.leased_at > now() - reserved))
        )
        ORDER BY turn_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ), busy AS (
        SELECT patient_id FROM public.accounts a WHERE turn_at < 'infinity' AND turn_at <= now()
        AND NOT only_idle AND NOT EXISTS (SELECT FROM idle)
        ORDER BY turn_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ), next AS (
        SELECT patient_id, 'idle' AS found FROM idle UNION ALL SELECT patient_id, 'busy' FROM busy
    )
    SELECT max(next.patient_id::text)::uuid, max(next.found) INTO who, how FROM next;
    IF who IS NULL AND NOT only_idle AND EXISTS (
        SELECT FROM public.accounts WHERE turn_at < 'infinity' AND turn_at <= now()
    ) THEN
        how := 'skipped';
    END IF;
    PERFORM public.open_rows(ARRAY[who]);
    RETURN QUERY
    WITH mine AS MATERIALIZED (
        SELECT a.patient_id, files_until, bytes_until, cpu_until,
            greatest(files_until - files_lead, bytes_until - bytes_lead,
                     cpu_until - cpu_lead) AS free_at,
            how = 'busy' OR NOT (
                EXISTS (
                    SELECT FROM public.media h
                    WHERE h.patient_id = a.patient_id AND h.held_until > now())
                OR EXISTS (
                    SELECT FROM public.outbox h WHERE h.patient_id = a.patient_id
                    AND {unindexed h.state} = {PREPARING} AND h.leased_at IS NOT NULL
                    AND (h.due_at > now() OR h.leased_at > now() - reserved))
            ) AS free,
            coalesce(held_back_at < now() - quiet, true) AS unknown
        FROM public.accounts a
        WHERE patient_id = who
    ), barred AS MATERIALIZED (
        SELECT m.id, least(mine.free_at, m.created_at + kept) AS due_at
        FROM mine CROSS JOIN LATERAL (
            SELECT id, created_at FROM public.media m WHERE m.patient_id = mine.patient_id
            AND coalesce(m.due_at, 'infinity') < 'infinity'
            AND coalesce(m.due_at, 'infinity') <= now()
            AND m.state = 'wanted' AND m.created_at > now() - kept
            AND coalesce(m.held_until, '-infinity') <= now()
            ORDER BY m.patient_id, coalesce(m.due_at, 'infinity')
            LIMIT most FOR UPDATE SKIP LOCKED
        ) m WHERE mine.free AND mine.free_at > now()
    ), waiting AS (
        UPDATE public.media m SET due_at = barred.due_at FROM barred WHERE m.id = barred.id
        RETURNING m.id
    ), files AS (
        SELECT m.id, m.due_at, m.suspected, 'file' AS kind FROM mine CROSS JOIN LATERAL (
            SELECT id, due_at, held_until IS NOT NULL AS suspected FROM public.media m
            WHERE m.patient_id = mine.patient_id
            AND coalesce(m.due_at, 'infinity') < 'infinity'
            AND coalesce(m.due_at, 'infinity') <= now()
            AND coalesce(m.held_until, '-infinity') <= now()
            AND (mine.free_at <= now() OR m.state <> 'wanted'
                 OR m.created_at <= now() - kept)
            ORDER BY m.patient_id, coalesce(m.due_at, 'infinity') LIMIT 2 FOR UPDATE SKIP LOCKED
        ) m WHERE mine.free
    ), documents AS (
        SELECT o.id, o.due_at, o.suspected, 'document' AS kind FROM mine CROSS JOIN LATERAL (
            SELECT id, due_at, leased_at IS NOT NULL AS suspected FROM public.outbox o
            WHERE o.patient_id = mine.patient_id
            AND {unindexed o.state} = {PREPARING} AND o.due_at <= now()
            AND coalesce(o.leased_at, '-infinity') <= now() - reserved
            ORDER BY o.patient_id, o.due_at LIMIT 2 FOR UPDATE SKIP LOCKED
        ) o WHERE mine.free
    ), due AS (
        SELECT * FROM files UNION ALL SELECT * FROM documents ORDER BY due_at LIMIT 2
    ), chosen AS (
        SELECT * FROM due ORDER BY due_at LIMIT 1
    ), file AS (
        UPDATE public.media SET held_until = now() + reserved
        WHERE id = (SELECT id FROM chosen WHERE kind = 'file')
    ), document AS (
        UPDATE public.outbox SET leased_at = now()
        WHERE id = (SELECT id FROM chosen WHERE kind = 'document')
    ), moved AS (
        UPDATE public.accounts a SET
            turn_at = CASE WHEN mine.free AND (SELECT count(*) FROM due) < 2
                                AND (SELECT count(*) FROM barred) < most THEN 'infinity'
                           ELSE clock_timestamp() END,
            held_back_at = CASE WHEN EXISTS (SELECT FROM waiting) THEN now() ELSE a.held_back_at END
        FROM mine WHERE a.patient_id = mine.patient_id
    )
    SELECT mine.patient_id, looked.found = 'busy' AS extra, chosen.kind, chosen.id,
           coalesce(chosen.suspected, false) AS suspected,
           (SELECT id FROM waiting LIMIT 1) AS waiting, mine.unknown AS unknown, now() AS now,
           mine.files_until, mine.bytes_until, mine.cpu_until
    FROM (SELECT how) AS looked (found)
    LEFT JOIN mine ON true LEFT JOIN chosen ON true
    WHERE mine.patient_id IS NOT NULL OR looked.found = 'skipped';
END $$;

CREATE OR REPLACE FUNCTION charge_account(
    patient uuid, files interval, bytes interval, cpu interval) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO public.accounts AS a (patient_id, files_until, bytes_until, cpu_until)
    VALUES (patient, now() + files, now() + bytes, now() + cpu)
    ON CONFLICT (patient_id) DO UPDATE SET
        files_until = greatest(a.files_until, now()) + files,
        bytes_until = greatest(a.bytes_until, now()) + bytes,
        cpu_until = greatest(a.cpu_until, now()) + cpu
$$;

-- From patient to patient by the index: only what is due first is read of each. Nobody is on the
-- way to work that a process let fall; the wake-up may be on the way to any other. A turn that was
-- lost with its process is in line since its lease ended, and not only since the sweep: behind all
-- others, patients of whom process after process dies would wait for ever.
CREATE OR REPLACE FUNCTION overdue_files(behind uuid, up_to uuid, most integer, each integer)
RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH RECURSIVE files AS (
        (SELECT patient_id, due_at, held_until FROM public.media
         WHERE coalesce(due_at, 'infinity') < 'infinity'
         AND patient_id > behind AND patient_id <= up_to
         ORDER BY patient_id, coalesce(due_at, 'infinity') LIMIT 1)
        UNION ALL
        SELECT following.* FROM files CROSS JOIN LATERAL (
            SELECT patient_id, due_at, held_until FROM public.media
            WHERE coalesce(due_at, 'infinity') < 'infinity'
            AND patient_id > files.patient_id AND patient_id <= up_to
            ORDER BY patient_id, coalesce(due_at, 'infinity') LIMIT 1) following
    ), documents AS (
        (SELECT patient_id, due_at, leased_at FROM public.outbox
         WHERE {unindexed state} = {PREPARING} AND patient_id > behind AND patient_id <= up_to
         ORDER BY patient_id, due_at LIMIT 1)
        UNION ALL
        SELECT following.* FROM documents CROSS JOIN LATERAL (
            SELECT patient_id, due_at, leased_at FROM public.outbox
            WHERE {unindexed state} = {PREPARING}
            AND patient_id > documents.patient_id AND patient_id <= up_to
            ORDER BY patient_id, due_at LIMIT 1) following
    ), late AS MATERIALIZED (
        (SELECT patient_id, due_at FROM files WHERE due_at < now()
         AND (held_until <= now() OR held_until IS NULL AND due_at < now() - interval '2 seconds')
         LIMIT most)
        UNION ALL
        (SELECT patient_id, due_at FROM documents WHERE due_at < now()
         AND (leased_at IS NOT NULL OR due_at < now() - interval '2 seconds') LIMIT most)
    ), lost AS (
        INSERT INTO public.accounts AS a (patient_id, turn_at)
        SELECT patient_id, min(due_at) FROM late WHERE NOT EXISTS (
            SELECT FROM public.accounts known
            WHERE known.patient_id = late.patient_id AND known.turn_at <= now())
        GROUP BY patient_id ORDER BY patient_id
        ON CONFLICT (patient_id) DO UPDATE SET turn_at = least(a.turn_at, excluded.turn_at)
    )
    SELECT found.id FROM (SELECT DISTINCT patient_id FROM late) late CROSS JOIN LATERAL (
        (SELECT id FROM public.media m WHERE m.patient_id = late.patient_id
         AND coalesce(m.due_at, 'infinity') < 'infinity' AND coalesce(m.due_at, 'infinity') <= now()
         ORDER BY m.patient_id, coalesce(m.due_at, 'infinity') LIMIT each)
        UNION ALL
        (SELECT id FROM public.outbox o WHERE o.patient_id = late.patient_id
         AND {unindexed o.state} = {PREPARING} AND o.due_at <= now()
         ORDER BY o.patient_id, o.due_at LIMIT each)
        LIMIT each
    ) found;
END $$;
