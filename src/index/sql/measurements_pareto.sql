-- SPDX-License-Identifier: Apache-2.0
-- Measurements that fail their limits, or the characteristics, pins and instruments they belong to. Counted by kind first: the texts
-- come to the sums, not to the rows.
WITH
{matching_runs},
keyed_runs AS (SELECT run_key, hash(product, station) AS group_key FROM matching_runs),
groups AS (SELECT DISTINCT product, station, hash(product, station) AS group_key FROM matching_runs),
by_kind AS (
  SELECT group_key, kind_key, count_where(measurement_outcome = 'failed') AS failed_count, count(*) AS total
  FROM measurement_rows JOIN keyed_runs USING (run_key)
  WHERE is_final OR $attempts = 'all'
  GROUP BY group_key, kind_key
),
buckets AS (
  SELECT
    CASE $group_by
      WHEN 'measurement' THEN concat_ws(': ', step_name, measurement_name)
      WHEN 'characteristic' THEN characteristic_id
      WHEN 'pin' THEN dut_pin
      ELSE instrument_name
    END AS bucket,
    CASE WHEN $group_by = 'measurement' THEN product END AS product,
    CASE WHEN $group_by = 'measurement' THEN station END AS station,
    CASE WHEN $group_by = 'measurement' THEN step_name END AS step_name,
    CASE WHEN $group_by = 'measurement' THEN measurement_name END AS measurement_name,
    sum(failed_count)::BIGINT AS failed_count,
    sum(total)::BIGINT AS total
  FROM by_kind JOIN sealed.measurement_kinds USING (kind_key) JOIN groups USING (group_key)
  WHERE bucket IS NOT NULL
  GROUP BY ALL
  HAVING sum(failed_count) > 0
)
SELECT
  bucket, failed_count, total,
  share_pct(failed_count, total, 2) AS fail_rate_pct,
  wilson_low_pct(failed_count, total, 2) AS fail_rate_pct_ci_low,
  wilson_high_pct(failed_count, total, 2) AS fail_rate_pct_ci_high,
  round(100.0::DOUBLE * sum(failed_count) OVER (
    ORDER BY failed_count DESC, total DESC, bucket, product, station ROWS UNBOUNDED PRECEDING
  ) / sum(failed_count) OVER (), 2) AS cumulative_pct,
  product, station, step_name, measurement_name,
  total AS total_count, failed_count AS fail_count, fail_rate_pct AS fail_rate,
  development_only
FROM buckets, phase_rule
ORDER BY failed_count DESC, total DESC, bucket, product, station
LIMIT {top}
