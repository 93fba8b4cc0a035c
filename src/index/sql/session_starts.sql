-- SPDX-License-Identifier: Apache-2.0
-- The rows of stored_session_starts for {events}.
SELECT
  event_number, session_id, json ->> '$.session_type' AS session_type, json ->> '$.client' AS client, json ->> '$.station_id' AS station_id,
  json ->> '$.station_name' AS station_name, json ->> '$.station_hostname' AS station_hostname, json ->> '$.operator_id' AS operator_id,
  (json ->> '$.pid')::BIGINT AS pid, (json ->> '$.slot_count')::BIGINT AS slot_count, occurred_at AS started_at
FROM {events}
WHERE event_type = 'session.started'
