-- SPDX-License-Identifier: Apache-2.0
    ($session_id IS NULL OR session_id = $session_id) AND ($include_incomplete OR is_finished(outcome, ended_at))
