-- SPDX-License-Identifier: Apache-2.0
-- Where test time goes, by outcome, in the period of the start. Runs without an end, or with one before the start, have no duration: they
-- are counted instead. The total is the sum of its parts as they are shown.
WITH
{matching_runs},
sums AS (
  SELECT
    CASE WHEN $by_product THEN product END AS product,
    CASE WHEN $by_station THEN station END AS station,
    CASE WHEN $by_phase THEN phase END AS phase,
    period_{period}(started_at, $tz) AS period,
    round(coalesce(sum(duration_us) FILTER (outcome = 'passed'), 0) / 1e6, 2) AS pass_time_s,
    round(coalesce(sum(duration_us) FILTER (outcome = 'failed'), 0) / 1e6, 2) AS fail_time_s,
    round(coalesce(sum(duration_us) FILTER (outcome = 'errored'), 0) / 1e6, 2) AS error_time_s,
    round(coalesce(sum(duration_us) FILTER (outcome IN ('terminated', 'aborted')), 0) / 1e6, 2) AS stopped_time_s,
    round(coalesce(sum(duration_us) FILTER (
      coalesce(outcome, '') NOT IN ('passed', 'failed', 'errored', 'terminated', 'aborted')
    ), 0) / 1e6, 2) AS other_time_s,
    count_where(has_no_end) AS runs_without_end,
    count_where(ends_before_start) AS negative_durations
  FROM matching_runs
  GROUP BY ALL
)
SELECT
  product, station, phase, period,
  round(pass_time_s + fail_time_s + error_time_s + stopped_time_s + other_time_s, 2) AS total_time_s,
  pass_time_s, fail_time_s, error_time_s, stopped_time_s, other_time_s, runs_without_end, negative_durations, development_only
FROM sums, phase_rule
ORDER BY period, product, station, phase
