-- SPDX-License-Identifier: Apache-2.0
-- A type may end in *: all that begin so. With a limit the newest that match are kept; the answer ascends in any case.
WITH wanted AS (
  SELECT event_number FROM events
  WHERE ($session_id IS NULL OR session_id = $session_id)
    AND ($run_id IS NULL OR run_id = $run_id)
    AND ($event_type IS NULL OR len(list_filter($event_type, lambda wanted:
      CASE WHEN ends_with(wanted, '*') THEN starts_with(event_type, rtrim(wanted, '*')) ELSE event_type = wanted END)) > 0)
    AND ($since IS NULL OR received_at >= first_moment($since, $tz))
    AND ($until IS NULL OR received_at < moment_after($until, $tz))
    AND ($after IS NULL OR event_number > $after)
    AND ($until_event_number IS NULL OR event_number <= $until_event_number)
    AND ($role IS NULL OR list_contains($role, json ->> '$.role') OR list_contains($role, json ->> '$.instrument_role')
      OR len(list_filter($role, lambda wanted: starts_with(json ->> '$.channel_id', wanted || '.'))) > 0)
  ORDER BY event_number DESC
  LIMIT {limit}
)
SELECT events.* FROM events SEMI JOIN wanted USING (event_number)
ORDER BY event_number
