-- SPDX-License-Identifier: Apache-2.0
SELECT coalesce(outcome, 'running') AS outcome, count(*) AS runs FROM run_facts
WHERE {run_filter} AND {run_scope}
GROUP BY ALL
ORDER BY runs DESC, outcome
