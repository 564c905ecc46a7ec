-- Received files: the next step of one opens its vault. A step that only moves a file along opens
-- nothing.

-- Whether something is due is put so that only the primary key fits: the index of what is due,
-- which PostgreSQL may believe to be empty, would be read from end to end.
CREATE OR REPLACE FUNCTION lease_file(file uuid, lease interval, kept interval)
RETURNS TABLE (id uuid, patient_id uuid, state text, sealed bytea, attempts smallint, kind text,
    size bigint, report_id uuid, late boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
BEGIN
    FOR id, patient_id, state, sealed, attempts, kind, size, report_id, late IN
        UPDATE public.media SET attempts = attempts + 1, due_at = now() + lease,
            held_until = now() + lease
        WHERE id = file AND coalesce(due_at, 'infinity') <= now()
        RETURNING id, patient_id, state, sealed, attempts, kind, size, report_id,
            created_at < now() - kept
    LOOP
        PERFORM public.open_rows(ARRAY[patient_id]);
        RETURN NEXT;
    END LOOP;
END $$;

-- A worker that has leased a file may come back for its vault, as long as there is work on it.
CREATE OR REPLACE FUNCTION open_file(file uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    owner uuid;
BEGIN
    SELECT patient_id INTO owner FROM public.media
    WHERE id = file AND (state IN ('stored', 'filing') OR state = 'wanted' AND attempts > 0)
    FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM public.open_rows(ARRAY[owner]);
    END IF;
    RETURN FOUND;
END $$;

-- A worker that lost its lease may come late: then the file is stored again, and swept once more.
-- The size is that of the file that goes back to the patient, which is the copy if there is one.
CREATE OR REPLACE FUNCTION file_is_stored(file uuid, found_kind text, bytes bigint) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.media SET kind = found_kind, in_incoming = true,
        size = CASE WHEN removed IS NULL THEN bytes ELSE size END,
        state = CASE state WHEN 'wanted' THEN 'stored' ELSE state END,
        attempts = CASE state WHEN 'wanted' THEN 1 ELSE attempts END
    WHERE id = file RETURNING state NOT IN ('refused', 'discarded')
$$;

CREATE OR REPLACE FUNCTION copy_is_stored(file uuid, what text, bytes bigint) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.media SET removed = what, size = bytes, in_incoming = true
    WHERE id = file RETURNING state NOT IN ('refused', 'discarded')
$$;

CREATE OR REPLACE FUNCTION copied_files(files uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT id FROM public.media WHERE id = ANY (files) AND removed IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION hold_file(file uuid, lease interval) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.media SET held_until = now() + lease,
        due_at = CASE WHEN due_at IS NOT NULL THEN now() + lease END
    WHERE id = file
$$;

CREATE OR REPLACE FUNCTION release_file(file uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.media SET held_until = NULL WHERE id = file
$$;

CREATE OR REPLACE FUNCTION postpone_file(file uuid, wait interval, uncounted integer, alone boolean)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.media SET due_at = now() + wait,
        held_until = CASE WHEN alone THEN now() END, attempts = attempts - uncounted
    WHERE id = file AND coalesce(due_at, 'infinity') < 'infinity'
$$;

-- A worker may still be bringing the bytes of a file that was let go.
CREATE OR REPLACE FUNCTION leftover_files(most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY SELECT id FROM public.media
    WHERE in_incoming AND state IN ('filed', 'refused', 'discarded')
    AND (held_until IS NULL OR held_until < now())
    ORDER BY id LIMIT most;
END $$;

CREATE OR REPLACE FUNCTION files_are_swept(files uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.media SET in_incoming = false WHERE id = ANY (files)
$$;

-- Returns whether the file still waited for a verdict, and opens its vault then. Without a state
-- there is none yet.
CREATE OR REPLACE FUNCTION judge_file(file uuid, judged text, its_verdict text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    owner uuid;
BEGIN
    IF judged IS NULL THEN
        RETURN public.open_file(file);
    END IF;
    UPDATE public.media SET state = judged, verdict = its_verdict, due_at = NULL,
        held_until = NULL, attempts = 0
    WHERE id = file AND state IN ('wanted', 'stored') RETURNING patient_id INTO owner;
    IF FOUND THEN
        PERFORM public.open_rows(ARRAY[owner]);
    END IF;
    RETURN FOUND;
END $$;
