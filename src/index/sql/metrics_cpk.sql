-- SPDX-License-Identifier: Apache-2.0
-- Process capability, of what one measurement of one unit and limit set gave: final attempts, finite values. Cpk is the smaller of
-- (USL - mean) / 3 sigma and (mean - LSL) / 3 sigma, Cp is (USL - LSL) / 6 sigma; sigma is the overall sample deviation, so this is what
-- some call Ppk. Values whose squares a double cannot hold count as not finite. Kinds with the same name, step and units are one: their
-- moments are taken apart and put together.
WITH
{matching_runs},
keyed_runs AS (
  SELECT
    run_key,
    CASE WHEN $by_product THEN product END AS product,
    CASE WHEN $by_station THEN station END AS station,
    CASE WHEN $by_phase THEN phase END AS phase,
    hash(CASE WHEN $by_product THEN product END, CASE WHEN $by_station THEN station END, CASE WHEN $by_phase THEN phase END) AS group_key
  FROM matching_runs
),
groups AS (SELECT DISTINCT group_key, product, station, phase FROM keyed_runs),
-- A row per measurement, which is a lot: the bounds are compared where they are stored, most often per block, and one hash stands for all
-- that makes a group.
final_values AS NOT MATERIALIZED (
  SELECT *, hash(group_key, limits_key{conditions}) AS moment_key
  FROM measurement_rows JOIN keyed_runs USING (run_key)
  WHERE is_final
),
moments AS (
  SELECT
    moment_key{conditions}, any_value(group_key) AS group_key, any_value(limits_key) AS limits_key, count(*) AS n, avg(measurement_value) AS mean, var_pop(measurement_value) AS variance
  FROM final_values
  WHERE measurement_value > -1e150 AND measurement_value < 1e150
  GROUP BY moment_key{conditions}
),
left_out AS (
  SELECT moment_key, count(*) AS non_finite FROM final_values
  WHERE measurement_value <= -1e150 OR measurement_value >= 1e150
  GROUP BY moment_key
),
limit_sets AS (
  SELECT limits_key, any_value(kind_key) AS kind_key, any_value(limit_low) AS limit_low, any_value(limit_high) AS limit_high
  FROM sealed.measurement_limits GROUP BY limits_key
),
labelled AS (
  SELECT
    product, station, phase, step_path, step_name, measurement_name, measurement_units AS units, {conditions_json} AS conditions,
    limit_low AS lsl, limit_high AS usl, n, coalesce(non_finite, 0) AS non_finite, mean, variance
  FROM moments JOIN limit_sets USING (limits_key) JOIN sealed.measurement_kinds USING (kind_key) JOIN groups USING (group_key) LEFT JOIN left_out USING (moment_key)
),
-- From one of the means on, so that equal ones give the same mean to the last digit: else equal values would vary.
based AS (
  SELECT *, min(mean) OVER same AS base
  FROM labelled
  WINDOW same AS (PARTITION BY product, station, phase, step_path, step_name, measurement_name, units, conditions, lsl, usl)
),
means AS (
  SELECT *, base + sum(n * (mean - base)) OVER same / sum(n) OVER same AS joint_mean
  FROM based
  WINDOW same AS (PARTITION BY product, station, phase, step_path, step_name, measurement_name, units, conditions, lsl, usl)
),
joined AS (
  SELECT
    product, station, phase, step_path, step_name, measurement_name, units, conditions, lsl, usl,
    sum(n)::BIGINT AS n, sum(non_finite)::BIGINT AS non_finite,
    CASE WHEN count(*) = 1 THEN any_value(mean) ELSE any_value(joint_mean) END AS mean,
    sqrt(sum(n * (variance + CASE WHEN mean = joint_mean THEN 0 ELSE pow(mean - joint_mean, 2) END))
      / nullif(sum(n) - 1, 0)) AS sigma
  FROM means
  GROUP BY ALL
  HAVING sum(n) >= {min_samples}
),
-- What rounding leaves of equal values, which are put together from many parts, is no deviation.
settled AS (SELECT * REPLACE (CASE WHEN sigma <= 1e-14 * abs(mean) THEN 0 ELSE sigma END AS sigma) FROM joined),
capability AS (
  SELECT
    *,
    CASE WHEN sigma > 0 THEN (usl - lsl) / (6 * sigma) END AS exact_cp,
    CASE WHEN sigma > 0 THEN least((usl - mean) / (3 * sigma), (mean - lsl) / (3 * sigma)) END AS exact_cpk
  FROM settled
)
SELECT
  product, station, phase, step_path, step_name, measurement_name, units, conditions,
  n, non_finite, mean, sigma, lsl, usl,
  round(exact_cp, 3) AS cp,
  round(exact_cpk, 3) AS cpk,
  round(exact_cpk - bissell_half_width(exact_cpk, n), 3) AS cpk_ci_low,
  round(exact_cpk + bissell_half_width(exact_cpk, n), 3) AS cpk_ci_high,
  nullif(concat_ws(
    '; ',
    CASE WHEN n = 1 THEN 'insufficient data' WHEN sigma = 0 THEN 'zero variance' END,
    CASE WHEN lsl IS NULL AND usl IS NULL THEN 'no limits' END,
    CASE WHEN n < 30 THEN 'only ' || n || CASE WHEN n = 1 THEN ' sample' ELSE ' samples' END END
  ), '') AS warning,
  development_only
FROM capability, phase_rule
ORDER BY
  cpk NULLS LAST, lsl IS NULL AND usl IS NULL, product, station, phase, step_path, measurement_name, units, conditions, lsl, usl, step_name
LIMIT {top}
