-- SPDX-License-Identifier: Apache-2.0
-- A page goes on behind the run `after`, wherever it stands by now: runs that came or went meanwhile neither repeat nor hide others.
    AND CASE
      WHEN NOT EXISTS (FROM run_facts WHERE run_id = $after) THEN error('there is no run ' || $after || ' to go on behind')
      WHEN {order_by} IS NOT DISTINCT FROM (SELECT any_value({order_by}) FROM keyed_runs WHERE run_id = $after) THEN run_id > $after
      ELSE
        {order_by} IS NULL
        OR coalesce({order_by} {beyond} (SELECT any_value({order_by}) FROM keyed_runs WHERE run_id = $after), false)
    END
