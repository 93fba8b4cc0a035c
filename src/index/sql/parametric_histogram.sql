-- SPDX-License-Identifier: Apache-2.0
-- Bins of equal width from the smallest to the largest value of all groups; the largest is in the last bin. Equal values make one bin.
WITH
points AS (
  SELECT ({y})::DOUBLE AS y, ({group_by})::VARCHAR AS "group"
  {facet_rows}
    AND isfinite(({y})::DOUBLE)
),
ends AS (SELECT min(y) AS low, max(y) AS high, (max(y) - min(y)) / {bins} AS width FROM points),
binned AS (
  SELECT CASE WHEN width > 0 THEN least(floor((y - low) / width)::BIGINT, {bins} - 1) ELSE 0 END AS bin, "group", count(*) AS y
  FROM points, ends
  GROUP BY ALL
)
SELECT bin, low + (bin + 0.5) * width AS x, y, "group" FROM binned, ends
ORDER BY bin, "group"
