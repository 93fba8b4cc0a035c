-- SPDX-License-Identifier: Apache-2.0
-- What only the index file has: dictionaries, and what the index knows of the files it was made from.

CREATE TABLE sealed.index_format (version BIGINT);

-- What repeats from run to run is kept once, so that a measurement row is a few numbers.
CREATE TABLE sealed.measurement_kinds (
  kind_key INTEGER,
  step_path VARCHAR,
  step_name VARCHAR,
  parent_path VARCHAR,
  step_module VARCHAR,
  step_file VARCHAR,
  step_class VARCHAR,
  step_function VARCHAR,
  step_markers VARCHAR,
  step_vector_count VARCHAR,
  measurement_name VARCHAR,
  measurement_units VARCHAR,
  limit_comparator VARCHAR,
  limit_nominal_text VARCHAR,
  characteristic_id VARCHAR,
  spec_ref VARCHAR,
  dut_pin VARCHAR,
  dut_pin_name VARCHAR,
  net VARCHAR,
  fixture_connection VARCHAR,
  instrument_name VARCHAR,
  instrument_resource VARCHAR,
  instrument_channel VARCHAR,
  instrument_terminal VARCHAR
);

-- A key may be there more than once.
CREATE TABLE sealed.measurement_limits (limits_key BIGINT, kind_key INTEGER, limit_low DOUBLE, limit_high DOUBLE);

-- Of one writer there may be several: each start of the daemon gives it a new key.
CREATE TABLE sealed.stored_writers (writer_key INTEGER, writer_id VARCHAR);

-- What is asked of many sessions, so that the JSON of no event is read for it: see session_starts.sql, session_parts.sql and
-- instrument_moves.sql, which make it of stored_events.
CREATE TABLE sealed.stored_session_starts (
  event_number BIGINT,
  session_id VARCHAR,
  session_type VARCHAR,
  client VARCHAR,
  station_id VARCHAR,
  station_name VARCHAR,
  station_hostname VARCHAR,
  operator_id VARCHAR,
  pid BIGINT,
  slot_count BIGINT,
  started_at TIMESTAMPTZ
);
CREATE TABLE sealed.stored_session_parts (
  session_id VARCHAR,
  session UBIGINT,             -- a hash of session_id: grouped in a fraction of the time that texts take
  num_events BIGINT,
  last_event_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ,
  end_number BIGINT,
  outcome VARCHAR
);
CREATE TABLE sealed.stored_instrument_moves (
  event_number BIGINT,
  session_id VARCHAR,
  session UBIGINT,             -- a hash of session_id
  asset UBIGINT,               -- a hash of what makes an asset: role, resource, mocked
  occurred_at TIMESTAMPTZ,
  connects BOOLEAN,            -- else disconnects
  role VARCHAR,
  resource VARCHAR,
  instrument_id VARCHAR,
  serial VARCHAR,
  cal_due VARCHAR,
  mocked BOOLEAN
);

CREATE TABLE sealed.indexed_files (folder VARCHAR, name VARCHAR, size UBIGINT, modified_us BIGINT);
CREATE TABLE sealed.broken_files (path VARCHAR, size UBIGINT, modified_us BIGINT, reason VARCHAR);
CREATE TABLE sealed.indexed_event_files (
  folder VARCHAR,
  name VARCHAR,
  writer_key INTEGER,
  session_id VARCHAR,
  last_seq BIGINT,
  size UBIGINT,
  finished BOOLEAN
);
CREATE TABLE sealed.indexed_folders (path VARCHAR, modified_us BIGINT);

-- Dynamic columns, in the order in which they were added.
CREATE TABLE sealed.dynamic_columns (table_name VARCHAR, column_name VARCHAR, column_type VARCHAR);
