-- SPDX-License-Identifier: Apache-2.0
WITH columns AS (
  SELECT list(DISTINCT COLUMNS([
    'test_phase', 'dut_part_number', 'station_hostname', 'dut_lot_number', 'operator_id', 'project_name', 'station_id'
  ])) FROM run_facts
)
SELECT * FROM (SELECT name AS column, unnest(found) AS value FROM (UNPIVOT columns ON COLUMNS(*) INTO NAME name VALUE found))
WHERE trim(value) <> ''
ORDER BY ALL
