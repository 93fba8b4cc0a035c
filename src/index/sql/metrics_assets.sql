-- SPDX-License-Identifier: Apache-2.0
-- How long instruments were connected. A connection ends with the first later disconnect of its role in the session, else with the session:
-- its end, or its last event. The window clips it. What is connected twice at once counts once: connected_s per session, busy_s altogether.
WITH
moves AS (
  FROM instrument_moves
  WHERE $station IS NULL OR session_id IN (
    SELECT session_id FROM session_starts WHERE list_contains($station, station_hostname) OR list_contains($station, station_id)
  )
),
connections AS (
  SELECT
    * EXCLUDE (occurred_at),
    occurred_at AS connected_at,
    min(CASE WHEN NOT connects THEN occurred_at END) OVER (
      PARTITION BY session_id, role ORDER BY occurred_at, event_number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS disconnected_at
  FROM moves
  QUALIFY connects
),
session_ends AS (
  SELECT session_id, coalesce(max(ended_at), max(last_event_at)) AS session_end
  FROM session_parts WHERE session_id IN (SELECT session_id FROM connections WHERE disconnected_at IS NULL)
  GROUP BY session_id
),
clipped AS (
  SELECT
    *,
    greatest(connected_at, first_moment($since, $tz)) AS opened,
    least(coalesce(disconnected_at, session_end), moment_after($until, $tz)) AS closed
  FROM connections LEFT JOIN session_ends USING (session_id)
  WHERE closed >= opened AND (NOT mocked OR $include_mocked)
),
stretches AS (
  SELECT
    *,
    max(closed) OVER (PARTITION BY role, resource, mocked, session_id ORDER BY opened, event_number
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_in_session,
    max(closed) OVER (PARTITION BY role, resource, mocked ORDER BY opened, event_number
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered
  FROM clipped
),
sums AS (
  SELECT
    role, resource, mocked,
    count(DISTINCT session_id) AS sessions,
    sum(greatest(0, epoch_us(closed) - epoch_us(greatest(opened, covered_in_session)))) / 1e6 AS connected_s,
    sum(greatest(0, epoch_us(closed) - epoch_us(greatest(opened, covered)))) / 1e6 AS busy_s,
    arg_max(
      struct_pack(id := instrument_id, serial := serial, due := TRY_CAST(cal_due AS DATE), at := connected_at), (connected_at, event_number)
    ) AS latest
  FROM stretches
  GROUP BY role, resource, mocked
)
SELECT
  role, resource, mocked, sessions,
  round(connected_s, 2) AS connected_s,
  round(busy_s, 2) AS busy_s,
  coalesce(round(100 * connected_s / nullif(sum(connected_s) OVER (), 0), 1), 0.0) AS share,
  latest.id AS instrument_id,
  latest.serial AS serial,
  latest.due AS cal_due,
  CASE WHEN latest.due < latest.at::DATE THEN 'overdue' WHEN latest.due IS NOT NULL THEN 'valid' END AS calibration
FROM sums
ORDER BY connected_s DESC, role, resource, mocked
