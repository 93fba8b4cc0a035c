# SPDX-License-Identifier: Apache-2.0
"""The driver of the device under test."""

from typing import Any

from litmus.errors import UnavailableError
from litmus.pytest_plugin.active import Active


def connect_dut(active: Active) -> Any:
    """The product's driver, at the address that fixture or slot gives; None without a driver.

    Raises:
        UnavailableError: it cannot be connected.
    """
    driver = active.product.record.get("driver") if active.product else None
    if driver is None:
        return None
    from litmus.instruments.drivers import resolve_driver

    driver_class = resolve_driver(driver)
    if active.mock:
        from litmus.instruments.mocks import Mock

        return Mock(driver_class)
    resource = active.fixture.record.get("dut_resource") if active.fixture else None
    try:
        dut = driver_class() if resource is None else driver_class(resource)
        if callable(connect := getattr(dut, "connect", None)):
            connect()
    except Exception as error:
        raise UnavailableError(
            f"dut: cannot connect {driver} at {resource}: {type(error).__name__}: {error}"
        ) from error
    return dut
