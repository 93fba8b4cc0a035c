-- SPDX-License-Identifier: Apache-2.0
  count(duration_us) AS count,
  round(avg(duration_us) / 1e6, 2) AS mean_s,
  round(min(duration_us) / 1e6, 2) AS min_s,
  round(max(duration_us) / 1e6, 2) AS max_s,
  round(quantile_cont(duration_us, 0.95) / 1e6, 2) AS p95_s
