# SPDX-License-Identifier: Apache-2.0
"""Questions about measurements: yield, capability, charts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, Unpack

from litmus.analysis.query import Query, Row, RunFilters, Texts
from litmus.data.moments import Moment
from litmus.errors import InvalidArgumentError

__all__ = ["FilterSet", "MeasurementsQuery"]

Period: TypeAlias = Literal["hour", "day", "week", "month", "all"]
ChartType: TypeAlias = Literal["scatter", "line", "bar", "histogram"]

# What the daemon calls them.
_STRING_FACETS = {
    "product_id": "product",
    "station_id": "station",
    "test_phase": "phase",
    "step_name": "step",
    "measurement_name": "measurement",
    "dut_serial": "serial",
    "dut_lot_number": "lot",
    "project_name": "project",
    "operator_id": "operator",
    "characteristic_id": "characteristic",
}
_ENUM_FACETS = {
    "run_outcome": "outcome",
    "measurement_outcome": "measurement_outcome",
    "limit_comparator": "comparator",
}
_DYNAMIC = ("in_", "out_", "custom_")


@dataclass(frozen=True, slots=True)
class FilterSet:
    """Which measurements: values within a facet are alternatives, all facets must fit.

    Raises:
        InvalidArgumentError: there is no such facet.
    """

    string_filters: dict[str, Sequence[str]] = field(default_factory=dict)
    """`product_id, station_id, test_phase, step_name, measurement_name, dut_serial,
    dut_lot_number, project_name, operator_id, characteristic_id`, and any `in_*`, `out_*` or
    `custom_*` column. Product and station as they are displayed."""
    enum_filters: dict[str, Sequence[str]] = field(default_factory=dict)
    """`run_outcome, measurement_outcome, limit_comparator`."""
    since: Moment | None = None
    """Of runs that started then or later."""
    until: Moment | None = None
    """Of runs that started up to then."""

    def __post_init__(self) -> None:
        _check("string_filters", self.string_filters, _STRING_FACETS, _DYNAMIC)
        _check("enum_filters", self.enum_filters, _ENUM_FACETS, ())

    def parameters(self) -> Row:
        """As the daemon takes them."""
        given: Row = {"since": self.since, "until": self.until}
        columns: Row = {}
        for name, values in (self.string_filters | self.enum_filters).items():
            parameter = _STRING_FACETS.get(name) or _ENUM_FACETS.get(name)
            (given if parameter else columns)[parameter or name] = values
        return given | ({"columns": columns} if columns else {})


def _check(
    what: str, given: dict[str, Any], known: dict[str, str], beginnings: tuple[str, ...]
) -> None:
    for name in given:
        if name not in known and not name.startswith(beginnings or ("\0",)):
            raise InvalidArgumentError(f"{what}: expected one of {', '.join(known)}, found {name}")


class MeasurementsQuery(Query):
    """Metrics over finished runs, and the values behind them.

    Rates are in percent; `<field>_ci_low` and `<field>_ci_high` beside them are the bounds of the
    95 % interval. What cannot be computed is None.
    """

    def yield_summary(
        self,
        *,
        period: Period = "day",
        group_by: Texts = None,
        attempts: str = "all",
        **filters: Unpack[RunFilters],
    ) -> list[Row]:
        """Yield, first pass yield and test times.

        Args:
            period: one row for each of them, by the start of the run.
            group_by: some of `product`, `station`, `phase` and `period`, or `none`: one row over
                all. None: by all of them.
            attempts: `judged`: stopped, skipped and unjudged runs are no first or last run; `all`.
            **filters: which runs; see RunFilters.

        Returns:
            `product, station, phase, period, total_runs, passed, failed, errored, unique_serials,
            first_pass_total, first_pass_passed, fpy_pct, final_total, final_passed,
            final_yield_pct, unserialized_runs, avg_duration_s, p95_duration_s` (seconds) and more.
        """
        return self._metric("summary", filters, period=period, group_by=group_by, attempts=attempts)

    def trend(
        self, *, period: Period = "day", group_by: Texts = None, **filters: Unpack[RunFilters]
    ) -> list[Row]:
        """Run yield per period; periods without runs have a total of 0.

        Returns:
            `product, station, phase, period, total, passed, yield_pct`.
        """
        return self._metric("trend", filters, period=period, group_by=group_by)

    def retest(
        self, *, period: Period = "day", group_by: Texts = None, **filters: Unpack[RunFilters]
    ) -> list[Row]:
        """Serials that needed more than one run within a period.

        Returns:
            `product, station, phase, period, total_serials, retested_count, retest_rate,
            avg_retries` (runs beyond the first, per serial) and more.
        """
        return self._metric("retest", filters, period=period, group_by=group_by)

    def time_loss(
        self, *, period: Period = "day", group_by: Texts = None, **filters: Unpack[RunFilters]
    ) -> list[Row]:
        """Seconds spent on runs, by their outcome.

        Returns:
            `product, station, phase, period, total_time_s, pass_time_s, fail_time_s, error_time_s,
            stopped_time_s, other_time_s` and more.
        """
        return self._metric("time_loss", filters, period=period, group_by=group_by)

    def pareto(
        self,
        *,
        top_n: int = 10,
        group_by: str = "measurement",
        attempts: str = "final",
        **filters: Unpack[RunFilters],
    ) -> list[Row]:
        """What fails most, worst first.

        Args:
            top_n: so many rows at most.
            group_by: `measurement`, `characteristic`, `pin`, `instrument`, `step`, `product`,
                `station`, `phase`, or a column as in `RunsQuery.failure_pareto`.
            attempts: `final`: of several attempts the last one; `all`.
            **filters: which runs; see RunFilters.

        Returns:
            Measurements: `product, station, step_name, measurement_name, total_count, fail_count,
            fail_rate`; others as `RunsQuery.failure_pareto`.
        """
        return self._metric("pareto", filters, top=top_n, group_by=group_by, attempts=attempts)

    def cpk(
        self,
        *,
        min_samples: int = 10,
        group_by: Texts = None,
        conditions: Sequence[str] = (),
        top_n: int | None = None,
        **filters: Unpack[RunFilters],
    ) -> list[Row]:
        """Process capability of each measurement and set of limits, worst first.

        Args:
            min_samples: values that a row needs.
            group_by: some of `product`, `station` and `phase`, or `none`.
            conditions: columns such as `in_temperature`, a row for each of their values.
            top_n: so many rows at most; None: all.
            **filters: which runs; see RunFilters.

        Returns:
            `product, station, step_path, measurement_name, units, n, mean, sigma, lsl, usl` (in
            `units`), `cp, cpk`, `warning` and more.
        """
        return self._metric(
            "cpk",
            filters,
            min_samples=min_samples,
            group_by=group_by,
            conditions=list(conditions) or None,
            top=top_n,
        )

    def durations(
        self, *, of: str = "run", group_by: Texts = None, **filters: Unpack[RunFilters]
    ) -> list[Row]:
        """Mean, shortest, longest and 95 % quantile of the time of runs or steps, in seconds.

        Args:
            of: `run` or `step`.
            group_by: some of `product`, `station` and `phase`. None: one row.
            **filters: which runs; see RunFilters.
        """
        return self._metric("durations", filters, of=of, group_by=group_by)

    def assets(
        self,
        *,
        station: Texts = None,
        since: Moment | None = None,
        until: Moment | None = None,
        tz: str | None = None,
        include_mocked: bool = False,
    ) -> list[Row]:
        """The time that instruments were connected, longest first.

        Args:
            station: host name or id of the station.
            since: connected then or later; longer times are cut there.
            until: connected up to then; the same.
            tz: time zone of days.
            include_mocked: simulated instruments, too.

        Returns:
            `role, resource, sessions, connected_s, busy_s` (seconds), `share` (%) and more.
        """
        return self._rows(
            "metrics.assets",
            {
                "station": station,
                "since": since,
                "until": until,
                "tz": tz,
                "include_mocked": include_mocked,
            },
        )

    def parametric(
        self,
        *,
        y: str = "measurement_value",
        x: str | None = None,
        filters: FilterSet | None = None,
        group_by: str | None = None,
        chart_type: ChartType = "scatter",
        bins: int = 30,
        limit: int = 5000,
        include_incomplete: bool = False,
    ) -> list[Row]:
        """The points of a chart of one column of the relation `measurements` over another.

        Args:
            y: column of numbers.
            x: column; not used by histograms. None: when it was measured.
            filters: which measurements.
            group_by: column.
            chart_type: `scatter`; `line`: sorted by x; `bar`: mean of y per x and group;
                `histogram`: how many y per bin and group.
            bins: of a histogram, 2 to 200.
            limit: points at most, 10 to 100,000; more are thinned out evenly.
            include_incomplete: running runs, too.

        Returns:
            `x, y, group`; of a histogram `bin, x` (its middle), `y` (count), `group`.
        """
        return self._rows(
            "parametric",
            _parameters(filters)
            | {
                "y": y,
                "x": x,
                "group_by": group_by,
                "chart_type": chart_type,
                "bins": bins,
                "limit": limit,
                "include_incomplete": include_incomplete,
            },
        )

    def distinct_values(
        self,
        column: str,
        *,
        filters: FilterSet | None = None,
        exclude_self: bool = True,
        limit: int = 500,
    ) -> list[Row]:
        """The values of a column, most frequent first.

        Args:
            column: of the relation `measurements`.
            filters: which measurements.
            exclude_self: the filter on the column itself does not apply.
            limit: so many rows at most.

        Returns:
            `value, count`.
        """
        return self._rows(
            "measurements.distinct_values",
            _parameters(filters) | {"column": column, "exclude_self": exclude_self, "limit": limit},
        )

    def summary_counts(self, *, filters: FilterSet | None = None) -> dict[str, int]:
        """`total_rows, distinct_runs, distinct_measurements, distinct_products` of what fits."""
        (row,) = self._rows("measurements.summary_counts", _parameters(filters))
        return row

    def describe_columns(self) -> list[Row]:
        """`name, type, category, null_share` (0 to 1) of each column of `measurements`."""
        return self._describe("measurements")

    def _metric(self, name: str, filters: RunFilters, **parameters: Any) -> list[Row]:
        return self._rows(f"metrics.{name}", filters | parameters)


def _parameters(filters: FilterSet | None) -> Row:
    return filters.parameters() if filters else {}
