-- SPDX-License-Identifier: Apache-2.0
-- Newest run first, those of a session by slot. row_seq is the order of execution, with steps that never ran after it as planned.
WITH
{wanted_runs}
SELECT keyed_steps.* EXCLUDE (run_key) FROM keyed_steps SEMI JOIN wanted_runs USING (run_key)
ORDER BY {run_order}, row_seq
LIMIT {limit} OFFSET {offset}
