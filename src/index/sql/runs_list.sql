-- SPDX-License-Identifier: Apache-2.0
WITH wanted AS (
  SELECT run_key FROM keyed_runs
  WHERE {run_filter} AND {run_scope} {behind_run}
  ORDER BY {order_by} {direction} NULLS LAST, run_id
  LIMIT {limit} OFFSET {offset}
)
SELECT * EXCLUDE (run_key) FROM keyed_runs SEMI JOIN wanted USING (run_key)
ORDER BY {order_by} {direction} NULLS LAST, run_id
