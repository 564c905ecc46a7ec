-- The clinic's desk: whoever knows an identity, or a request, opens the vault that it belongs to.

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
