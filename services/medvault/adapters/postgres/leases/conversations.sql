-- Conversations: a login that locks one with updates that wait sees its vault and its lane.
--
-- A function that looks rows up by their keys alone is planned once a session, as loops over
-- indexes, whatever statistics say: they are usually from when next to nothing waited.

CREATE OR REPLACE FUNCTION lease_conversations(lanes uuid[], known bigint, most integer)
RETURNS TABLE (patient_id uuid, subject uuid, version bigint, sealed bytea, seq bigint, key uuid,
    kind text, attempts smallint, content bytea, due boolean, locked_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    leased uuid[];
BEGIN
    -- Where not as many lanes are known as there must be, nothing is locked.
    WITH meant AS (
        SELECT c.patient_id FROM public.conversations c WHERE c.subject = ANY (lanes)
        ORDER BY patient_id
    ), locked AS (
        SELECT l.patient_id FROM meant CROSS JOIN LATERAL (
            SELECT patient_id FROM public.conversations c WHERE c.patient_id = meant.patient_id
            FOR UPDATE SKIP LOCKED
        ) l
        WHERE known <= (SELECT count(*) FROM public.conversations c WHERE c.subject = ANY (lanes))
    )
    SELECT array_agg(patient_id) INTO leased FROM locked;
    -- A new snapshot: one taken before the lock could show what its last holder has just handled.
    RETURN QUERY
    WITH found AS MATERIALIZED (
        SELECT c.patient_id, c.subject, c.version, c.sealed, n.seq, n.key, n.kind, n.attempts,
            n.content, n.due_at <= now() AS due, c.locked_at
        FROM public.conversations c CROSS JOIN LATERAL (
            SELECT * FROM public.inbox i WHERE i.subject = c.subject AND i.done_at IS NULL
            ORDER BY i.seq LIMIT most
        ) n
        WHERE c.patient_id = ANY (leased)
    ), opening AS MATERIALIZED (
        SELECT public.open_rows(array_agg(DISTINCT found.patient_id)
                                || array_agg(DISTINCT found.subject))
        FROM found
    )
    SELECT found.* FROM opening CROSS JOIN found ORDER BY found.patient_id, found.seq;
END $$;

-- A phone number that a webhook shows without a user id leads to a vault that is known by it alone,
-- never to one that a user id owns: numbers change hands.
CREATE OR REPLACE FUNCTION make_conversations(lanes uuid[], fresh uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH wanted AS (
        SELECT w.subject, w.patient_id FROM unnest(lanes, fresh) AS w (subject, patient_id)
        CROSS JOIN LATERAL (
            SELECT FROM public.inbox n WHERE n.subject = w.subject AND n.done_at IS NULL LIMIT 1
        ) waiting
        WHERE NOT EXISTS (SELECT FROM public.conversations c WHERE c.subject = w.subject)
        ORDER BY w.subject
    ), made AS (
        INSERT INTO public.conversations (patient_id, subject)
        SELECT patient_id, subject FROM wanted
        ON CONFLICT (subject) DO NOTHING RETURNING patient_id
    )
    INSERT INTO public.patients (id) SELECT patient_id FROM made
$$;

-- Only a vault that is known by a phone number alone has the number's lane.
CREATE OR REPLACE FUNCTION lanes_with_reports(lanes uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.subject FROM unnest(lanes) AS l (lane) JOIN public.conversations c ON c.subject = l.lane
    WHERE EXISTS (
        SELECT FROM public.reports r WHERE r.patient_id = c.patient_id AND r.state <> 'lost'
    )
$$;

-- The patient who was known by this phone number alone may be somebody else: that vault stays
-- closed. A patient who shows a phone number alone takes it from nobody. One after the other: if
-- two show the same number, the later one has it.
CREATE OR REPLACE FUNCTION know_identities(
    patients uuid[], users uuid[], phones uuid[],
    owners uuid[], kinds text[], indexes uuid[], contents bytea[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
DECLARE
    patient uuid;
    by_user uuid;
    by_phone uuid;
BEGIN
    PERFORM public.require_opened(patients);
    FOR patient, by_user, by_phone IN SELECT * FROM unnest(patients, users, phones) LOOP
        UPDATE public.conversations SET subject = gen_random_uuid()
        WHERE subject = by_phone AND patient_id <> patient;
        -- Put so that only the index by patient fits, not the one of all that are current.
        UPDATE public.identities SET valid_to = now()
        WHERE patient_id = patient AND coalesce(valid_to, 'infinity') = 'infinity';
        UPDATE public.identities SET valid_to = now()
        WHERE valid_to IS NULL AND blind_index IN (by_user, by_phone) AND by_user IS NOT NULL;
        INSERT INTO public.identities (patient_id, kind, blind_index, sealed)
        SELECT patient, i.kind, i.blind_index, i.sealed
        FROM unnest(owners, kinds, indexes, contents) AS i (owner, kind, blind_index, sealed)
        WHERE i.owner = patient AND (by_user IS NOT NULL OR NOT EXISTS (
            SELECT FROM public.identities o
            WHERE o.blind_index = i.blind_index AND o.valid_to IS NULL
        ));
    END LOOP;
END $$;

-- A new identity may have written before WhatsApp said whose it is. The empty vault that it got
-- then is given up; one that already holds files is never taken over. Whether it does is looked up
-- with a new snapshot, once its last holder has committed.
CREATE OR REPLACE FUNCTION link_lane(patient uuid, lane uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    PERFORM public.require_opened(ARRAY[patient]);
    PERFORM FROM public.conversations WHERE subject = lane FOR UPDATE;
    UPDATE public.conversations c SET subject = gen_random_uuid()
    WHERE c.subject = lane AND c.patient_id <> patient
    AND NOT EXISTS (SELECT FROM public.media m WHERE m.patient_id = c.patient_id);
    UPDATE public.conversations SET subject = lane WHERE patient_id = patient
    AND NOT EXISTS (SELECT FROM public.conversations other WHERE other.subject = lane);
    IF FOUND THEN
        PERFORM public.open_rows(ARRAY[lane]);
    END IF;
    RETURN FOUND;
END $$;

-- Nothing leaves any more, and what was about to leave does not.
CREATE OR REPLACE FUNCTION lock_out(patients uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    PERFORM public.require_opened(patients);
    UPDATE public.conversations SET locked_at = coalesce(locked_at, now())
    WHERE patient_id = ANY (patients);
    UPDATE public.outbox SET state = {FAILED}, changed_at = now()
    WHERE patient_id = ANY (patients) AND {unindexed state} < {ACCEPTED};
END $$;

-- A worker asks whether the patient still waits for the file that it works on.
CREATE OR REPLACE FUNCTION state_for_file(file uuid)
RETURNS TABLE (version bigint, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.version, c.sealed FROM public.media m
    JOIN public.conversations c ON c.patient_id = m.patient_id
    WHERE m.id = file AND m.in_incoming
$$;
