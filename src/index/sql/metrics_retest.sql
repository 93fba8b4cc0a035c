-- SPDX-License-Identifier: Apache-2.0
-- Serials with more than one run in a period; phases are counted apart, since a unit goes through each. retested_ever and
-- retest_recovered (first run not passed, last one passed) look at the whole history of the unit at all stations.
-- Units are grouped by their hash: 64 bits, so among a million units two are taken for one once in 40 million such histories.
WITH
{matching_runs},
finished AS (
  SELECT run_id, outcome, started_at, hash(product, dut_serial, phase) AS unit_phase
  FROM run_facts WHERE dut_serial IS NOT NULL AND is_finished(outcome, ended_at)
),
histories AS (
  SELECT
    unit_phase,
    arg_min_null(outcome, (started_at, run_id)) IS DISTINCT FROM 'passed'
      AND arg_max_null(outcome, (started_at, run_id)) IS NOT DISTINCT FROM 'passed' AS recovered
  FROM finished SEMI JOIN (SELECT unit_phase FROM finished GROUP BY unit_phase HAVING count(*) > 1) USING (unit_phase)
  GROUP BY unit_phase
),
grouped_runs AS (
  SELECT
    CASE WHEN $by_product THEN product END AS product,
    CASE WHEN $by_station THEN station END AS station,
    CASE WHEN $by_phase THEN phase END AS phase,
    period_{period}(started_at, $tz) AS period,
    CASE WHEN dut_serial IS NOT NULL THEN hash(product, dut_serial) END AS unit,
    hash(product, dut_serial, phase) AS unit_phase
  FROM matching_runs
),
keyed_runs AS (SELECT hash(product, station, phase, period) AS group_key, unit, unit_phase FROM grouped_runs),
groups AS (
  SELECT hash(product, station, phase, period) AS group_key, product, station, phase, period, count(*) - count(unit) AS unserialized_runs
  FROM grouped_runs GROUP BY product, station, phase, period
),
unit_phases AS (
  SELECT group_key, unit, unit_phase, count(*) AS runs FROM keyed_runs WHERE unit IS NOT NULL GROUP BY group_key, unit, unit_phase
),
units AS (
  SELECT
    group_key,
    sum(runs - 1)::BIGINT AS retries,
    bool_or(recovered IS NOT NULL) AS is_retested_ever,
    bool_or(recovered) AS is_recovered
  FROM unit_phases LEFT JOIN histories USING (unit_phase)
  GROUP BY group_key, unit
),
counts AS (
  SELECT
    group_key,
    count(*) AS total_serials,
    count_where(retries > 0) AS retested_count,
    round(avg(retries), 2) AS avg_retries,
    count_where(is_retested_ever) AS retested_ever,
    count_where(is_recovered) AS retest_recovered
  FROM units
  GROUP BY group_key
),
sums AS (
  SELECT
    product, station, phase, period, coalesce(total_serials, 0) AS total_serials, coalesce(retested_count, 0) AS retested_count, avg_retries,
    coalesce(retested_ever, 0) AS retested_ever, coalesce(retest_recovered, 0) AS retest_recovered, unserialized_runs
  FROM groups LEFT JOIN counts USING (group_key)
)
SELECT
  product, station, phase, period, total_serials, retested_count,
  share_pct(retested_count, total_serials, 2) AS retest_rate,
  wilson_low_pct(retested_count, total_serials, 2) AS retest_rate_ci_low,
  wilson_high_pct(retested_count, total_serials, 2) AS retest_rate_ci_high,
  avg_retries, retested_ever, retest_recovered, unserialized_runs, development_only
FROM sums, phase_rule
ORDER BY period, product, station, phase
