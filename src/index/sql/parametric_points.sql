-- SPDX-License-Identifier: Apache-2.0
-- A point per measurement. Of more than the limit an even sample, the same each time; total_points says how many there are.
WITH
points AS (
  SELECT {x} AS x, ({y})::DOUBLE AS y, ({group_by})::VARCHAR AS "group", limit_low, limit_high, run_key, row_seq
  {facet_rows}
    AND {x} IS NOT NULL AND {y} IS NOT NULL
),
sample AS (FROM points ORDER BY hash(run_key, row_seq), run_key, row_seq LIMIT {limit})
SELECT x, y, "group", limit_low, limit_high, (SELECT count(*) FROM points) AS total_points
FROM sample
ORDER BY CASE WHEN $chart_type = 'line' THEN x END, run_key, row_seq
