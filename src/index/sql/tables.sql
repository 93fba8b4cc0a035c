-- SPDX-License-Identifier: Apache-2.0
-- The tables of facts, made twice: in the index file, attached as `sealed`, for sealed runs, and in the schema `live` of the in-memory
-- database around it for running ones; {db} is the one or the other. Nothing has an index or a key: rows are found by run_key, which rises.
-- Dynamic columns (in_*, out_* of measurements, custom_* of runs) are added as they turn up, to both: DOUBLE, BOOLEAN or TIMESTAMPTZ under
-- their own name, else VARCHAR; a value of another type goes as text to {name}__text. Lists are JSON.

CREATE TABLE {db}.stored_runs (
  run_key BIGINT,              -- of this index only; rises with time of indexing
  run_id VARCHAR,
  file_path VARCHAR,           -- absolute; NULL while the run is not sealed
  session_id VARCHAR,
  slot_id VARCHAR,
  dut_serial VARCHAR,          -- NULL when blank
  dut_part_number VARCHAR,
  dut_revision VARCHAR,
  dut_lot_number VARCHAR,
  station_id VARCHAR,
  station_name VARCHAR,
  station_type VARCHAR,
  station_location VARCHAR,
  station_hostname VARCHAR,
  fixture_id VARCHAR,
  outcome VARCHAR,             -- NULL while running
  started_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ,        -- NULL while running
  num_measurements BIGINT,
  num_steps BIGINT,
  test_phase VARCHAR,
  product_id VARCHAR,
  product_name VARCHAR,
  product_revision VARCHAR,
  operator_id VARCHAR,
  operator_name VARCHAR,
  project_name VARCHAR,
  git_commit VARCHAR,
  git_branch VARCHAR,
  git_remote VARCHAR,
  python_version VARCHAR,
  litmus_version VARCHAR,
  env_fingerprint VARCHAR,
  events_lost BIGINT,
  product VARCHAR,             -- display product: part number, else product id, else 'unknown'
  station VARCHAR,             -- display station: host name, else station id, else 'unknown'
  phase VARCHAR                -- test phase, else 'unknown'
);

CREATE TABLE {db}.stored_steps (
  run_key BIGINT,
  row_seq BIGINT,              -- position in the run file: execution order, never-ran rows last
  step_path VARCHAR,
  vector_index BIGINT,
  step_index BIGINT,
  step_name VARCHAR,
  parent_path VARCHAR,
  outcome VARCHAR,             -- NULL: never ran or cut off
  vector_outcome VARCHAR,
  started_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ,
  measurement_count BIGINT,    -- measurement rows of this step_path and vector_index
  vector_count BIGINT,
  retry_count BIGINT,          -- attempts made minus one; 0 if it never ran
  markers VARCHAR,
  description VARCHAR,
  node_id VARCHAR,
  module VARCHAR,
  file VARCHAR,
  class VARCHAR,
  function VARCHAR,
  error_type VARCHAR,
  error_message VARCHAR,
  is_leaf BOOLEAN,             -- no other step of the run has it as parent
  inputs VARCHAR,              -- JSON object of in_*, names without prefix; NULL when there are none
  outputs VARCHAR              -- the same of out_*
);

CREATE TABLE {db}.stored_measurements (
  run_key BIGINT,
  kind_key INTEGER,            -- of sealed.measurement_kinds, for running runs too
  limits_key BIGINT,           -- of sealed.measurement_limits: stands for kind_key, limit_low and limit_high
  row_seq BIGINT,
  step_index BIGINT,
  vector_index BIGINT,
  vector_retry BIGINT,
  is_final BOOLEAN,            -- of the last attempt that measured at its step and vector: what counts in metrics
  measurement_timestamp TIMESTAMPTZ,
  measurement_value DOUBLE,
  measurement_text VARCHAR,
  measurement_bool BOOLEAN,
  measurement_outcome VARCHAR,
  limit_low DOUBLE,
  limit_high DOUBLE,
  limit_nominal DOUBLE,
  limit_nominal_bool BOOLEAN,
  allow_repeat BOOLEAN,
  step_started_at TIMESTAMPTZ,
  step_ended_at TIMESTAMPTZ,
  vector_started_at TIMESTAMPTZ,
  vector_ended_at TIMESTAMPTZ,
  step_outcome VARCHAR,
  vector_outcome VARCHAR,
  attempt_outcome VARCHAR,
  step_node_id VARCHAR
);

CREATE TABLE {db}.stored_events (
  event_number BIGINT,
  writer_key INTEGER,          -- of sealed.stored_writers
  seq BIGINT,
  occurred_at TIMESTAMPTZ,
  received_at TIMESTAMPTZ,
  id VARCHAR,
  event_type VARCHAR,
  session_id VARCHAR,
  run_id VARCHAR,
  json VARCHAR USING COMPRESSION zstd  -- a third of what is chosen otherwise
);
