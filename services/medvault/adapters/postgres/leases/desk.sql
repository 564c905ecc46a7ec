-- The clinic's desk: a login that knows an identity, or a request, opens the vault behind it.

CREATE OR REPLACE FUNCTION lease_patient(identity uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    owner uuid;
BEGIN
    SELECT patient_id INTO owner FROM public.identities
    WHERE blind_index = identity AND valid_to IS NULL;
    IF FOUND THEN
        PERFORM public.open_rows(ARRAY[owner]);
    END IF;
    RETURN owner;
END $$;

CREATE OR REPLACE FUNCTION lease_unlocking(request uuid)
RETURNS TABLE (patient_id uuid, locked_since timestamptz, locked_at timestamptz, own boolean,
    late boolean, done boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    FOR patient_id, locked_since, locked_at, own, late, done IN
        SELECT u.patient_id, u.locked_since, c.locked_at, u.asked_by = session_user,
            u.asked_at < now() - interval '1 hour', u.approved_at IS NOT NULL
        FROM public.unlockings u JOIN public.conversations c ON c.patient_id = u.patient_id
        WHERE u.id = request FOR UPDATE OF u
    LOOP
        PERFORM public.open_rows(ARRAY[patient_id]);
        RETURN NEXT;
    END LOOP;
END $$;

-- Only a vault that this phone number alone led to, before it came with a user id, can be joined.
CREATE OR REPLACE FUNCTION ask_joining(request uuid, patient uuid, phone uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    behind uuid;
BEGIN
    PERFORM public.require_opened(ARRAY[patient]);
    SELECT i.patient_id INTO behind FROM public.identities i
    WHERE i.blind_index = phone AND i.patient_id <> patient AND i.valid_to IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM public.identities b WHERE b.patient_id = i.patient_id AND b.kind = 'bsuid')
    AND NOT EXISTS (
        SELECT FROM public.joinings j WHERE j.joined = i.patient_id
        AND j.approved_at IS NOT NULL AND j.ended_at IS NULL)
    AND EXISTS (
        SELECT FROM public.reports r WHERE r.patient_id = i.patient_id AND r.state <> 'lost')
    ORDER BY i.valid_to DESC LIMIT 1;
    IF FOUND THEN
        INSERT INTO public.joinings (id, patient_id, joined) VALUES (request, patient, behind);
    END IF;
    RETURN behind;
END $$;

CREATE OR REPLACE FUNCTION lease_joining(request uuid)
RETURNS TABLE (patient_id uuid, joined uuid, locked boolean, own boolean, late boolean,
    done boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    FOR patient_id, joined, locked, own, late, done IN
        SELECT j.patient_id, j.joined, c.locked_at IS NOT NULL, j.asked_by = session_user,
            j.asked_at < now() - interval '1 hour', j.approved_at IS NOT NULL
        FROM public.joinings j JOIN public.conversations c ON c.patient_id = j.patient_id
        WHERE j.id = request FOR UPDATE OF j
    LOOP
        PERFORM public.open_rows(ARRAY[patient_id, joined]);
        RETURN NEXT;
    END LOOP;
END $$;

-- Only what two people of the desk have joined; they seal it, for a row alone proves nothing.
CREATE OR REPLACE FUNCTION give_access(joining uuid, proof bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO public.access (patient_id, vault_id, valid_from, sealed)
    SELECT j.patient_id, j.joined, j.approved_at, proof FROM public.joinings j
    WHERE j.id = joining AND j.approved_at IS NOT NULL AND j.ended_at IS NULL
$$;

-- Files that nobody filed, and the lock, do not come along when a vault is joined.
CREATE OR REPLACE FUNCTION left_in_joined(request uuid) RETURNS TABLE (unfiled bigint, locked boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT (SELECT count(*) FROM public.media m
            WHERE m.patient_id = j.joined AND m.state IN ('wanted', 'stored', 'checked')),
        c.locked_at IS NOT NULL
    FROM public.joinings j JOIN public.conversations c ON c.patient_id = j.joined
    WHERE j.id = request
$$;

-- Looks by the number that a vault was known by, whoever has that number now.
CREATE OR REPLACE FUNCTION ask_unjoining(request uuid, phone uuid)
RETURNS TABLE (patient_id uuid, joined uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    made uuid;
BEGIN
    SELECT j.id, j.patient_id, j.joined INTO made, patient_id, joined
    FROM public.joinings j JOIN public.identities i ON i.patient_id = j.joined
    WHERE i.blind_index = phone AND j.approved_at IS NOT NULL AND j.ended_at IS NULL
    ORDER BY j.approved_at DESC LIMIT 1;
    IF FOUND THEN
        INSERT INTO public.unjoinings (id, patient_id, joining) VALUES (request, patient_id, made);
        PERFORM public.open_rows(ARRAY[patient_id, joined]);
        RETURN NEXT;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION lease_unjoining(request uuid)
RETURNS TABLE (patient_id uuid, joined uuid, ended boolean, own boolean, late boolean, done boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    FOR patient_id, joined, ended, own, late, done IN
        SELECT u.patient_id, j.joined, j.ended_at IS NOT NULL, u.asked_by = session_user,
            u.asked_at < now() - interval '1 hour', u.approved_at IS NOT NULL
        FROM public.unjoinings u JOIN public.joinings j ON j.id = u.joining
        WHERE u.id = request FOR UPDATE OF u, j
    LOOP
        PERFORM public.open_rows(ARRAY[patient_id, joined]);
        RETURN NEXT;
    END LOOP;
END $$;
