-- SPDX-License-Identifier: Apache-2.0
SELECT {x} AS x, avg(({y})::DOUBLE) AS y, ({group_by})::VARCHAR AS "group", count(*) AS count
{facet_rows}
  AND {x} IS NOT NULL AND {y} IS NOT NULL
GROUP BY x, "group"
ORDER BY x, "group"
LIMIT {limit}
