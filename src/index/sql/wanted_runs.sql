-- SPDX-License-Identifier: Apache-2.0
-- The runs that a page of their parts can reach into: as many as it has rows, since each of them gives it one or more.
wanted_runs AS (
  SELECT run_key FROM (SELECT *, started_at AS run_started_at FROM run_facts)
  WHERE ($run_id IS NULL OR run_id = $run_id) AND {run_filter} AND {run_scope} AND {has_parts}
  ORDER BY {run_order}
  LIMIT {limit} + {offset}
)
