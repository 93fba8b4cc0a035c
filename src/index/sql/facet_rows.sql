-- SPDX-License-Identifier: Apache-2.0
-- Measurements under the facets: any value within one, all of them together.
  FROM measurement_facts AS m
  JOIN (
    SELECT *, outcome AS run_outcome, started_at AS run_started_at, ended_at AS run_ended_at FROM run_facts
    WHERE {run_filter} AND ($include_incomplete OR is_finished(outcome, ended_at))
  ) AS r USING (run_key)
  WHERE ($measurement_outcome IS NULL OR list_contains($measurement_outcome, measurement_outcome))
    AND ($comparator IS NULL OR list_contains($comparator, limit_comparator))
    AND ($step IS NULL OR list_contains($step, step_name))
    AND ($measurement IS NULL OR list_contains($measurement, measurement_name))
    AND ($characteristic IS NULL OR list_contains($characteristic, characteristic_id))
    {column_filters}
