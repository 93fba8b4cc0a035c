-- SPDX-License-Identifier: Apache-2.0
-- The runs that a metric is about: finished, passing the filters, and not of phase `development` unless it is asked for or nothing
-- else matches (a new project has no others; the answer then says so in development_only).
candidate_runs AS (
  SELECT
    run_key, run_id, product, station, phase, dut_serial, outcome, started_at, duration_us(started_at, ended_at) AS duration_us,
    ended_at < started_at AS ends_before_start, ended_at IS NULL AS has_no_end,
    dut_part_number, station_hostname, station_id, operator_id, test_phase, fixture_id
  FROM run_facts
  WHERE is_finished(outcome, ended_at) AND {run_filter}
),
phase_rule AS (
  SELECT $hide_development AND coalesce(bool_and(phase = 'development'), false) AS development_only FROM candidate_runs
),
matching_runs AS (
  FROM candidate_runs
  WHERE NOT $hide_development OR phase <> 'development' OR (SELECT development_only FROM phase_rule)
)
