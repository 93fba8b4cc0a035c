-- SPDX-License-Identifier: Apache-2.0
-- Values that are not finite have no mean: they are left out, as in histograms.
SELECT {x} AS x, avg(({y})::DOUBLE) AS y, ({group_by})::VARCHAR AS "group", count(*) AS count
{facet_rows}
  AND {x} IS NOT NULL AND isfinite(({y})::DOUBLE)
GROUP BY x, "group"
ORDER BY x, "group"
LIMIT {limit}
