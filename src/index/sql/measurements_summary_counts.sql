-- SPDX-License-Identifier: Apache-2.0
WITH
by_run AS (SELECT run_key, any_value(product) AS product, count(*) AS row_count {facet_rows} GROUP BY run_key),
by_kind AS (SELECT DISTINCT kind_key {facet_rows})
SELECT
  (SELECT coalesce(sum(row_count), 0)::BIGINT FROM by_run) AS total_rows,
  (SELECT count(*) FROM by_run) AS distinct_runs,
  (SELECT count(DISTINCT measurement_name) FROM by_kind JOIN sealed.measurement_kinds USING (kind_key)) AS distinct_measurements,
  (SELECT count(DISTINCT product) FROM by_run) AS distinct_products
