-- SPDX-License-Identifier: Apache-2.0
-- How long instruments were connected. A connection ends with the first later disconnect of its role in the session, else with the session:
-- its end, or its last event. The window clips it. What is connected twice at once counts once: connected_s per session, busy_s altogether.
-- Sessions and assets are known by the hashes that are stored with them.
WITH
moves AS (
  FROM instrument_moves
  WHERE $station IS NULL OR session_id IN (
    SELECT session_id FROM session_starts WHERE list_contains($station, station_hostname) OR list_contains($station, station_id)
  )
),
connections AS (
  SELECT event_number, session, asset, mocked, occurred_at AS connected_at, NULL AS disconnected_at
  FROM moves WHERE session NOT IN (SELECT session FROM moves WHERE NOT connects)
  UNION ALL BY NAME
  SELECT
    event_number, session, asset, mocked, occurred_at AS connected_at,
    min(CASE WHEN NOT connects THEN occurred_at END) OVER (
      PARTITION BY session, role ORDER BY occurred_at, event_number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS disconnected_at
  FROM moves WHERE session IN (SELECT session FROM moves WHERE NOT connects)
  QUALIFY connects
),
session_ends AS (
  SELECT session, coalesce(max(ended_at), max(last_event_at)) AS session_end FROM session_parts GROUP BY session
),
clipped AS (
  SELECT
    asset, hash(asset, session) AS asset_session, event_number, connected_at,
    epoch_us(greatest(connected_at, first_moment($since, $tz))) AS opened,
    epoch_us(least(coalesce(disconnected_at, session_end), moment_after($until, $tz))) AS closed
  FROM connections LEFT JOIN session_ends USING (session)
  WHERE closed >= opened AND (NOT mocked OR $include_mocked)
),
repeated AS (SELECT asset_session FROM clipped GROUP BY asset_session HAVING count(*) > 1),
in_sessions AS (
  SELECT asset, closed - opened AS connected_us FROM clipped ANTI JOIN repeated USING (asset_session)
  UNION ALL BY NAME
  SELECT any_value(asset) AS asset, sum(greatest(0, closed - greatest(opened, covered)))::BIGINT AS connected_us
  FROM (
    SELECT *, max(closed) OVER (PARTITION BY asset_session ORDER BY opened ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered
    FROM clipped SEMI JOIN repeated USING (asset_session)
  )
  GROUP BY asset_session
),
connected AS (SELECT asset, count(*) AS sessions, sum(connected_us) / 1e6 AS connected_s FROM in_sessions GROUP BY asset),
-- Over all sessions: the end of the one before is what is covered, unless a connection lies within another. A running maximum costs more.
in_order AS (
  SELECT asset, connected_at, opened, closed, lag(closed) OVER (PARTITION BY asset ORDER BY opened) AS covered FROM clipped
),
nested AS (SELECT asset FROM in_order GROUP BY asset HAVING bool_or(closed < covered)),
covers AS (
  FROM in_order ANTI JOIN nested USING (asset)
  UNION ALL BY NAME
  SELECT
    asset, connected_at, opened, closed,
    max(closed) OVER (PARTITION BY asset ORDER BY opened ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered
  FROM clipped SEMI JOIN nested USING (asset)
),
busy AS (
  SELECT asset, sum(greatest(0, closed - greatest(opened, covered))) / 1e6 AS busy_s, max(connected_at) AS last_connected_at
  FROM covers
  GROUP BY asset
),
latest AS (
  SELECT asset, max(event_number) AS event_number
  FROM clipped JOIN busy USING (asset) WHERE connected_at = last_connected_at
  GROUP BY asset
)
SELECT
  role, resource, mocked, sessions,
  round(connected_s, 2) AS connected_s,
  round(busy_s, 2) AS busy_s,
  coalesce(round(100 * connected_s / nullif(sum(connected_s) OVER (), 0), 1), 0.0) AS share,
  instrument_id,
  serial,
  TRY_CAST(cal_due AS DATE) AS cal_due,
  CASE
    WHEN TRY_CAST(moves.cal_due AS DATE) < occurred_at::DATE THEN 'overdue'
    WHEN TRY_CAST(moves.cal_due AS DATE) IS NOT NULL THEN 'valid'
  END AS calibration
FROM connected JOIN busy USING (asset) JOIN latest USING (asset) JOIN moves USING (asset, event_number)
ORDER BY connected_s DESC, role, resource, mocked
