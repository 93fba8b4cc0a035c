-- SPDX-License-Identifier: Apache-2.0
-- Steps that fail. A container fails with its child: it counts only where no child failed, unless leaf_only is false. A step row has
-- the outcome of its last attempt; with all attempts the earlier ones count as failures, since only failures are tried again.
WITH
{matching_runs},
executed AS (
  SELECT
    run_key, step_path, parent_path, outcome IN ('failed', 'errored') AS has_failed,
    CASE WHEN $attempts = 'all' THEN coalesce(retry_count, 0) ELSE 0 END AS earlier
  FROM step_facts SEMI JOIN matching_runs USING (run_key)
  WHERE outcome IS NOT NULL
),
failures AS (FROM executed WHERE has_failed OR earlier > 0),
counted_failures AS (
  SELECT step_path, sum(earlier + has_failed::INTEGER)::BIGINT AS failed_count
  FROM failures
  WHERE NOT $leaf_only OR NOT EXISTS (
    FROM failures AS child WHERE child.run_key = failures.run_key AND child.parent_path = failures.step_path
  )
  GROUP BY step_path
),
totals AS (SELECT step_path, sum(1 + earlier)::BIGINT AS total FROM executed GROUP BY step_path),
buckets AS (SELECT step_path AS bucket, failed_count, total FROM counted_failures JOIN totals USING (step_path))
{ranked_buckets}
