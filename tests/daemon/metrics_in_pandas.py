# SPDX-License-Identifier: Apache-2.0
"""The metrics once more, from the rows of run files with pandas and NumPy.

Nothing here is shared with the SQL of the index: what both give for one history is checked by two.
Rows have the fields of the queries and their order. Halves are rounded to even here and away from
zero there: the last decimal may differ by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]

Row = dict[str, Any]

DIMENSIONS = ("product", "station", "phase")
STOPPED = ("terminated", "aborted")
NORMAL_QUANTILE_975 = 1.959963984540054


def wilson(successes: float, trials: float, decimals: int) -> tuple[float | None, float | None]:
    """The shares p that are just 1.96 standard deviations off: roots of (k/n - p)^2 = z^2 p(1-p)/n."""
    if trials == 0:
        return None, None
    share, z2 = successes / trials, NORMAL_QUANTILE_975**2
    roots = np.roots([1 + z2 / trials, -2 * share - z2 / trials, share**2]).real
    low, high = np.clip(np.sort(roots), 0, 1)
    return round(100 * low, decimals), round(100 * high, decimals)


def rate(field: str, successes: float, trials: float, decimals: int) -> Row:
    """A rate in percent with its interval."""
    low, high = wilson(successes, trials, decimals)
    value = round(100 * successes / trials, decimals) if trials else None
    return {field: value, f"{field}_ci_low": low, f"{field}_ci_high": high}


def figure(value: float) -> float | None:
    """Two decimals; nothing for what is not a number."""
    return None if pd.isna(value) else round(float(value), 2)


@dataclass
class History:
    """All runs, steps and measurements, with what the metrics group by."""

    runs: pd.DataFrame
    steps: pd.DataFrame
    measurements: pd.DataFrame

    @classmethod
    def read(cls, files: Iterable[Path]) -> History:
        """Read run files."""
        frames = [pd.read_parquet(file) for file in files]
        return cls.from_rows(pd.concat(frames, ignore_index=True))

    @classmethod
    def from_rows(cls, rows: pd.DataFrame) -> History:
        """Take the rows of run files, of all record types."""
        kinds = {name: group.copy() for name, group in rows.groupby("record_type")}
        empty = rows.iloc[:0]
        runs = kinds.get("run", empty).copy()
        runs["product"] = runs["dut_part_number"].fillna(runs["product_id"]).fillna("unknown")
        runs["station"] = runs["station_hostname"].fillna(runs["station_id"]).fillna("unknown")
        runs["phase"] = runs["test_phase"].fillna("unknown")
        serial = runs["dut_serial"].astype("object")
        blank = serial.isna() | (serial.astype(str).str.strip() == "")
        runs["serial"] = serial.where(~blank, None)
        runs["seconds"] = (runs["run_ended_at"] - runs["run_started_at"]).dt.total_seconds()
        runs.loc[runs["seconds"] < 0, "seconds"] = np.nan
        runs = runs.sort_values(["run_started_at", "run_id"], ignore_index=True)
        return cls(runs, kinds.get("step", empty), kinds.get("measurement", empty))

    def matching(self, **filters: Any) -> pd.DataFrame:
        """The runs of a metric. Filters: values by column, `since` and `until` as moments."""
        runs = self.runs[self.runs["run_outcome"].notna() | self.runs["run_ended_at"].notna()]
        phase = filters.pop("phase", None)
        since, until = filters.pop("since", None), filters.pop("until", None)
        for column, wanted in filters.items():
            runs = runs[runs[column].isin([wanted] if isinstance(wanted, str) else wanted)]
        if since is not None:
            runs = runs[runs["run_started_at"] >= pd.Timestamp(since)]
        if until is not None:
            runs = runs[runs["run_started_at"] <= pd.Timestamp(until)]
        if phase is None:
            others = runs[runs["phase"] != "development"]
            return others if len(others) else runs
        return runs if phase == "all" else runs[runs["phase"] == phase]

    def summary(self, group_by: Iterable[str], period: str, **filters: Any) -> list[Row]:
        """metrics.summary; period `all`: without periods."""
        by_station = "station" in group_by
        unit = ["product", "serial", "phase"] + (["station"] if by_station else [])
        whole = self.runs[self.runs["run_outcome"].notna() | self.runs["run_ended_at"].notna()]
        ever = whole[whole["serial"].notna()]
        runs = self.matching(**filters).copy()
        first = set(ever.groupby(unit)["run_id"].first())
        if period == "all":
            ever = runs[runs["serial"].notna()]
        last = set(ever.groupby(unit)["run_id"].last())
        rows = []
        for keys, group in grouped(runs, group_by, period):
            first_runs = group[group["run_id"].isin(first)]
            last_runs = group[group["run_id"].isin(last)]
            first_passed = int((first_runs["run_outcome"] == "passed").sum())
            final_passed = int((last_runs["run_outcome"] == "passed").sum())
            outcomes = group["run_outcome"].value_counts()
            with_serial = group[group["serial"].notna()]
            rows.append(
                keys
                | {"total_runs": len(group)}
                | {
                    name: int(outcomes.get(name, 0))
                    for name in (
                        *("passed", "failed", "errored", "terminated"),
                        *("aborted", "done", "skipped"),
                    )
                }
                | {
                    "unserialized_runs": len(group) - len(with_serial),
                    "unique_serials": len(with_serial.drop_duplicates(["product", "serial"])),
                    "first_pass_total": len(first_runs),
                    "first_pass_passed": first_passed,
                    "final_total": len(last_runs),
                    "final_passed": final_passed,
                    "avg_duration_s": figure(group["seconds"].mean()),
                    "min_duration_s": figure(group["seconds"].min()),
                    "max_duration_s": figure(group["seconds"].max()),
                    "p95_duration_s": figure(group["seconds"].quantile(0.95)),
                }
                | rate("fpy_pct", first_passed, len(first_runs), 2)
                | rate("final_yield_pct", final_passed, len(last_runs), 2)
            )
        return rows

    def trend(self, period: str, **filters: Any) -> list[Row]:
        """metrics.trend over all, from the first to the last period with runs."""
        runs = self.matching(**filters)
        keys = period_of(runs["run_started_at"], period)
        step = {"day": "D", "week": "7D", "month": "MS"}[period]
        rows = []
        for key in pd.date_range(keys.min(), keys.max(), freq=step):
            outcomes = runs["run_outcome"][keys == key]
            passed = int((outcomes == "passed").sum())
            row: Row = {"period": key.date(), "total": len(outcomes), "passed": passed}
            rows.append(row | rate("yield_pct", passed, len(outcomes), 1))
        return rows

    def run_pareto(self, column: str, top: int, **filters: Any) -> list[Row]:
        """runs.pareto."""
        runs = self.matching(**filters)
        bad = runs["run_outcome"].isin(["failed", "errored"])
        return pareto(runs[column].fillna("unknown"), bad, top)

    def step_pareto(self, top: int, **filters: Any) -> list[Row]:
        """steps.pareto of final attempts; a parent of a failing step is not counted."""
        steps = self.steps.merge(self.matching(**filters)[["run_id"]], on="run_id")
        steps = steps[steps["step_outcome"].notna()]
        bad = steps["step_outcome"].isin(["failed", "errored"])
        parents = set(zip(steps["run_id"][bad], steps["parent_path"][bad], strict=True))
        own = [key not in parents for key in zip(steps["run_id"], steps["step_path"], strict=True)]
        return pareto(steps["step_path"], bad & np.array(own, dtype=bool), top)

    def _final_measurements(self, **filters: Any) -> pd.DataFrame:
        """With the groups of their runs; of several attempts at a step and vector the last."""
        rows = self.measurements.merge(
            self.matching(**filters)[["run_id", *DIMENSIONS]], on="run_id"
        )
        vector = rows.groupby(["run_id", "step_path", "vector_index"])["vector_retry"]
        return rows[rows["vector_retry"] == vector.transform("max")]

    def measurement_pareto(self, top: int, **filters: Any) -> list[Row]:
        """metrics.pareto."""
        rows = self._final_measurements(**filters)
        keys = ["product", "station", "step_name", "measurement_name"]
        found = []
        for values, group in rows.groupby(keys, dropna=False):
            failed = int((group["measurement_outcome"] == "failed").sum())
            if failed:
                row: Row = dict(zip(keys, values, strict=True))
                row |= {"total": len(group), "failed_count": failed}
                found.append(row | rate("fail_rate_pct", failed, len(group), 2))
        found.sort(
            key=lambda row: (
                *(-row["failed_count"], -row["total"]),
                f"{row['step_name']}: {row['measurement_name']}",
                *(row["product"], row["station"]),
            )
        )
        return found[:top]

    def cpk(self, group_by: Iterable[str], min_samples: int, **filters: Any) -> list[Row]:
        """metrics.cpk, worst first; rows with equal figures in no certain order."""
        rows = self._final_measurements(**filters)
        finite = rows[np.isfinite(rows["measurement_value"].astype(float))]
        keys = [
            *group_by,
            *("step_path", "measurement_name", "measurement_units", "limit_low", "limit_high"),
        ]
        found = []
        for values, group in finite.groupby(keys, dropna=False):
            if len(group) < min_samples:
                continue
            row: Row = dict(zip(keys, values, strict=True))
            row["units"] = row.pop("measurement_units")
            row["lsl"], row["usl"] = row.pop("limit_low"), row.pop("limit_high")
            found.append(row | capability(group["measurement_value"].to_numpy(), row))
        found.sort(key=lambda row: np.inf if row["cpk"] is None else row["cpk"])
        return found

    def retest(self, group_by: Iterable[str], period: str, **filters: Any) -> list[Row]:
        """metrics.retest."""
        whole = self.runs[self.runs["run_outcome"].notna() | self.runs["run_ended_at"].notna()]
        histories = whole[whole["serial"].notna()].groupby(["product", "serial", "phase"])
        outcome = histories["run_outcome"]
        often = outcome.size()[outcome.size() > 1].index
        first_outcomes, last_outcomes = nth(outcome, 0), nth(outcome, -1)
        recovered = {
            unit
            for unit in often
            if first_outcomes[unit] != "passed" and last_outcomes[unit] == "passed"
        }
        rows = []
        for keys, group in grouped(self.matching(**filters), group_by, period):
            with_serial = group[group["serial"].notna()]
            retries: dict[tuple[str, str], int] = {}
            ever, regained = set(), set()
            for unit, count in with_serial.groupby(["product", "serial", "phase"]).size().items():
                retries[unit[:2]] = retries.get(unit[:2], 0) + count - 1
                ever |= {unit[:2]} if unit in often else set()
                regained |= {unit[:2]} if unit in recovered else set()
            again = sum(1 for count in retries.values() if count > 0)
            mean = sum(retries.values()) / len(retries) if retries else np.nan
            rows.append(
                keys
                | {"total_serials": len(retries), "retested_count": again}
                | rate("retest_rate", again, len(retries), 2)
                | {
                    "avg_retries": figure(mean),
                    "retested_ever": len(ever),
                    "retest_recovered": len(regained),
                    "unserialized_runs": len(group) - len(with_serial),
                }
            )
        return rows

    def time_loss(self, group_by: Iterable[str], period: str, **filters: Any) -> list[Row]:
        """metrics.time_loss."""
        rows = []
        for keys, group in grouped(self.matching(**filters), group_by, period):
            sums = group.groupby(group["run_outcome"].fillna("none"))["seconds"].sum()
            parts = {
                f"{name}_time_s": round(float(sums.get(outcome, 0)), 2)
                for name, outcome in (("pass", "passed"), ("fail", "failed"), ("error", "errored"))
            }
            stopped = sum(sums.get(outcome, 0) for outcome in STOPPED)
            parts["stopped_time_s"] = round(float(stopped), 2)
            judged = ("passed", "failed", "errored", *STOPPED)
            other = sum(value for outcome, value in sums.items() if outcome not in judged)
            parts["other_time_s"] = round(float(other), 2)
            rows.append(keys | parts | {"total_time_s": round(sum(parts.values()), 2)})
        return rows

    def durations(self, **filters: Any) -> Row:
        """metrics.durations of all runs."""
        seconds = self.matching(**filters)["seconds"].dropna()
        return {
            "count": len(seconds),
            "mean_s": figure(seconds.mean()),
            "min_s": figure(seconds.min()),
            "max_s": figure(seconds.max()),
            "p95_s": figure(float(np.quantile(seconds, 0.95)) if len(seconds) else np.nan),
        }


def nth(groups: Any, position: int) -> dict[Any, Any]:
    """The value at a position of each group, missing ones included."""
    return {key: values.iloc[position] for key, values in groups}


def period_of(moments: pd.Series, period: str) -> pd.Series:
    """The first day of the period, in UTC."""
    days = moments.dt.tz_convert("UTC").dt.tz_localize(None).dt.normalize()
    if period == "week":
        return days - pd.to_timedelta(days.dt.day_of_week, unit="D")
    if period == "month":
        return days - pd.to_timedelta(days.dt.day - 1, unit="D")
    return days


def grouped(
    runs: pd.DataFrame, group_by: Iterable[str], period: str
) -> Iterable[tuple[Row, pd.DataFrame]]:
    """The runs of each row, in its order, with its keys."""
    names = [name for name in DIMENSIONS if name in set(group_by)]
    keys = [runs[name] for name in names]
    if period != "all":
        keys.insert(0, period_of(runs["run_started_at"], period).dt.date)
    if not keys:
        if len(runs):
            yield dict.fromkeys((*DIMENSIONS, "period")), runs
        return
    for values, group in runs.groupby([key.to_numpy() for key in keys]):
        row: Row = dict.fromkeys((*DIMENSIONS, "period"))
        row |= dict(zip([*(["period"] if period != "all" else []), *names], values, strict=True))
        yield row, group


def pareto(buckets: pd.Series, bad: pd.Series, top: int) -> list[Row]:
    """Buckets by failures."""
    table = pd.DataFrame({"bucket": buckets, "bad": bad.astype(int)})
    sums = table.groupby("bucket")["bad"].agg(["sum", "size"])
    order = sorted(
        ((-int(row["sum"]), -int(row["size"]), bucket) for bucket, row in sums.iterrows())
    )
    rows, seen, whole = [], 0, int(sums["sum"].sum())
    for failed, total, bucket in order[:top]:
        if failed == 0:
            break
        seen -= failed
        row: Row = {"bucket": bucket, "failed_count": -failed, "total": -total}
        row |= rate("fail_rate_pct", -failed, -total, 2)
        rows.append(row | {"cumulative_pct": round(100 * seen / whole, 2)})
    return rows


def capability(values: np.ndarray[Any, Any], limits: Row) -> Row:
    """Moments and capability of one group."""
    n, mean = len(values), float(np.mean(values))
    sigma = float(np.std(values, ddof=1)) if n > 1 else None
    row: Row = {"n": n, "mean": mean, "sigma": sigma}
    row |= dict.fromkeys(("cp", "cpk", "cpk_ci_low", "cpk_ci_high"))
    sides = [
        sign * (limits[name] - mean) / (3 * sigma)
        for sign, name in ((1, "usl"), (-1, "lsl"))
        if sigma and pd.notna(limits[name])
    ]
    if sides and sigma:
        cpk = min(sides)
        half = NORMAL_QUANTILE_975 * np.sqrt(1 / (9 * n) + cpk**2 / (2 * (n - 1)))
        row |= {
            "cpk": round(cpk, 3),
            "cpk_ci_low": round(cpk - half, 3),
            "cpk_ci_high": round(cpk + half, 3),
        }
        if len(sides) == 2:
            row["cp"] = round((limits["usl"] - limits["lsl"]) / (6 * sigma), 3)
    return row
