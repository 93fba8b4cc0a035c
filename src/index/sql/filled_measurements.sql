-- SPDX-License-Identifier: Apache-2.0
-- What is the same for all measurements of a run or a kind is counted by these.
WITH
own AS (SELECT count(*) AS row_count, count(COLUMNS(* EXCLUDE (run_key, kind_key, limits_key))) FROM measurement_rows),
per_run AS (SELECT run_key, count(*) AS n FROM measurement_rows GROUP BY run_key),
per_kind AS (SELECT kind_key, count(*) AS n FROM measurement_rows GROUP BY kind_key),
of_runs AS (
  SELECT sum(CASE WHEN COLUMNS(* EXCLUDE (run_key, n)) IS NULL THEN 0 ELSE n END) FROM run_facts JOIN per_run USING (run_key)
),
of_kinds AS (
  SELECT sum(CASE WHEN COLUMNS(* EXCLUDE (kind_key, n)) IS NULL THEN 0 ELSE n END)
  FROM sealed.measurement_kinds JOIN per_kind USING (kind_key)
)
FROM own
CROSS JOIN (SELECT * RENAME (outcome AS run_outcome, started_at AS run_started_at, ended_at AS run_ended_at) FROM of_runs)
CROSS JOIN of_kinds
