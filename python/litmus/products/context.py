# SPDX-License-Identifier: Apache-2.0
"""A product, and the limits that follow from its specification."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litmus import _core
from litmus.errors import InvalidArgumentError, NotFoundError

if TYPE_CHECKING:
    from litmus.data.models import Limit


class ProductContext:
    """The product of a session; also usable without pytest, by `from_file`."""

    def __init__(self, product: _core.Product, plan: _core.TestPlan) -> None:
        self.plan = plan
        """What finds the limits."""
        self.product: dict[str, Any] = product.record
        """As its file has it, with `base` applied."""

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        fixture: str | os.PathLike[str] | None = None,
        guardband_pct: float = 0,
    ) -> "ProductContext":
        """The product in a file.

        Args:
            path: the YAML file.
            fixture: file of the fixture that wires it.
            guardband_pct: percent by which limits are tightened.

        Raises:
            LitmusError: a file is not there, or broken.
        """
        file = Path(path).resolve()
        files = _core.ProjectFiles(file.parent, Path.cwd())
        product = files.select_product(str(file), None)
        if product is None:
            raise NotFoundError(f"there is no product in {file}")
        wiring = (
            None if fixture is None else files.select_fixture(str(Path(fixture).resolve()), None)
        )
        return cls(product, _core.TestPlan(files, None, product, wiring, guardband_pct))

    def get_limit(
        self,
        char_id: str,
        guardband_pct: float | None = None,
        comparator: str | None = None,
        limit_low: float | None = None,
        limit_high: float | None = None,
        **conditions: Any,
    ) -> "Limit":
        """The limit of a characteristic under conditions.

        Args:
            char_id: id of the characteristic.
            guardband_pct: percent by which it is tightened; None: that of the session.
            comparator: in place of the characteristic's own.
            limit_low, limit_high: in place of what the specification gives.
            conditions: by name, for the bands of the characteristic.

        Raises:
            MissingLimitError: no band fits the conditions.
            NotFoundError: the product has no such characteristic.
        """
        from litmus.data.models import Limit

        found = self.plan.characteristic_limit(char_id, conditions, guardband_pct, comparator)
        if limit_low is not None:
            found["low"] = limit_low
        if limit_high is not None:
            found["high"] = limit_high
        if None not in (found["low"], found["high"]) and found["low"] > found["high"]:
            raise InvalidArgumentError(
                f"{char_id}: limit_low {found['low']} is above limit_high {found['high']}"
            )
        given = {name: found.get(name) for name in Limit.model_fields}
        return Limit(**{name: value for name, value in given.items() if value is not None})

    def get_pin_info(self, pin: str) -> dict[str, Any]:
        """name, net, role of a pin.

        Raises:
            NotFoundError: the product has no such pin; the text lists them.
        """
        pins = self.product.get("pins") or {}
        if pin not in pins:
            raise NotFoundError(
                f"the product has no pin {pin}; it has: {', '.join(pins) or 'none'}"
            )
        info: dict[str, Any] = pins[pin]
        return info

    def list_characteristics(self) -> list[str]:
        return list(self.product.get("characteristics") or {})

    def list_pins(self) -> list[str]:
        return list(self.product.get("pins") or {})
