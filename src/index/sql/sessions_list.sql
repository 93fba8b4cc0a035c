-- SPDX-License-Identifier: Apache-2.0
FROM sessions
WHERE ($station IS NULL OR list_contains($station, station_hostname) OR list_contains($station, station_id))
  AND ($since IS NULL OR started_at >= first_moment($since, $tz))
  AND ($until IS NULL OR started_at < moment_after($until, $tz))
ORDER BY started_at DESC, session_id
LIMIT {limit} OFFSET {offset}
