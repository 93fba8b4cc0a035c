-- SPDX-License-Identifier: Apache-2.0
-- Newest run first, those of a session by slot, then as recorded. The keys of the page are found first, the texts come to them alone.
WITH
named_kinds AS (
  SELECT kind_key FROM sealed.measurement_kinds
  WHERE ($name IS NOT NULL OR $step IS NOT NULL)
    AND ($name IS NULL OR list_contains($name, measurement_name))
    AND ($step IS NULL OR list_contains($step, step_name) OR list_contains($step, step_path))
),
runs_with_named AS (SELECT DISTINCT run_key FROM measurement_rows SEMI JOIN named_kinds USING (kind_key)),
{wanted_runs},
rows AS (
  SELECT *
  FROM measurement_facts
  JOIN (
    SELECT * RENAME (outcome AS run_outcome, started_at AS run_started_at, ended_at AS run_ended_at)
    FROM run_facts SEMI JOIN wanted_runs USING (run_key)
  ) USING (run_key)
  WHERE ($name IS NULL OR list_contains($name, measurement_name))
    AND ($step IS NULL OR list_contains($step, step_name) OR list_contains($step, step_path))
  ORDER BY {run_order}, row_seq
  LIMIT {limit} OFFSET {offset}
)
-- The first part has no rows: it puts the columns into the order of the relation.
SELECT * EXCLUDE (run_key, kind_key, num_measurements, num_steps, events_lost)
FROM (FROM (FROM measurements LIMIT 0) UNION ALL BY NAME FROM rows)
