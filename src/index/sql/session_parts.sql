-- SPDX-License-Identifier: Apache-2.0
-- The rows of stored_session_parts for {events}: what these tell of each session, to be put together with what others tell.
SELECT
  session_id, hash(session_id) AS session, count(*) AS num_events, max(occurred_at) AS last_event_at,
  max(occurred_at) FILTER (event_type = 'session.ended') AS ended_at,
  max(event_number) FILTER (event_type = 'session.ended') AS end_number,
  arg_max(CASE WHEN event_type = 'session.ended' THEN json ->> '$.outcome' END, event_number) AS outcome
FROM {events}
GROUP BY session_id
