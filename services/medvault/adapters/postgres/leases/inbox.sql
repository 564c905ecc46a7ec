-- The inbox: the lane of statuses is leased by rows; a login only learns which other lanes to wake.

CREATE OR REPLACE FUNCTION lease_statuses(most integer, tried boolean)
RETURNS TABLE (seq bigint, key uuid, kind text, content bytea, attempts smallint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    lane constant uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    PERFORM public.open_rows(ARRAY[lane]);
    -- A status without an outcome is not done; put so, only the index of what is due fits, and the
    -- statuses that are kept for later are not read.
    IF tried THEN
        RETURN QUERY SELECT seq, key, kind, content, attempts FROM public.inbox
        WHERE subject = lane AND outcome IS NULL AND attempts > 0 AND due_at <= now()
        ORDER BY due_at, seq LIMIT most FOR UPDATE SKIP LOCKED;
    ELSE
        RETURN QUERY SELECT seq, key, kind, content, attempts FROM public.inbox
        WHERE subject = lane AND outcome IS NULL AND attempts = 0 AND due_at <= now()
        ORDER BY due_at, seq LIMIT most FOR UPDATE SKIP LOCKED;
    END IF;
END $$;

-- A vault that is being linked to another lane is waited for: its old lane is read by nobody.
CREATE OR REPLACE FUNCTION tell_conversation(
    patient uuid, update_key uuid, update_kind text, sealed bytea) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
DECLARE
    lane uuid;
BEGIN
    PERFORM public.require_opened(ARRAY[patient]);
    SELECT subject INTO STRICT lane FROM public.conversations
    WHERE patient_id = patient FOR KEY SHARE;
    INSERT INTO public.inbox (key, subject, kind, content)
    VALUES (update_key, lane, update_kind, sealed) ON CONFLICT (key) DO NOTHING;
    RETURN lane;
END $$;

-- An attempt that another update's failure cut short is none.
CREATE OR REPLACE FUNCTION refund_attempts(seqs bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.inbox SET attempts = attempts - 1
    WHERE seq = ANY (seqs) AND done_at IS NULL AND attempts > 0
$$;

CREATE OR REPLACE FUNCTION lanes_waiting(lanes uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY SELECT l.lane FROM (SELECT DISTINCT unnest(lanes) AS lane) l
    CROSS JOIN LATERAL (
        SELECT due_at FROM public.inbox
        WHERE subject = l.lane AND done_at IS NULL ORDER BY seq LIMIT 1
    ) oldest
    WHERE oldest.due_at <= now();
END $$;

CREATE OR REPLACE FUNCTION statuses_overdue(age interval) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    lane constant uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    RETURN EXISTS (
        SELECT FROM public.inbox WHERE subject = lane AND outcome IS NULL AND attempts = 0
        AND due_at < now() - age
    ) OR EXISTS (
        SELECT FROM public.inbox WHERE subject = lane AND outcome IS NULL AND attempts > 0
        AND due_at <= now() AND received_at < now() - age
    );
END $$;

-- From conversation to conversation by the index: only the oldest update of each is read.
CREATE OR REPLACE FUNCTION lanes_overdue(behind uuid, up_to uuid, age interval, most integer)
RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE waiters AS (
        (SELECT subject, received_at, due_at FROM public.inbox
         WHERE done_at IS NULL AND subject > behind AND subject <= up_to
         ORDER BY subject, seq LIMIT 1)
        UNION ALL
        SELECT following.* FROM waiters w CROSS JOIN LATERAL (
            SELECT subject, received_at, due_at FROM public.inbox
            WHERE done_at IS NULL AND subject > w.subject AND subject <= up_to
            ORDER BY subject, seq LIMIT 1) following
    )
    SELECT subject FROM waiters WHERE received_at < now() - age AND due_at <= now() LIMIT most;
END $$;

-- A patient who was put off for having used up a quota is not late.
CREATE OR REPLACE FUNCTION inbox_lag(behind uuid, up_to uuid, most integer) RETURNS numeric
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN (
        WITH RECURSIVE waiters AS (
            (SELECT subject, received_at, due_at, attempts FROM public.inbox
             WHERE done_at IS NULL AND subject > behind AND subject <= up_to
             ORDER BY subject, seq LIMIT 1)
            UNION ALL
            SELECT following.* FROM waiters w CROSS JOIN LATERAL (
                SELECT subject, received_at, due_at, attempts FROM public.inbox
                WHERE done_at IS NULL AND subject > w.subject AND subject <= up_to
                ORDER BY subject, seq LIMIT 1) following
        )
        SELECT coalesce(extract(epoch FROM now() - min(received_at)), 0) FROM (
            SELECT received_at FROM waiters WHERE due_at <= now() OR attempts > 0 LIMIT most
        ) sample
    );
END $$;
