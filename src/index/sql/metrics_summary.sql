-- SPDX-License-Identifier: Apache-2.0
-- Yield per product, station, phase and period. A unit is a serial of a product in a phase, and at a station where rows are per station.
-- Its first and last run are those of its whole history, whatever is filtered, so that a retest in a later period is no first pass. Over
-- everything at once the last run is the last of those counted: periods cannot be added up to that, a retested unit would count twice.
-- Units are known by hashes of 64 bits: among a million units two are taken for one once in 40 million such histories. Most units have one
-- run, which is the first and the last one; only of the others the ends are looked for.
WITH
{matching_runs},
attempts AS (
  SELECT run_key, run_id, started_at, hash(product, dut_serial, phase, CASE WHEN $by_station THEN station END) AS unit
  FROM run_facts
  WHERE dut_serial IS NOT NULL AND is_finished(outcome, ended_at)
    AND ($attempts = 'all' OR outcome NOT IN ('skipped', 'done', 'terminated', 'aborted'))
),
repeated_units AS (SELECT unit FROM attempts GROUP BY unit HAVING count(*) > 1),
repeated_ends AS (
  SELECT
    arg_min(run_key, (started_at, run_id)) AS first_key,
    arg_max(run_key, (started_at, run_id)) FILTER ($period <> 'all' OR run_key IN (SELECT run_key FROM matching_runs)) AS last_key
  FROM attempts SEMI JOIN repeated_units USING (unit)
  GROUP BY unit
),
attempted AS (
  SELECT
    *,
    dut_serial IS NOT NULL
      AND ($attempts = 'all' OR coalesce(outcome NOT IN ('skipped', 'done', 'terminated', 'aborted'), false)) AS is_attempt,
    hash(product, dut_serial, phase, CASE WHEN $by_station THEN station END) IN (FROM repeated_units) AS is_repeated
  FROM matching_runs
),
counted AS (
  SELECT
    CASE WHEN $by_product THEN product END AS product,
    CASE WHEN $by_station THEN station END AS station,
    CASE WHEN $by_phase THEN phase END AS phase,
    period_{period}(started_at, $tz) AS period,
    outcome, duration_us,
    dut_serial IS NULL AS is_unserialized,
    CASE WHEN dut_serial IS NOT NULL THEN hash(product, dut_serial) END AS unit,
    is_attempt AND (NOT is_repeated OR run_key IN (SELECT first_key FROM repeated_ends)) AS is_first,
    is_attempt AND (NOT is_repeated OR run_key IN (SELECT last_key FROM repeated_ends WHERE last_key IS NOT NULL)) AS is_last
  FROM attempted
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
