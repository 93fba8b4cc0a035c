-- SPDX-License-Identifier: Apache-2.0
FROM runs WHERE starts_with(run_id, lower($id)) ORDER BY run_id <> lower($id), started_at DESC, run_id LIMIT 10
