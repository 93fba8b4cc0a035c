-- SPDX-License-Identifier: Apache-2.0
-- Without groups there is always one row, if only to say that there is nothing.
WITH
{matching_runs},
durations AS (
  SELECT
    CASE WHEN $by_product THEN product END AS product,
    CASE WHEN $by_station THEN station END AS station,
    CASE WHEN $by_phase THEN phase END AS phase,
    duration_us
  FROM matching_runs
  UNION ALL BY NAME
  SELECT NULL::VARCHAR AS product, NULL::VARCHAR AS station, NULL::VARCHAR AS phase, NULL::BIGINT AS duration_us
  WHERE NOT ($by_product OR $by_station OR $by_phase)
)
SELECT product, station, phase, NULL::VARCHAR AS step_path, {duration_figures}, any_value(development_only) AS development_only
FROM durations, phase_rule
GROUP BY product, station, phase
ORDER BY product, station, phase
