# SPDX-License-Identifier: Apache-2.0
"""`litmus metrics`: its figures compared with pandas over the run files, and how it shows them."""

import math
import re

import numpy as np
import pandas as pd
import pytest

from tests.cli.answers import RUN_ROWS, Files, Litmus, rows_of

NAMES = ["summary", "trend", "pareto", "cpk", "retest", "time-loss", "assets"]


@pytest.fixture(scope="module")
def runs(files: Files) -> pd.DataFrame:
    """All runs, the first ones first."""
    frame: pd.DataFrame = (
        files.sql(
            f"FROM {RUN_ROWS} SELECT *, (epoch_us(run_ended_at) - epoch_us(run_started_at)) / 1e6 AS s"
            " ORDER BY run_started_at, run_id"
        )
        .to_arrow_table()
        .to_pandas()
    )
    frame["day"] = frame.run_started_at.dt.strftime("%Y-%m-%d")
    return frame


@pytest.fixture(scope="module")
def counted(runs: pd.DataFrame) -> pd.DataFrame:
    return runs[runs.test_phase != "development"]


def wilson(k: int, n: int) -> tuple[float, float]:
    z = 1.959963984540054
    center = (k + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4)
    return 100 * (center - half), 100 * (center + half)


class TestSummary:
    def test_rows_agree_with_the_files(self, ask: Litmus, counted: pd.DataFrame) -> None:
        groups = counted.groupby(["day", "dut_part_number", "station_hostname", "test_phase"])
        expected = {
            key: (len(group), (group.run_outcome == "passed").sum(), round(group.s.mean(), 2))
            for key, group in groups
        }
        found = {
            (row["period"], row["product"], row["station"], row["phase"]): (
                *(row["total_runs"], row["passed"]),
                pytest.approx(row["avg_duration_s"], abs=0.01),
            )
            for row in rows_of(ask("metrics", "summary", "--json"))
        }
        assert found == expected

    def test_over_everything_a_unit_counts_once(self, ask: Litmus, counted: pd.DataFrame) -> None:
        (row,) = rows_of(ask("metrics", "summary", "--group-by", "none", "--json"))
        units = counted[counted.dut_serial.notna()].groupby(["dut_part_number", "dut_serial"])
        first = (units.run_outcome.first() == "passed").sum()
        last = (units.run_outcome.last() == "passed").sum()
        assert row["total_runs"] == len(counted)
        assert (row["first_pass_total"], row["first_pass_passed"]) == (len(units), first)
        assert row["fpy_pct"] == pytest.approx(100 * first / len(units), abs=0.005)
        assert row["final_yield_pct"] == pytest.approx(100 * last / len(units), abs=0.005)
        interval = (row["fpy_pct_ci_low"], row["fpy_pct_ci_high"])
        assert interval == pytest.approx(wilson(first, len(units)), abs=0.005)
        assert row["unserialized_runs"] == counted.dut_serial.isna().sum()

    def test_last_line_is_over_everything_and_no_sum(
        self, ask: Litmus, counted: pd.DataFrame
    ) -> None:
        title, *lines = ask("metrics", "summary", "--period", "week").stdout.splitlines()
        for name in ("Period", "Product", "Station", "Runs", "Pass", "Fail", "FPY %", "Final %"):
            assert name in title
        (row,) = rows_of(ask("metrics", "summary", "--group-by", "none", "--json"))
        total = re.match(
            r"All +(\d+) +(\d+) +(\d+) +([\d.]+) +\(([\d.]+)\u2013([\d.]+)\)", lines[-1]
        )
        assert total
        assert [int(total[i]) for i in (1, 2)] == [len(counted), row["passed"]]
        assert [float(total[i]) for i in (4, 5, 6)] == [
            row[name] for name in ("fpy_pct", "fpy_pct_ci_low", "fpy_pct_ci_high")
        ]
        assert re.match(r"2026-W10 +PB-100 +host_1 +\d+ ", lines[0])

    def test_development_counts_when_it_is_asked_for(self, ask: Litmus, runs: pd.DataFrame) -> None:
        everything = ["metrics", "summary", "--group-by", "none", "--json", "--phase"]
        assert rows_of(ask(*everything, "all"))[0]["total_runs"] == len(runs)
        (row,) = rows_of(ask(*everything, "development"))
        assert row["total_runs"] == (runs.test_phase == "development").sum()

    def test_development_counts_when_there_is_nothing_else_and_that_is_said(
        self, ask: Litmus, runs: pd.DataFrame
    ) -> None:
        serial = runs[(runs.test_phase == "development") & runs.dut_serial.notna()].dut_serial.iloc[
            0
        ]
        result = ask("metrics", "summary", "--serial", serial)
        assert result.returncode == 0
        assert re.search("^2026-", result.stdout, re.M)
        assert result.stderr.startswith("Warning: all runs that match are of phase development")

    def test_few_runs_are_pointed_out(self, ask: Litmus) -> None:
        few = ask("metrics", "summary", "--serial", "SN000").stdout
        assert re.search(r"^Only \d+ runs?: ", few, re.M)
        assert "Only" not in ask("metrics", "summary").stdout

    @pytest.mark.parametrize(
        ("period", "label"),
        [("week", "2026-W10"), ("month", "2026-03"), ("hour", r"2026-03-02 07:00")],
    )
    def test_periods_are_named_as_people_do(self, ask: Litmus, period: str, label: str) -> None:
        assert re.search(f"^{label} ", ask("metrics", "summary", "--period", period).stdout, re.M)

    def test_days_are_those_of_the_zone(self, ask: Litmus, runs: pd.DataFrame) -> None:
        zone = "Pacific/Kiritimati"
        rows = rows_of(ask("metrics", "summary", "--phase", "all", "--tz", zone, "--json"))
        days = runs.run_started_at.dt.tz_convert(zone).dt.strftime("%Y-%m-%d")
        assert {row["period"] for row in rows} == set(days)
        assert set(days) != set(runs.day)


def test_trend_has_every_period(ask: Litmus, counted: pd.DataFrame) -> None:
    rows = rows_of(ask("metrics", "trend", "--group-by", "none", "--json"))
    days = pd.date_range(counted.day.min(), counted.day.max()).strftime("%Y-%m-%d")
    assert [row["period"] for row in rows] == list(days)
    for row in rows:
        day = counted[counted.day == row["period"]]
        passed = (day.run_outcome == "passed").sum()
        assert (row["total"], row["passed"]) == (len(day), passed)
        assert row["yield_pct"] == (round(100 * passed / len(day), 1) if len(day) else None)


class TestPareto:
    def test_by_product(self, ask: Litmus, counted: pd.DataFrame) -> None:
        bad = counted.assign(bad=counted.run_outcome.isin(["failed", "errored"]))
        expected = {
            product: (int(group.bad.sum()), len(group))
            for product, group in bad.groupby("dut_part_number")
        }
        rows = rows_of(ask("metrics", "pareto", "--json"))
        assert {row["bucket"]: (row["failed_count"], row["total"]) for row in rows} == expected
        assert [row["failed_count"] for row in rows] == sorted(
            (row["failed_count"] for row in rows), reverse=True
        )

    @pytest.mark.parametrize(
        ("lens", "record", "label", "bad"),
        [
            ("step", "step", "step_path", "step_outcome IN ('failed', 'errored')"),
            (
                "measurement",
                "measurement",
                "step_name || ': ' || measurement_name",
                "measurement_outcome = 'failed'",
            ),
        ],
    )
    def test_by_step_and_measurement(
        self, ask: Litmus, files: Files, lens: str, record: str, label: str, bad: str
    ) -> None:
        rows = rows_of(ask("metrics", "pareto", "--group-by", lens, "--json", "--top", "1000"))
        found: dict[str, list[int]] = {}
        for row in rows:
            counts = found.setdefault(row["bucket"], [0])
            counts[0] += row["failed_count"]
        expected = files.sql(
            f"SELECT {label} AS bucket, count_if({bad}) AS failed FROM rows WHERE record_type ="
            f" '{record}' AND test_phase <> 'development' GROUP BY bucket HAVING failed > 0"
        ).fetchall()
        assert found == {bucket: [failed] for bucket, failed in expected}

    def test_table_is_ranked(self, ask: Litmus) -> None:
        title, first, *_ = ask(
            "metrics", "pareto", "--group-by", "step", "--top", "1"
        ).stdout.splitlines()
        assert re.match(r" *# +Failing +Failed +Total +Rate % +95 %", title)
        assert re.match(r" *1 +(rail_3v3|idle) +\d+ +\d+ +[\d.]+ +\([\d.]+\u2013[\d.]+\)$", first)

    def test_top_limits(self, ask: Litmus) -> None:
        assert len(rows_of(ask("metrics", "pareto", "--top", "1", "--json"))) == 1


class TestCpk:
    def test_figures_agree_with_numpy(self, ask: Litmus, files: Files) -> None:
        frame = (
            files.sql("FROM rows WHERE record_type = 'measurement' AND test_phase <> 'development'")
            .to_arrow_table()
            .to_pandas()
        )
        rows = rows_of(ask("metrics", "cpk", "--json"))
        keys = ["dut_part_number", "station_hostname", "step_path", "measurement_name"]
        assert len(rows) == (frame.groupby(keys).size() >= 10).sum()
        for row in rows:
            same = frame[
                (frame.dut_part_number == row["product"])
                & (frame.station_hostname == row["station"])
                & (frame.measurement_name == row["measurement_name"])
            ]
            values = same.measurement_value.to_numpy()
            mean, sigma = np.mean(values), np.std(values, ddof=1)
            assert row["n"] == len(values)
            assert (row["mean"], row["sigma"]) == pytest.approx((mean, sigma))
            sides = [(row["usl"] - mean) / (3 * sigma)]
            if row["lsl"] is not None:
                sides.append((mean - row["lsl"]) / (3 * sigma))
            cpk = min(sides)
            assert row["cpk"] == pytest.approx(cpk, abs=0.0006)
            half = 1.959964 * math.sqrt(1 / (9 * len(values)) + cpk**2 / (2 * (len(values) - 1)))
            assert row["cpk_ci_low"] == pytest.approx(cpk - half, abs=0.0006)
            assert (row["cp"] is None) == (row["lsl"] is None)

    def test_worst_is_first_and_small_samples_are_noted(self, ask: Litmus) -> None:
        rows = rows_of(ask("metrics", "cpk", "--json"))
        assert [row["cpk"] for row in rows] == sorted(row["cpk"] for row in rows)
        title, first, *_ = ask("metrics", "cpk").stdout.splitlines()
        assert title.split()[0] == "Measurement"
        assert first.split()[0] == rows[0]["measurement_name"]
        assert re.search(r"only \d+ samples$", first)

    def test_too_few_samples(self, ask: Litmus) -> None:
        result = ask("metrics", "cpk", "--min-samples", "100000")
        assert (result.returncode, result.stdout) == (
            0,
            "No measurements with enough samples.\n",
        )


def test_retest_counts_serials_with_several_runs(ask: Litmus, counted: pd.DataFrame) -> None:
    with_serial = counted[counted.dut_serial.notna()]
    runs_of = with_serial.groupby(["dut_part_number", "dut_serial"]).size()
    rows = rows_of(ask("metrics", "retest", "--group-by", "none", "--period", "all", "--json"))
    (row,) = rows
    assert (row["total_serials"], row["retested_count"]) == (len(runs_of), (runs_of > 1).sum())
    assert row["avg_retries"] == pytest.approx((runs_of - 1).mean(), abs=0.005)


def test_time_loss_adds_up(ask: Litmus, counted: pd.DataFrame) -> None:
    rows = rows_of(ask("metrics", "time-loss", "--json"))
    for name, outcomes in (("fail", ["failed"]), ("error", ["errored"]), ("pass", ["passed"])):
        total = sum(row[f"{name}_time_s"] for row in rows)
        expected = counted[counted.run_outcome.isin(outcomes)].s.sum()
        assert total == pytest.approx(expected, abs=0.01 * len(rows))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_a_note_or_an_empty_list(ask: Litmus, name: str) -> None:
    nowhere = ["metrics", name, "--station", "nowhere"]
    note = "No measurements with enough samples." if name == "cpk" else "No data found."
    assert ask(*nowhere).stdout == note + "\n"
    assert rows_of(ask(*nowhere, "--json")) == []


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        (["summary", "--period", "fortnight"], "day, week, month"),
        (["pareto", "--group-by", "moon"], "measurement, characteristic"),
        (["summary", "--since", "yesterday"], "2026-03-10"),
        (["cpk", "--min-samples", "0"], "from 1 on"),
    ],
)
def test_what_does_not_exist_is_status_2_with_what_does(
    ask: Litmus, words: list[str], choices: str
) -> None:
    result = ask("metrics", *words)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {words[1]}: expected ")
    assert choices in result.stderr
