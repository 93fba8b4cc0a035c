-- SPDX-License-Identifier: Apache-2.0
-- What queries see: sealed and running runs as one. The first ones, with keys, are for the named queries; the relations `runs`, `steps`,
-- `measurements`, `events` and `sessions` are what users see. Made again whenever a dynamic column is added.

CREATE OR REPLACE VIEW run_facts AS
  FROM sealed.stored_runs UNION ALL BY NAME FROM live.stored_runs;

CREATE OR REPLACE VIEW step_facts AS
  FROM sealed.stored_steps UNION ALL BY NAME FROM live.stored_steps;

-- Without the texts of the kinds, for what is aggregated by kind_key first.
CREATE OR REPLACE VIEW measurement_rows AS
  FROM sealed.stored_measurements UNION ALL BY NAME FROM live.stored_measurements;

CREATE OR REPLACE VIEW measurement_facts AS
  SELECT kinds.* EXCLUDE (kind_key, step_vector_count), step_vector_count::INTEGER AS step_vector_count, rows.* EXCLUDE (limits_key)
  FROM measurement_rows AS rows JOIN sealed.measurement_kinds AS kinds USING (kind_key);

CREATE OR REPLACE VIEW event_facts AS
  FROM sealed.stored_events UNION ALL BY NAME FROM live.stored_events;

CREATE OR REPLACE VIEW keyed_runs AS
  SELECT
    run_key, run_id, file_path, session_id, slot_id, dut_serial, dut_part_number, dut_lot_number, station_id, station_name, station_hostname,
    fixture_id, outcome, started_at, ended_at, num_measurements, num_steps, test_phase, product_id, operator_id, project_name,
    (epoch_us(ended_at) - epoch_us(started_at)) / 1e6 AS duration_s,
    * EXCLUDE (
      run_key, run_id, file_path, session_id, slot_id, dut_serial, dut_part_number, dut_lot_number, station_id, station_name,
      station_hostname, fixture_id, outcome, started_at, ended_at, num_measurements, num_steps, test_phase, product_id, operator_id,
      project_name
    )
  FROM run_facts;
CREATE OR REPLACE VIEW runs AS SELECT * EXCLUDE (run_key) FROM keyed_runs;

CREATE OR REPLACE VIEW keyed_steps AS
  SELECT
    run_key, r.run_id, s.step_path, s.vector_index, s.step_index, r.file_path, r.session_id, r.slot_id, s.step_name, s.parent_path, s.outcome,
    s.started_at, s.ended_at, (epoch_us(s.ended_at) - epoch_us(s.started_at)) / 1e6 AS duration_s,
    s.measurement_count > 0 AS has_measurements, s.measurement_count, s.vector_count, s.retry_count, s.markers, r.dut_serial,
    r.station_id, s.inputs, s.outputs,
    s.vector_outcome, s.row_seq, s.is_leaf, s.description, s.node_id, s.module, s.file, s.class, s.function, s.error_type,
    s.error_message, r.outcome AS run_outcome, r.started_at AS run_started_at, r.ended_at AS run_ended_at, r.product, r.station, r.phase
  FROM step_facts AS s JOIN run_facts AS r USING (run_key);
CREATE OR REPLACE VIEW steps AS SELECT * EXCLUDE (run_key) FROM keyed_steps;

-- In the names of the run file.
CREATE OR REPLACE VIEW keyed_measurements AS
  SELECT
    run_key, r.session_id, r.run_id, r.slot_id, r.started_at AS run_started_at, r.ended_at AS run_ended_at,
    m.step_name, m.step_index, m.step_path, m.parent_path, m.step_started_at, m.step_ended_at, m.step_node_id, m.step_module,
    m.step_file, m.step_class, m.step_function, m.step_markers, m.step_vector_count, m.vector_index, m.vector_retry,
    m.vector_started_at, m.vector_ended_at,
    r.operator_id, r.operator_name, r.dut_serial, r.dut_part_number, r.dut_revision, r.dut_lot_number, r.product_id, r.product_name,
    r.product_revision, r.station_id, r.station_name, r.station_type, r.station_location, r.station_hostname, r.fixture_id,
    r.test_phase, r.project_name, r.git_commit, r.git_branch, r.git_remote,
    m.measurement_name, m.measurement_timestamp, m.measurement_value, m.measurement_units, m.measurement_outcome, m.limit_low,
    m.limit_high, m.limit_nominal, m.limit_comparator, m.characteristic_id, m.spec_ref, m.dut_pin, m.fixture_connection,
    m.instrument_name, m.instrument_resource, m.instrument_channel, m.step_outcome, m.vector_outcome, r.outcome AS run_outcome,
    r.python_version, r.litmus_version, r.env_fingerprint, m.row_seq, m.attempt_outcome, m.allow_repeat, m.dut_pin_name, m.net,
    m.instrument_terminal, m.measurement_text, m.measurement_bool, m.limit_nominal_text, m.limit_nominal_bool,
    r.file_path, m.is_final, r.product, r.station, r.phase
    {measurement_columns}
  FROM measurement_facts AS m JOIN run_facts AS r USING (run_key);
CREATE OR REPLACE VIEW measurements AS SELECT * EXCLUDE (run_key) FROM keyed_measurements;

CREATE OR REPLACE VIEW events AS
  SELECT
    e.id, e.event_type, e.event_number, e.occurred_at, e.received_at, e.session_id, e.run_id, e.json,
    coalesce(e.json ->> '$.role', e.json ->> '$.instrument_role', e.json ->> '$.switch_role', e.json ->> '$.instrument_name') AS role,
    w.writer_id, e.seq
  FROM event_facts AS e JOIN sealed.stored_writers AS w USING (writer_key);

-- Events that are only in memory are few: what is asked of sessions is made of them each time.
CREATE OR REPLACE VIEW session_starts AS FROM sealed.stored_session_starts UNION ALL BY NAME ({live_session_starts});
CREATE OR REPLACE VIEW session_parts AS FROM sealed.stored_session_parts UNION ALL BY NAME ({live_session_parts});
CREATE OR REPLACE VIEW instrument_moves AS FROM sealed.stored_instrument_moves UNION ALL BY NAME ({live_instrument_moves});

CREATE OR REPLACE VIEW sessions AS
  WITH
    started AS (FROM session_starts QUALIFY row_number() OVER (PARTITION BY session_id ORDER BY event_number) = 1),
    counted AS (
      SELECT session_id, sum(num_events)::BIGINT AS num_events, max(ended_at) AS ended_at, arg_max(outcome, end_number) AS outcome
      FROM session_parts GROUP BY session_id
    ),
    counted_runs AS (SELECT session_id, count(*) AS num_runs FROM run_facts GROUP BY session_id)
  SELECT
    session_id, session_type, client, station_id, station_name, station_hostname, operator_id, pid, slot_count, started_at, ended_at,
    outcome, coalesce(num_runs, 0) AS num_runs, coalesce(num_events, 0) AS num_events
  FROM started
  LEFT JOIN counted USING (session_id)
  LEFT JOIN counted_runs USING (session_id);
