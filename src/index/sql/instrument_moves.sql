-- SPDX-License-Identifier: Apache-2.0
-- The rows of stored_instrument_moves for {events}.
SELECT
  event_number, session_id, occurred_at, event_type = 'fixture.instrument_connected' AS connects,
  json ->> '$.role' AS role, json ->> '$.resource' AS resource, json ->> '$.instrument_id' AS instrument_id,
  json ->> '$.serial' AS serial, json ->> '$.cal_due' AS cal_due, coalesce((json ->> '$.mocked')::BOOLEAN, false) AS mocked,
  hash(session_id) AS session, hash(role, resource, mocked) AS asset
FROM {events}
WHERE event_type IN ('fixture.instrument_connected', 'fixture.instrument_disconnected')
