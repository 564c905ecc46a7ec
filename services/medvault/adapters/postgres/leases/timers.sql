-- Timers: a login takes those that are due, and sees the vaults of whom they ring for.

CREATE OR REPLACE FUNCTION lease_timers(most integer)
RETURNS TABLE (patient_id uuid, name text, rings_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH due AS (
        SELECT t.patient_id, t.name FROM public.timers t WHERE t.rings_at <= now()
        ORDER BY t.rings_at LIMIT most FOR UPDATE SKIP LOCKED
    ), rung AS MATERIALIZED (
        DELETE FROM public.timers t USING due
        WHERE t.patient_id = due.patient_id AND t.name = due.name
        RETURNING t.patient_id, t.name, t.rings_at
    ), opening AS MATERIALIZED (
        SELECT public.open_rows(array_agg(DISTINCT rung.patient_id)) FROM rung
        HAVING count(*) > 0
    )
    SELECT rung.* FROM opening CROSS JOIN rung ORDER BY rung.rings_at;
END $$;
