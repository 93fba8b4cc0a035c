-- SPDX-License-Identifier: Apache-2.0
SELECT ({column})::VARCHAR AS value, count(*) AS count
{facet_rows}
  AND {column} IS NOT NULL
GROUP BY value
ORDER BY count DESC, value
LIMIT {limit}
