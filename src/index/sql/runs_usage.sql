-- SPDX-License-Identifier: Apache-2.0
SELECT
  {by} AS value, count(*) AS runs,
  count_where(outcome = 'passed') AS pass_count,
  count_where(outcome = 'failed') AS fail_count,
  count_where(outcome = 'errored') AS errored_count,
  max(started_at) AS last_run
FROM run_facts
WHERE {by} IS NOT NULL AND {run_filter}
GROUP BY value
ORDER BY runs DESC, value
