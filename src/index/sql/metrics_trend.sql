-- SPDX-License-Identifier: Apache-2.0
-- Run yield per period. Periods without runs are there with none, from since to until, else from the first to the last one with runs.
WITH
{matching_runs},
sums AS (
  SELECT
    CASE WHEN $by_product THEN product END AS product,
    CASE WHEN $by_station THEN station END AS station,
    CASE WHEN $by_phase THEN phase END AS phase,
    period_{period}(started_at, $tz) AS period,
    count(*) AS total,
    count_where(outcome = 'passed') AS passed
  FROM matching_runs
  GROUP BY ALL
),
bounds AS (
  SELECT
    coalesce(period_{period}(first_moment($since, $tz), $tz), min(period)) AS first_period,
    coalesce(period_{period}(moment_after($until, $tz) - INTERVAL 1 MICROSECOND, $tz), max(period)) AS last_period
  FROM sums HAVING count(*) > 0
),
-- Where clocks move by half an hour, local hours then begin between those of the series.
periods AS (
  SELECT period FROM sums
  UNION
  SELECT unnest(generate_series(first_period, last_period, INTERVAL '1 {period}')) AS period FROM bounds
  WHERE CASE
    WHEN date_diff('{period}', first_period, last_period) < 20000 THEN true
    ELSE error(
      'more than 20000 periods between ' || first_period || ' and ' || last_period
      || '; choose a longer period, or since and until that lie closer together'
    )
  END
),
rows AS (
  SELECT groups.product, groups.station, groups.phase, periods.period, coalesce(total, 0) AS total, coalesce(passed, 0) AS passed
  FROM (SELECT DISTINCT product, station, phase FROM sums) AS groups
  CROSS JOIN periods
  LEFT JOIN sums
    ON sums.product IS NOT DISTINCT FROM groups.product AND sums.station IS NOT DISTINCT FROM groups.station
    AND sums.phase IS NOT DISTINCT FROM groups.phase AND sums.period = periods.period
)
SELECT
  product, station, phase, period::{period_type} AS period, total, passed,
  share_pct(passed, total, 1) AS yield_pct,
  wilson_low_pct(passed, total, 1) AS yield_pct_ci_low,
  wilson_high_pct(passed, total, 1) AS yield_pct_ci_high,
  development_only
FROM rows, phase_rule
ORDER BY period, product, station, phase
