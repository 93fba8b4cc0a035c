# SPDX-License-Identifier: Apache-2.0
"""From functions to tests: sweeps, markers of YAML files, the order, and the plan."""

import itertools
from collections.abc import Generator, Sequence
from typing import Any

import pytest

from litmus import _core
from litmus.errors import LitmusError
from litmus.execution.patching import mocks_of
from litmus.problems import warn
from litmus.pytest_plugin.active import Active
from litmus.pytest_plugin.markers import Payload, inline_payloads
from litmus.pytest_plugin.plan import Outer, Planner, StepPlan

SELF_LOOP = "vectors"
MOCKS_FIXTURE = "_litmus_mocks"


class Resolved:
    """A test function as the cascade has it, with the Python objects of its own markers."""

    def __init__(self, test: _core.ResolvedTest, payloads: list[tuple[str, Payload]]) -> None:
        self.test = test
        self._payloads = payloads
        self.inner: list[dict[str, Any]] | None = None
        """The vectors that the test loops over itself."""
        self.outer_names: tuple[str, ...] = ()
        """The parameters that the class is swept over, outermost first."""
        self._conditions: dict[int, tuple[Any, tuple[int, ...]]] = {}

    def loops(self, which: str) -> list[dict[str, list[Any]]]:
        """`outer` or `inner` sweeps, outermost first: values by argument."""
        return [self._loop(sweep) for sweep in getattr(self.test, f"{which}_sweeps")]

    def mocks(self) -> list[tuple[str, dict[str, Any], str]]:
        """Target, keywords of the patch, and where that stands."""
        return mocks_of(self.test, self._payloads)

    def number_conditions(self, metafunc: pytest.Metafunc, axes: "Axes") -> None:
        """Keeps for each case which of the outer values it has, by their places in the lists."""
        for number, case in enumerate(metafunc._calls):
            self._conditions[id(case)] = (case, axes.places(number, self.outer_names))

    def condition(self, item: pytest.Item) -> tuple[int, ...]:
        """The places of the outer values of a test; equal values may stand in a list twice."""
        case = getattr(item, "callspec", None)
        return self._conditions.get(id(case), (None, ()))[1]

    def _loop(self, sweep: dict[str, Any]) -> dict[str, list[Any]]:
        if sweep["inline"] is None:
            values: dict[str, list[Any]] = sweep["arguments"]
            return values
        number, index = sweep["inline"]
        original = self._payloads[number][1]["sweeps"][index]
        return {
            name: list(original[name]) if isinstance(original[name], list | tuple) else values
            for name, values in sweep["arguments"].items()
        }


class Collecting:
    """The hooks of collection. It knows the plan when collection is over."""

    def __init__(self, active: Active) -> None:
        self._active = active
        self._resolved: dict[tuple[str, tuple[str, ...], str], Resolved] = {}
        self._of_item: dict[pytest.Item, Resolved] = {}
        self._planner: Planner | None = None
        self._plans: dict[str, StepPlan] = {}
        self._items: Sequence[pytest.Item] = ()

    def plan_of(self, item: pytest.Item) -> StepPlan:
        """Its place in the tree of steps."""
        plan = self._plans.get(item.nodeid)
        if plan is None:  # made by a plugin after collection
            self._add([item])
            plan = self._plans[item.nodeid]
        return plan

    def all_items(self) -> list[dict[str, Any]]:
        """The plan as `test.steps_discovered` has it."""
        return [row for item in self._items for row in self._plans[item.nodeid].as_items()]

    def resolved_of(self, item: pytest.Item) -> Resolved:
        """The function of the test, as sidecar, profile and markers have it.

        Raises:
            pytest.Collector.CollectError: they cannot be used.
        """
        resolved = self._of_item.get(item)
        if resolved is None:
            resolved = self._of_item[item] = self._resolve(item)
        return resolved

    def _resolve(self, item: pytest.Item) -> Resolved:
        key = _key(item)
        resolved = self._resolved.get(key)
        if resolved is None:
            payloads = inline_payloads(item)
            path, classes, function = key
            try:
                test = self._active.plan.resolve_test(path, classes, function, payloads)
            except LitmusError as error:
                raise pytest.Collector.CollectError(f"{item.nodeid}: {error}") from error
            resolved = self._resolved[key] = Resolved(test, payloads)
        return resolved

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> Generator[None, object, object]:
        definition = metafunc.definition
        resolved = self.resolved_of(definition)
        outer, inner = resolved.loops("outer"), resolved.loops("inner")
        for marker in resolved.test.markers:
            if marker["name"] == "parametrize":
                inner.append(_parametrize_values(definition, marker))
        swept = {name for loop in (*outer, *inner) for name in loop}
        definition.own_markers[:] = [
            mark for mark in definition.own_markers if not _is_replaced(mark, swept)
        ]
        own_loop = SELF_LOOP in metafunc.fixturenames
        folded: list[dict[str, list[Any]]] = []
        if own_loop:
            folded = self._folded(definition, metafunc)
        axes = Axes(metafunc)
        for loop in outer:
            _parametrize(metafunc, loop)
        result = yield
        if own_loop:
            resolved.inner = _matrix([*folded, *inner])
        else:
            for loop in inner:
                _parametrize(metafunc, loop)
        if resolved.test.mocks and MOCKS_FIXTURE not in metafunc.fixturenames:
            metafunc.fixturenames.insert(0, MOCKS_FIXTURE)
        native = {
            name
            for node in definition.listchain()[:-1]
            for mark in node.own_markers
            if mark.name == "parametrize"
            for name in _argument_names(mark)
        }
        if own_loop and native:
            raise pytest.Collector.CollectError(
                f"{definition.nodeid}: the class is parametrized by {', '.join(sorted(native))}, "
                f"and the test loops itself: use litmus_sweeps on the class, or do without `vectors`"
            )
        names = {*native, *(name for loop in outer for name in loop)}
        resolved.outer_names = tuple(name for name in axes.names if name in names)
        if resolved.outer_names:
            resolved.number_conditions(metafunc, axes)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        self._planner = Planner(items)
        of_project = [
            _mark({"name": name, "value": value})
            for marker in (self._active.project.get("runner") or {}).get("markers") or []
            for name, value in marker.items()
        ]
        for item in items:
            for mark in of_project:
                item.add_marker(mark)
            if isinstance(item, pytest.Function):
                for marker in self.resolved_of(item).test.markers:
                    if marker["name"] != "parametrize":
                        item.add_marker(_mark(marker))
        items[:] = _condition_first(items, self)
        result = yield
        is_part = config.args_source == pytest.Config.ArgsSource.ARGS and "::" in str(config.args)
        if not is_part and (unused := self._active.plan.unused_names()):
            warn("\n".join(unused))
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._items = list(session.items)
        self._add(self._items)
        if any(resolved.test.retry for resolved in self._resolved.values()):
            from litmus.pytest_plugin.retries import Retries

            session.config.pluginmanager.register(Retries(self), "litmus-retries")

    def outer_of(self, item: pytest.Item) -> Outer:
        """What its class is swept over."""
        resolved = self._of_item.get(item)
        return Outer(resolved.outer_names, resolved.condition(item)) if resolved else Outer()

    def _add(self, items: Sequence[pytest.Item]) -> None:
        if self._planner is None:
            self._planner = Planner(items)
        outer = {item: self.outer_of(item) for item in items}
        inner = {}
        for item in items:
            resolved = self._of_item.get(item)
            if resolved is not None and resolved.inner is not None:
                inner[item] = resolved.inner
        self._plans |= self._planner.plan(items, outer, inner)

    def _folded(
        self, definition: pytest.Item, metafunc: pytest.Metafunc
    ) -> list[dict[str, list[Any]]]:
        """Parametrize marks of the function whose arguments it does not take join its own loop."""
        folded = []
        taken = set(metafunc.fixturenames)
        for mark in [*definition.own_markers]:
            if mark.name != "parametrize":
                continue
            names = _argument_names(mark)
            if not any(name in taken for name in names):
                definition.own_markers.remove(mark)
                folded.append(_columns(names, mark.args[1]))
        folded.reverse()  # the outermost decorator is the innermost loop of pytest
        return folded


class Axes:
    """Watches how many values each `parametrize` adds: the first one is the slowest loop."""

    def __init__(self, metafunc: pytest.Metafunc) -> None:
        self._axes: list[tuple[list[str], int]] = []
        parametrize = metafunc.parametrize

        def counted(argnames: Any, *arguments: Any, **keywords: Any) -> None:
            before = len(metafunc._calls)
            parametrize(argnames, *arguments, **keywords)
            self._axes.append((_names(argnames), len(metafunc._calls) // max(before, 1)))

        metafunc.parametrize = counted  # type: ignore[method-assign]

    @property
    def names(self) -> list[str]:
        return [name for names, _ in self._axes for name in names]

    def places(self, number: int, wanted: tuple[str, ...]) -> tuple[int, ...]:
        """Which value of each axis a case has, of the axes with these names."""
        found = []
        for names, length in reversed(self._axes):
            number, place = divmod(number, max(length, 1))
            if any(name in wanted for name in names):
                found.append(place)
        return tuple(reversed(found))


def _key(item: pytest.Item) -> tuple[str, tuple[str, ...], str]:
    classes = tuple(node.name for node in item.listchain() if isinstance(node, pytest.Class))
    return str(item.path), classes, getattr(item, "originalname", None) or item.name


def _parametrize(metafunc: pytest.Metafunc, loop: dict[str, list[Any]]) -> None:
    for name in loop:  # one that the test does not take is there for `context.get_param`
        if name not in metafunc.fixturenames:
            metafunc.fixturenames.append(name)
    names = list(loop)
    if len(names) == 1:
        metafunc.parametrize(names[0], loop[names[0]])
    else:
        metafunc.parametrize(names, list(zip(*loop.values(), strict=True)))


def _argument_names(mark: pytest.Mark) -> list[str]:
    return _names(mark.args[0] if mark.args else mark.kwargs.get("argnames", ()))


def _names(names: Any) -> list[str]:
    if isinstance(names, str):
        return [name.strip() for name in names.split(",") if name.strip()]
    return list(names)


def _is_replaced(mark: pytest.Mark, swept: set[str]) -> bool:
    """A sweep of a YAML file over the same arguments takes the place of a parametrize mark."""
    return mark.name == "parametrize" and set(_argument_names(mark)) <= swept


def _parametrize_values(item: pytest.Item, marker: dict[str, Any]) -> dict[str, list[Any]]:
    value = marker["value"]
    if isinstance(value, dict) and set(value) == {"argnames", "argvalues"}:
        names = value["argnames"]
        names = names.split(",") if isinstance(names, str) else names
        return _columns([name.strip() for name in names], value["argvalues"])
    if isinstance(value, dict) and all(isinstance(values, list) for values in value.values()):
        return value
    raise pytest.Collector.CollectError(
        f"{item.nodeid}: {marker['source']}: parametrize: expected {{argument: [values]}}, "
        f"found {value!r}"
    )


def _columns(names: list[str], rows: Any) -> dict[str, list[Any]]:
    if len(names) == 1:
        return {names[0]: [_plain(row) for row in rows]}
    return {name: [_plain(row)[number] for row in rows] for number, name in enumerate(names)}


def _plain(row: Any) -> Any:
    """`pytest.param(...)` as its values."""
    values = getattr(row, "values", None)
    if isinstance(values, tuple) and hasattr(row, "marks"):
        return values[0] if len(values) == 1 else values
    return row


def _matrix(loops: list[dict[str, list[Any]]]) -> list[dict[str, Any]]:
    """Every combination; the first loop is the slowest."""
    rows_of = [
        [dict(zip(loop, values, strict=True)) for values in zip(*loop.values(), strict=True)]
        for loop in loops
    ]
    return [
        {name: value for row in combination for name, value in row.items()}
        for combination in itertools.product(*rows_of)
    ]


def _mark(marker: dict[str, Any]) -> pytest.MarkDecorator:
    decorator: pytest.MarkDecorator = getattr(pytest.mark, marker["name"])
    value = marker["value"]
    if value is None:
        return decorator
    if isinstance(value, dict):
        return decorator(**value)
    return decorator(*value) if isinstance(value, list) else decorator.with_args(value)


def _condition_first(items: list[pytest.Item], collecting: Collecting) -> list[pytest.Item]:
    """Within a class that is swept: all methods at the first condition, then all at the next one.

    Conditions stay in the order in which they were declared.
    """
    ordered: list[pytest.Item] = []
    for _, group in itertools.groupby(items, key=lambda item: item.getparent(pytest.Class)):
        run = list(group)
        if len(run) > 1 and any(collecting.outer_of(item).names for item in run):
            run.sort(key=lambda item: collecting.outer_of(item).places)
        ordered += run
    return ordered
