-- SPDX-License-Identifier: Apache-2.0
-- What several queries need: moments and periods, intervals of confidence, lists of the relations.

-- 64 bits wide, unlike a sum of conditions.
CREATE OR REPLACE MACRO count_where(condition) AS count(CASE WHEN condition THEN 1 END);

-- A run that is over. Running ones count in no metric.
CREATE OR REPLACE MACRO is_finished(outcome, ended_at) AS outcome IS NOT NULL OR ended_at IS NOT NULL;

-- since and until as text: a date alone is the whole local day, both ends included; else the exact moment, with its offset from UTC.
CREATE OR REPLACE MACRO first_moment(since, tz) AS
  CASE WHEN length(since) = 10 THEN timezone(tz, since::TIMESTAMP) ELSE since::TIMESTAMPTZ END;
CREATE OR REPLACE MACRO moment_after(until, tz) AS
  CASE
    WHEN length(until) = 10 THEN timezone(tz, until::TIMESTAMP + INTERVAL 1 DAY)
    ELSE until::TIMESTAMPTZ + INTERVAL 1 MICROSECOND
  END;

-- The shortcut spares the calendar for the usual zone.
CREATE OR REPLACE MACRO local_time(moment, tz) AS
  CASE WHEN tz = 'UTC' THEN make_timestamp(epoch_us(moment)) ELSE timezone(tz, moment) END;

-- The period a moment lies in, by its key. An hour is a moment, since a local one happens twice when clocks are put back.
CREATE OR REPLACE MACRO period_all(moment, tz) AS NULL::DATE;
CREATE OR REPLACE MACRO period_month(moment, tz) AS date_trunc('month', local_time(moment, tz))::DATE;
CREATE OR REPLACE MACRO period_week(moment, tz) AS date_trunc('week', local_time(moment, tz))::DATE;
CREATE OR REPLACE MACRO period_day(moment, tz) AS local_time(moment, tz)::DATE;
CREATE OR REPLACE MACRO period_hour(moment, tz) AS
  moment - (local_time(moment, tz) - date_trunc('hour', local_time(moment, tz)));

-- Microseconds, exact; NULL without an end and where the clock was put back.
CREATE OR REPLACE MACRO duration_us(started_at, ended_at) AS
  CASE WHEN ended_at >= started_at THEN epoch_us(ended_at) - epoch_us(started_at) END;

-- 95 % interval of a share k / n in percent. E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference,
-- Journal of the American Statistical Association 22 (1927): (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
CREATE OR REPLACE MACRO normal_quantile_975() AS 1.959963984540054::DOUBLE;
CREATE OR REPLACE MACRO wilson_center(k, n) AS
  (k + pow(normal_quantile_975(), 2) / 2) / (n + pow(normal_quantile_975(), 2));
CREATE OR REPLACE MACRO wilson_half_width(k, n) AS
  normal_quantile_975() / (n + pow(normal_quantile_975(), 2)) * sqrt(k * (n - k) / n + pow(normal_quantile_975(), 2) / 4);
CREATE OR REPLACE MACRO wilson_low_pct(k, n, decimals) AS
  CASE WHEN n > 0 THEN round(100 * greatest(0, wilson_center(k, n) - wilson_half_width(k, n)), decimals) END;
CREATE OR REPLACE MACRO wilson_high_pct(k, n, decimals) AS
  CASE WHEN n > 0 THEN round(100 * least(1, wilson_center(k, n) + wilson_half_width(k, n)), decimals) END;
CREATE OR REPLACE MACRO share_pct(k, n, decimals) AS CASE WHEN n > 0 THEN round(100.0::DOUBLE * k / n, decimals) END;

-- Half the width of the 95 % interval of a Cpk from n values. A. F. Bissell, How Reliable is Your Capability Index?,
-- Applied Statistics 39 (1990): z sqrt(1/9n + Cpk²/(2(n-1))).
CREATE OR REPLACE MACRO bissell_half_width(cpk, n) AS
  normal_quantile_975() * sqrt(1 / (9 * n) + cpk * cpk / (2 * (n - 1)));

-- What SHOW TABLES, information_schema and pg_catalog are made of: they list the relations, and not what these are made of.
CREATE OR REPLACE MACRO is_relation(name) AS name IN ('runs', 'steps', 'measurements', 'events', 'sessions');
CREATE OR REPLACE MACRO duckdb_tables() AS TABLE FROM system.main.duckdb_tables() WHERE false;
CREATE OR REPLACE MACRO duckdb_views() AS TABLE FROM system.main.duckdb_views() WHERE database_name = 'memory' AND is_relation(view_name);
CREATE OR REPLACE MACRO duckdb_columns() AS TABLE FROM system.main.duckdb_columns() WHERE database_name = 'memory' AND is_relation(table_name);

-- Whether a value is one of those chosen, given as texts: numbers as numbers, since 25 and 25.0 are one to those who choose.
CREATE OR REPLACE MACRO is_one_of(value, chosen) AS
  list_contains(chosen, value::VARCHAR)
  OR coalesce(list_contains(list_transform(chosen, lambda text: TRY_CAST(text AS DOUBLE)), TRY_CAST(value AS DOUBLE)), false);
