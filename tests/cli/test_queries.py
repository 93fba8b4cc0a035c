# SPDX-License-Identifier: Apache-2.0
"""Runs, steps, measurements and SQL by way of the daemon, compared with the run files themselves."""

import csv
import io
import json
import re
from collections.abc import Callable

import pyarrow as pa
import pytest
from litmus.client import LitmusClient

from tests.cli.answers import RUN_ROWS, Files, Litmus, column, rows_of

FILTERS = [
    ([], "true"),
    (["--product", "PB-100"], "dut_part_number = 'PB-100'"),
    (["--station", "host_2"], "station_hostname = 'host_2'"),
    (["--station", "bench_2"], "station_id = 'bench_2'"),
    (["--station", "host_1", "--station", "host_3"], "station_hostname <> 'host_2'"),
    (["--outcome", "failed"], "run_outcome = 'failed'"),
    (["--phase", "development"], "test_phase = 'development'"),
    (["--serial", "SN007"], "dut_serial = 'SN007'"),
    (["--lot", "L1", "--outcome", "passed"], "dut_lot_number = 'L1' AND run_outcome = 'passed'"),
    (["--since", "2026-03-10"], "run_started_at >= '2026-03-10'"),
    (["--until", "2026-03-10"], "run_started_at < '2026-03-11'"),
    (
        ["--since", "2026-03-10T12:00:00", "--until", "2026-03-12"],
        "run_started_at BETWEEN '2026-03-10 12:00:00' AND '2026-03-12 23:59:59.999999'",
    ),
    (["--product", "none"], "false"),
]


@pytest.mark.parametrize(("options", "condition"), FILTERS)
def test_filters_leave_the_same_runs_steps_and_measurements(
    ask: Litmus, files: Files, options: list[str], condition: str
) -> None:
    wanted = files.sql(f"FROM rows WHERE {condition}")
    runs = rows_of(ask("runs", "--json", "--limit", "10000", *options))
    assert [run["run_id"] for run in runs] == column(
        files.sql(
            f"SELECT run_id FROM {RUN_ROWS} WHERE {condition} ORDER BY run_started_at DESC, run_id"
        )
    )
    for command in ("step", "measurement"):
        rows = rows_of(ask(f"{command}s", "--json", "--limit", "10000", *options))
        expected = wanted.filter(f"record_type = '{command}'")
        assert sorted(row["run_id"] for row in rows) == column(
            expected.select("run_id").order("run_id")
        )


def test_measurements_hold_what_the_files_hold(ask: Litmus, files: Files) -> None:
    rows = rows_of(ask("measurements", "--json", "--limit", "10000"))
    names = ["run_id", "row_seq", "step_path", "measurement_name", "measurement_value", "limit_low"]
    names += ["limit_high", "measurement_outcome", "in_vin", "dut_serial", "vector_retry"]
    found = sorted(([row[name] for name in names] for row in rows), key=lambda row: row[:2])
    expected = files.sql(
        f"SELECT {', '.join(names)} FROM rows WHERE record_type = 'measurement' ORDER BY ALL"
    )
    assert found == [list(row) for row in expected.fetchall()]
    assert "file_path" not in rows[0]


def test_steps_of_a_run_in_the_order_of_execution(ask: Litmus, files: Files) -> None:
    run_id = column(files.sql(f"SELECT run_id FROM {RUN_ROWS} LIMIT 1"))[0]
    rows = rows_of(ask("steps", run_id[:12], "--json"))
    assert [row["step_path"] for row in rows] == ["rail_3v3", "idle"]
    assert [row["measurement_count"] for row in rows] == [2, 1]
    assert rows[0]["inputs"] == {"vin": 5.0}
    assert rows[0]["outputs"] == {}
    assert {row["run_id"] for row in rows} == {run_id}
    assert "file_path" not in rows[0]


def test_lists_as_tables(ask: Litmus, files: Files) -> None:
    run_id = column(files.sql(f"SELECT run_id FROM {RUN_ROWS} WHERE run_outcome = 'passed'"))[0]
    steps = ask("steps", run_id).stdout
    assert re.search(r"^rail_3v3 +passed +2 +0 +[\d.]+ s +vin=5$", steps, re.M)
    measurements = ask("measurements", run_id).stdout
    assert re.search(r"^idle +current +0\.\d+ A +0\.09 ≤ x ≤ 0\.14 +passed", measurements, re.M)
    assert "Run ID" in ask("steps", "--since", "2026-03-10").stdout


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (["runs", "--serial", "none"], "No test runs found.\n"),
        (["steps", "--serial", "none"], "No steps found.\n"),
        (["measurements", "--name", "none"], "No measurements found.\n"),
    ],
)
def test_nothing_is_a_note_or_an_empty_list(ask: Litmus, words: list[str], note: str) -> None:
    assert ask(*words).stdout == note
    assert rows_of(ask(*words, "--json")) == []


def test_unknown_run_is_status_1(ask: Litmus) -> None:
    result = ask("steps", "ffff0000")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: no run with id ffff0000 in ")


class TestSql:
    def test_counts_are_those_of_the_files(self, ask: Litmus, files: Files) -> None:
        (counts,) = rows_of(
            ask(
                "sql",
                "--json",
                "SELECT (SELECT count(*) FROM runs) AS runs, (SELECT count(*) FROM steps) AS steps,"
                " (SELECT count(*) FROM measurements) AS measurements",
            )
        )
        kinds = dict(files.sql("SELECT record_type, count(*) FROM rows GROUP BY ALL").fetchall())
        assert counts == {f"{kind}s": count for kind, count in kinds.items()}

    def test_figures_are_those_of_the_files(self, ask: Litmus, files: Files) -> None:
        question = (
            "SELECT measurement_name, count(*) AS n, avg(measurement_value) AS mean,"
            " stddev_samp(measurement_value) AS sigma FROM {} GROUP BY ALL ORDER BY ALL"
        )
        found = rows_of(ask("sql", "--json", question.format("measurements")))
        expected = files.sql(
            question.format("(FROM rows WHERE record_type = 'measurement')")
        ).fetchall()
        assert len(found) == len(expected) == 3
        for row, other in zip(found, expected, strict=True):
            assert list(row.values()) == pytest.approx(list(other))

    def test_table_has_numbers_on_the_right_and_null_in_words(self, ask: Litmus) -> None:
        shown = ask("sql", "SELECT 'a' AS name, 10 AS number UNION ALL SELECT NULL, 2.5 ORDER BY 2")
        assert shown.stdout == "name  number\nNULL     2.5\na         10\n"

    def test_csv_is_read_back_and_tells_null_from_an_empty_text(self, ask: Litmus) -> None:
        text = ask("sql", "--csv", "SELECT 'a,\"b\"' AS x, '' AS y, NULL AS z, 0.1 AS w, '-1' AS v")
        assert text.stdout == 'x,y,z,w,v\n"a,""b""","",,0.1,-1\n'
        assert next(csv.DictReader(io.StringIO(text.stdout)))["x"] == 'a,"b"'

    def test_kinds_that_only_sql_makes_are_readable(self, ask: Litmus) -> None:
        statement = (
            "SELECT INTERVAL 65500 MILLISECONDS AS a, -INTERVAL 1 SECOND AS b, "
            "INTERVAL 14 MONTHS + INTERVAL 3 DAYS AS c, INTERVAL 0 DAYS AS d, '\\xAA1'::BLOB AS e"
        )
        texts = ["00:01:05.500000", "-00:00:01", "1 year 2 months 3 days", "00:00:00", "\\xAA1"]
        (row,) = rows_of(ask("sql", "--json", statement))
        assert list(row.values()) == texts
        assert ask("sql", "--csv", statement).stdout.splitlines()[1].split(",") == texts

    def test_json_keeps_columns_of_the_same_name_apart(self, ask: Litmus) -> None:
        (row,) = rows_of(ask("sql", "--json", "SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a"))
        assert row == {"a": 1, "a_1": 2, "a_1_1": 3, "a_2": 4}

    def test_arrow_is_a_stream_with_the_types(self, ask: Litmus, files: Files) -> None:
        answer = ask("sql", "--arrow", "FROM runs ORDER BY run_id", text=False)
        table = pa.ipc.open_stream(answer.stdout).read_all()
        assert table.schema.field("started_at").type == pa.timestamp("us", tz="UTC")
        assert table["run_id"].to_pylist() == column(
            files.sql(f"SELECT run_id FROM {RUN_ROWS} ORDER BY run_id")
        )

    def test_arrow_is_nothing_for_a_terminal(self, litmus_on_terminal: Callable[..., str]) -> None:
        with pytest.raises(AssertionError, match="redirect them"):
            litmus_on_terminal("sql", "--arrow", "SELECT 1")

    def test_statement_is_read_from_standard_input(self, ask: Litmus) -> None:
        answer = ask("sql", "-", "--json", input="SELECT 1 AS one\n-- the end\n")
        assert rows_of(answer) == [{"one": 1}]

    @pytest.mark.parametrize(
        ("statement", "line", "caret"),
        [
            ("SELECT nothing FROM runs", "  SELECT nothing FROM runs", "         ^"),
            ("SELECT *\nFROM runs\nWHERE x ==== 1", "  WHERE x ==== 1", None),
            ("SELEC 1", "  SELEC 1", "  ^"),
            ("runs", "  runs", "  ^"),
        ],
    )
    def test_bad_statement_is_status_2_with_the_place_marked(
        self, ask: Litmus, statement: str, line: str, caret: str | None
    ) -> None:
        result = ask("sql", statement)
        assert (result.returncode, result.stdout) == (2, "")
        error, shown, mark = result.stderr.splitlines()
        assert error.startswith("Error: ")
        assert shown == line
        assert mark.strip() == "^"
        assert caret is None or mark == caret

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM runs",
            "SELECT 1; SELECT 2",
            "COPY runs TO 'x.csv'",
            "SELECT * FROM read_csv('/etc/passwd')",
            "FROM 'x.parquet'",
            "ATTACH 'x.db'",
            "INSTALL httpfs",
            "SET threads = 1",
            "CREATE TABLE x (y INT)",
        ],
    )
    def test_what_is_not_allowed_is_refused(self, ask: Litmus, statement: str) -> None:
        result = ask("sql", statement)
        assert (result.returncode != 0, result.stdout) == (True, "")
        assert result.stderr.startswith("Error: ")
        assert rows_of(ask("sql", "--json", "SELECT count(*) > 0 AS there FROM runs")) == [
            {"there": True}
        ]

    def test_only_one_form_at_a_time(self, ask: Litmus) -> None:
        result = ask("sql", "SELECT 1", "--csv", "--json")
        assert (result.returncode, result.stdout) == (2, "")


@pytest.mark.usefixtures("daemon_allowed")
class TestLive:
    def test_run_that_is_going_on_is_listed_and_shown(
        self, litmus: Litmus, client: LitmusClient
    ) -> None:
        run = client.start_run("SN001", "bench_1", test_phase="production")
        with run.step("rail") as step:
            step.measure("voltage", 3.3, units="V", low=3.0, high=3.6)
            (row,) = rows_of(litmus("runs", "--json"))
            assert (row["run_id"], row["outcome"], row["ended_at"]) == (
                str(run.id),
                "running",
                None,
            )
            assert row["num_measurements"] == 1
            assert re.search("SN001 .* running ", litmus("runs").stdout)
            shown = litmus("show", str(run.id)[:8]).stdout
            assert re.search(r"voltage +3\.300 V", shown)
            assert re.search(r"^Outcome: +running$", shown, re.M)
            assert re.search(r"^ *\d+\. +rail +running ", shown, re.M)
            assert rows_of(litmus("runs", "--json", "--outcome", "passed")) == []
            assert rows_of(litmus("steps", str(run.id), "--json"))[0]["outcome"] is None
            assert "running" in litmus("steps", str(run.id)).stdout
        run.finish()
        (row,) = rows_of(litmus("runs", "--json", "--outcome", "passed"))
        assert row["run_id"] == str(run.id)

    def test_reindex_loses_nothing(self, litmus: Litmus, failed_run: str) -> None:
        before = litmus("runs", "--json").stdout
        assert failed_run in before
        result = litmus("data", "reindex")
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.startswith("The index of ")
        assert rows_of(litmus("runs", "--json")) == json.loads(before)


class TestWithoutDaemon:
    @pytest.mark.usefixtures("failed_run")
    def test_runs_come_from_the_files_with_a_warning(self, litmus: Litmus) -> None:
        result = litmus("runs", "--json")
        assert [run["dut_serial"] for run in json.loads(result.stdout)] == ["SN001"]
        assert result.stderr.startswith("Warning: from the sealed files, without runs that are ")
        assert "LITMUS_DAEMON=off" in result.stderr
        assert result.stderr.count("\n") == 1

    @pytest.mark.parametrize(
        "words", [["runs", "--serial", "x"], ["steps"], ["sql", "SELECT 1"], ["metrics", "trend"]]
    )
    def test_what_needs_the_index_says_so(self, litmus: Litmus, words: list[str]) -> None:
        result = litmus(*words)
        assert (result.returncode, result.stdout) == (1, "")
        assert "LITMUS_DAEMON=off" in result.stderr
