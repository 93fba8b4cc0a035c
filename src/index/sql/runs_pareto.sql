-- SPDX-License-Identifier: Apache-2.0
-- Where runs fail. Stops by the operator are no failures. cumulative_pct is the running share of all failures, shown or not.
WITH
{matching_runs},
buckets AS (
  SELECT coalesce({group_by}, 'unknown') AS bucket, count_where(outcome IN ('failed', 'errored')) AS failed_count, count(*) AS total
  FROM matching_runs
  GROUP BY bucket
  HAVING failed_count > 0
)
{ranked_buckets}
