-- SPDX-License-Identifier: Apache-2.0
-- The filters of all queries, as a condition on a row of run_facts. Each is a list, any of which will do, or NULL for no restriction.
    ($product IS NULL OR list_contains($product, product))
    AND ($station IS NULL OR list_contains($station, station) OR list_contains($station, station_id))
    AND ($lot IS NULL OR list_contains($lot, dut_lot_number))
    AND ($phase IS NULL OR list_contains($phase, phase))
    AND ($outcome IS NULL OR list_contains($outcome, coalesce(outcome, 'running')))
    AND ($serial IS NULL OR list_contains($serial, dut_serial))
    AND ($project IS NULL OR list_contains($project, project_name))
    AND ($operator IS NULL OR list_contains($operator, operator_id))
    AND ($since IS NULL OR started_at >= first_moment($since, $tz))
    AND ($until IS NULL OR started_at < moment_after($until, $tz))
