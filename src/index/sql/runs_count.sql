-- SPDX-License-Identifier: Apache-2.0
SELECT count(*) AS runs FROM run_facts WHERE {run_filter} AND {run_scope}
