-- SPDX-License-Identifier: Apache-2.0
-- Yield per product, station, phase and period. A unit is a serial of a product in a phase, and at a station where rows are per station.
-- Its first and last run are those of its whole history, whatever is filtered, so that a retest in a later period is no first pass. Over
-- everything at once the last run is the last of those counted: periods cannot be added up to that, a retested unit would count twice.
WITH
{matching_runs},
unit_ends AS (
  SELECT
    arg_min(run_key, (started_at, run_id)) AS first_key,
    arg_max(run_key, (started_at, run_id)) FILTER ($period <> 'all' OR run_key IN (SELECT run_key FROM matching_runs)) AS last_key
  FROM run_facts
  WHERE dut_serial IS NOT NULL AND is_finished(outcome, ended_at)
    AND ($attempts = 'all' OR outcome NOT IN ('skipped', 'done', 'terminated', 'aborted'))
  GROUP BY product, dut_serial, phase, CASE WHEN $by_station THEN station END
),
counted AS (
  SELECT
    CASE WHEN $by_product THEN product END AS product,
    CASE WHEN $by_station THEN station END AS station,
    CASE WHEN $by_phase THEN phase END AS phase,
    period_{period}(started_at, $tz) AS period,
    outcome, duration_us,
    dut_serial IS NULL AS is_unserialized,
    product || chr(0) || dut_serial AS unit,
    run_key IN (SELECT first_key FROM unit_ends) AS is_first,
    run_key IN (SELECT last_key FROM unit_ends WHERE last_key IS NOT NULL) AS is_last
  FROM matching_runs
),
sums AS (
  SELECT
    product, station, phase, period,
    count(*) AS total_runs,
    count_where(outcome = 'passed') AS passed,
    count_where(outcome = 'failed') AS failed,
    count_where(outcome = 'errored') AS errored,
    count_where(outcome = 'terminated') AS terminated,
    count_where(outcome = 'aborted') AS aborted,
    count_where(outcome = 'done') AS done,
    count_where(outcome = 'skipped') AS skipped,
    count_where(is_unserialized) AS unserialized_runs,
    count(DISTINCT unit) AS unique_serials,
    count_where(is_first) AS first_pass_total,
    count_where(is_first AND outcome = 'passed') AS first_pass_passed,
    count_where(is_last) AS final_total,
    count_where(is_last AND outcome = 'passed') AS final_passed,
    round(avg(duration_us) / 1e6, 2) AS avg_duration_s,
    round(min(duration_us) / 1e6, 2) AS min_duration_s,
    round(max(duration_us) / 1e6, 2) AS max_duration_s,
    round(quantile_cont(duration_us, 0.95) / 1e6, 2) AS p95_duration_s
  FROM counted
  GROUP BY ALL
)
SELECT
  product, station, phase, period,
  total_runs, passed, failed, errored, terminated, aborted, done, skipped, unserialized_runs,
  unique_serials,
  first_pass_total, first_pass_passed,
  share_pct(first_pass_passed, first_pass_total, 2) AS fpy_pct,
  wilson_low_pct(first_pass_passed, first_pass_total, 2) AS fpy_pct_ci_low,
  wilson_high_pct(first_pass_passed, first_pass_total, 2) AS fpy_pct_ci_high,
  final_total, final_passed,
  share_pct(final_passed, final_total, 2) AS final_yield_pct,
  wilson_low_pct(final_passed, final_total, 2) AS final_yield_pct_ci_low,
  wilson_high_pct(final_passed, final_total, 2) AS final_yield_pct_ci_high,
  avg_duration_s, min_duration_s, max_duration_s, p95_duration_s,
  development_only
FROM sums, phase_rule
ORDER BY period, product, station, phase
