-- Queue depths: the work that waits, and the work in hand. No more than `most` rows are read of
-- each kind; where there are more, the depth is at least that.

-- From conversation to conversation by the index. A conversation whose oldest update is put off
-- waits for a time, not for a worker, whatever is behind it; and one worker at a time deals with a
-- conversation, so `each` is enough of one. Workers hold updates by locks alone: these are among
-- those that wait.
CREATE OR REPLACE FUNCTION inbound_depth(most integer, each integer)
RETURNS TABLE (waiting bigint, in_work bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    statuses constant uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    RETURN QUERY
    WITH RECURSIVE lanes AS (
        (SELECT subject, due_at FROM public.inbox
         WHERE done_at IS NULL AND subject > statuses ORDER BY subject, seq LIMIT 1)
        UNION ALL
        SELECT following.* FROM lanes CROSS JOIN LATERAL (
            SELECT subject, due_at FROM public.inbox
            WHERE done_at IS NULL AND subject > lanes.subject
            ORDER BY subject, seq LIMIT 1) following
    ), updates AS (
        SELECT FROM (SELECT * FROM lanes LIMIT most) lane CROSS JOIN LATERAL (
            SELECT FROM public.inbox
            WHERE subject = lane.subject AND done_at IS NULL LIMIT each) update
        WHERE lane.due_at <= now() LIMIT most
    ), new_statuses AS (
        SELECT FROM public.inbox
        WHERE subject = statuses AND outcome IS NULL AND attempts = 0 AND due_at <= now()
        LIMIT most
    ), tried_statuses AS (
        SELECT FROM public.inbox
        WHERE subject = statuses AND outcome IS NULL AND attempts > 0 AND due_at <= now()
        LIMIT most
    )
    SELECT (SELECT count(*) FROM updates) + (SELECT count(*) FROM new_statuses)
        + (SELECT count(*) FROM tried_statuses), 0::bigint;
END $$;

-- The files that patients sent, and the documents that go back to them. A file that is reserved,
-- or is worked on, has somebody's time until which it is held.
CREATE OR REPLACE FUNCTION media_depth(most integer, reserved interval)
RETURNS TABLE (waiting bigint, in_work bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    WITH due_files AS (
        SELECT held_until FROM public.media
        WHERE due_at IS NOT NULL AND due_at <= now() LIMIT most
    ), held_files AS (
        SELECT held_until FROM public.media WHERE held_until IS NOT NULL LIMIT most
    ), documents AS (
        SELECT due_at, leased_at FROM public.outbox
        WHERE {unindexed state} = {PREPARING} LIMIT most
    ), files AS (
        SELECT (SELECT count(*) FROM due_files WHERE coalesce(held_until, '-infinity') <= now())
                AS waiting,
            (SELECT count(*) FROM held_files WHERE held_until > now()) AS in_work
    ), uploads AS (
        SELECT count(*) FILTER (WHERE due_at <= now()
                AND coalesce(leased_at, '-infinity') <= now() - reserved) AS waiting,
            count(*) FILTER (WHERE leased_at > now() - reserved
                OR leased_at IS NOT NULL AND due_at > now()) AS in_work
        FROM documents
    )
    SELECT files.waiting + uploads.waiting, files.in_work + uploads.in_work FROM files, uploads;
END $$;

-- A message that is being sent is due again once its sending is in doubt.
CREATE OR REPLACE FUNCTION outbound_depth(most integer, sending interval)
RETURNS TABLE (waiting bigint, in_work bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    WITH due AS (
        SELECT state FROM public.outbox
        WHERE state IN ({PREPARING}, {QUEUED}, {SENDING}, {UNCONFIRMED}) AND due_at <= now()
        LIMIT most
    ), sent AS (
        SELECT due_at FROM public.outbox
        WHERE {unindexed state} IN ({SENDING}, {UNCONFIRMED}) AND changed_at > now() - sending
        LIMIT most
    )
    SELECT (SELECT count(*) FROM due WHERE state <> {PREPARING}),
        (SELECT count(*) FROM sent WHERE due_at > now());
END $$;
