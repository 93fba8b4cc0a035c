-- SPDX-License-Identifier: Apache-2.0
-- The end of a pareto.
SELECT
  bucket, failed_count, total,
  share_pct(failed_count, total, 2) AS fail_rate_pct,
  wilson_low_pct(failed_count, total, 2) AS fail_rate_pct_ci_low,
  wilson_high_pct(failed_count, total, 2) AS fail_rate_pct_ci_high,
  round(100.0::DOUBLE * sum(failed_count) OVER (ORDER BY failed_count DESC, total DESC, bucket ROWS UNBOUNDED PRECEDING)
    / sum(failed_count) OVER (), 2) AS cumulative_pct,
  development_only
FROM buckets, phase_rule
ORDER BY failed_count DESC, total DESC, bucket
LIMIT {top}
