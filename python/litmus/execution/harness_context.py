# SPDX-License-Identifier: Apache-2.0
"""What a test of a `TestHarness` knows: of the run, of its step, of its vector."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from litmus import _core
from litmus.data.measurement import Measurement
from litmus.data.models import TestRun
from litmus.execution.context import BaseContext, Values
from litmus.execution.judging import Limits

if TYPE_CHECKING:
    from litmus.execution.harness import TestHarness
    from litmus.products.context import ProductContext


class Context(BaseContext):
    """Of the run, of a step or of a vector; what it was told holds in all that are inside."""

    def __init__(
        self,
        harness: "TestHarness",
        test: _core.ResolvedTest,
        params: dict[str, Any],
        previous: Mapping[str, Any] | None = None,
    ) -> None:
        self._harness = harness
        self._resolved = test
        self._own = Values(params)
        self._previous = previous
        self.known = dict(params)
        """Parameters, configured and observed values, for the case after this one."""
        self.is_open = False
        """Rows are being recorded under it."""

    def child(
        self,
        test: "_core.ResolvedTest | None" = None,
        params: Mapping[str, Any] | None = None,
        previous: Mapping[str, Any] | None = None,
    ) -> "Context":
        """A context inside this one. What it is told does not come back."""
        own = self._own
        child = Context(
            self._harness, test or self._resolved, {**own.params, **(params or {})}, previous
        )
        child._own.inputs = {**own.inputs, **child._own.params}
        child._own.outputs = dict(own.outputs)
        child._own.observed = dict(own.observed)
        return child

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Parameters beside those that are there: `in_*` columns of the rows that follow."""
        self._own.params = {**self._own.params, **params}
        for key, value in params.items():
            self.configure(key, value)

    def set_observations(self, observations: Mapping[str, Any]) -> None:
        """As `observe_all`."""
        self.observe_all(observations)

    def configure(self, key: str, value: Any) -> None:
        """A commanded value: `in_{key}` on the rows of this vector that follow."""
        super().configure(key, value)
        if self.is_open:
            self._harness.logger.configure(key, value)

    def observe(self, key: str, value: Any) -> None:
        """An ambient value: `out_{key}`. Arrays go to the channel `key`, bytes into a file."""
        super().observe(key, value)
        if self.is_open:
            self._harness.logger.keep_output(key, self._own.outputs[key], value)

    def measure(self, name: str, value: Any, **options: Any) -> Measurement:
        """As `TestHarness.measure`."""
        return self._harness.measure(name, value, **options)

    @property
    def run(self) -> TestRun:
        """The run as it is recorded."""
        return self._harness.logger.test_run

    @property
    def station(self) -> None:
        """A harness has no station file."""
        return

    @property
    def product(self) -> "ProductContext | None":
        """The product; None without one."""
        return self._harness.product_context

    @property
    def _values(self) -> Values:
        return self._own

    @property
    def _test(self) -> _core.ResolvedTest:
        return self._resolved

    def _stored(self, key: str, value: Any) -> Any:
        return self._harness.logger.store_observation(key, value, self._harness.channel_store)

    def _remember(self, key: str, value: Any) -> None:
        self.known[key] = value

    def _limit(self, name: str) -> Limits | None:
        return self._harness._limit(name, None, None)
