-- SPDX-License-Identifier: Apache-2.0
-- Serials with more than one run in a period; phases are counted apart, since a unit goes through each. retested_ever and
-- retest_recovered (first run not passed, last one passed) look at the whole history of the unit at all stations.
-- Units are grouped by their hash: 64 bits, so among a million units two are taken for one once in 40 million such histories.
WITH
{matching_runs},
histories AS (
  SELECT
    unit_phase,
    arg_min(outcome, (started_at, run_id)) IS DISTINCT FROM 'passed' AND arg_max(outcome, (started_at, run_id)) = 'passed' AS recovered
  FROM (SELECT *, hash(product, dut_serial, phase) AS unit_phase FROM run_facts)
  WHERE dut_serial IS NOT NULL AND is_finished(outcome, ended_at)
  GROUP BY unit_phase
  HAVING count(*) > 1
),
unit_phases AS (
  SELECT
    CASE WHEN $by_product THEN product END AS product,
    CASE WHEN $by_station THEN station END AS station,
    CASE WHEN $by_phase THEN phase END AS phase,
    period_{period}(started_at, $tz) AS period,
    hash(product, dut_serial) AS unit, hash(product, dut_serial, phase) AS unit_phase, dut_serial IS NOT NULL AS has_serial,
    count(*) AS runs
  FROM matching_runs
  GROUP BY ALL
),
units AS (
  SELECT
    product, station, phase, period, has_serial,
    sum(runs)::BIGINT AS runs,
    sum(runs - 1)::BIGINT AS retries,
    bool_or(recovered IS NOT NULL) AS is_retested_ever,
    bool_or(recovered) AS is_recovered
  FROM unit_phases LEFT JOIN histories USING (unit_phase)
  GROUP BY product, station, phase, period, has_serial, unit
),
sums AS (
  SELECT
    product, station, phase, period,
    count_where(has_serial) AS total_serials,
    count_where(has_serial AND retries > 0) AS retested_count,
    round(avg(retries) FILTER (has_serial), 2) AS avg_retries,
    count_where(has_serial AND is_retested_ever) AS retested_ever,
    count_where(has_serial AND is_recovered) AS retest_recovered,
    coalesce(sum(runs) FILTER (NOT has_serial), 0)::BIGINT AS unserialized_runs
  FROM units
  GROUP BY product, station, phase, period
)
SELECT
  product, station, phase, period, total_serials, retested_count,
  share_pct(retested_count, total_serials, 2) AS retest_rate,
  wilson_low_pct(retested_count, total_serials, 2) AS retest_rate_ci_low,
  wilson_high_pct(retested_count, total_serials, 2) AS retest_rate_ci_high,
  avg_retries, retested_ever, retest_recovered, unserialized_runs, development_only
FROM sums, phase_rule
ORDER BY period, product, station, phase
