-- SPDX-License-Identifier: Apache-2.0
WITH
filled AS ({filled_rows}),
counts AS (SELECT row_count, name, count FROM (UNPIVOT filled ON COLUMNS(* EXCLUDE row_count) INTO NAME name VALUE count))
SELECT
  column_name AS name, data_type AS type,
  CASE
    WHEN data_type IN ('DOUBLE', 'BIGINT', 'INTEGER') THEN 'number'
    WHEN data_type LIKE 'TIMESTAMP%' THEN 'time'
    WHEN data_type = 'BOOLEAN' THEN 'boolean'
    ELSE 'text'
  END AS category,
  CASE WHEN row_count > 0 THEN round(1 - count / row_count, 4) END AS null_share
FROM duckdb_columns() LEFT JOIN counts ON column_name = name
WHERE table_name = '{relation}' AND database_name = current_database()
ORDER BY column_index
