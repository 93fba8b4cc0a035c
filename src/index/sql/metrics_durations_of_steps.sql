-- SPDX-License-Identifier: Apache-2.0
-- One value per run, step and vector.
WITH
{matching_runs},
durations AS (
  SELECT
    CASE WHEN $by_product THEN product END AS product,
    CASE WHEN $by_station THEN station END AS station,
    CASE WHEN $by_phase THEN phase END AS phase,
    step_path,
    duration_us(step_facts.started_at, step_facts.ended_at) AS duration_us
  FROM step_facts JOIN matching_runs USING (run_key)
  WHERE $step IS NULL OR list_contains($step, step_path) OR list_contains($step, step_name)
)
SELECT product, station, phase, step_path, {duration_figures}, any_value(development_only) AS development_only
FROM durations, phase_rule
GROUP BY product, station, phase, step_path
HAVING count(duration_us) > 0
ORDER BY product, station, phase, step_path
