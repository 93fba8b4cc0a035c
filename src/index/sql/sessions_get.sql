-- SPDX-License-Identifier: Apache-2.0
FROM sessions WHERE starts_with(session_id, lower($id)) ORDER BY session_id <> lower($id), started_at DESC, session_id LIMIT 10
