# SPDX-License-Identifier: Apache-2.0
"""Who an instrument is, and whether its calibration holds."""

from datetime import date

import pytest
from litmus.instruments.calibration import calibration_status
from litmus.instruments.identity import Identity, differences, parse_idn, read_identity


def test_an_answer_to_idn_has_four_parts() -> None:
    assert parse_idn("Keysight, 34465A ,MY1,1.2,extra\n") == Identity(
        "Keysight", "34465A", "MY1", "1.2"
    )
    assert parse_idn("Keysight,,MY1") == Identity("Keysight", None, "MY1", None)
    assert parse_idn("") == Identity()


def test_the_drivers_own_fields_count_before_idn() -> None:
    class Driver:
        manufacturer: str | None = "Keysight"
        serial = 42

        def query(self, command: str) -> str:
            return f"from,{command},0,0"

    assert read_identity(Driver()) == Identity("Keysight", None, "42", None)
    Driver.manufacturer = None
    assert read_identity(Driver()) == Identity("from", "*IDN?", "0", "0")
    assert read_identity(object()) is None


def test_only_expected_fields_are_compared_and_makers_may_write_as_they_like() -> None:
    actual = Identity("KEYSIGHT  Technologies", "34465a", "MY1", "9")
    expected = {"manufacturer": "Keysight Technologies", "model": "34465A"}
    assert differences(expected, actual) == []
    assert differences({"serial": "my1"}, actual) == ["serial: expected my1, found MY1"]
    assert differences({"model": "x"}, Identity()) == ["model: expected x, found None"]


@pytest.mark.parametrize(
    ("due", "message", "expired", "warns"),
    [
        ("2026-02-28", "CALIBRATION EXPIRED (due 2026-02-28, 1 day overdue)", True, True),
        ("2026-03-01", "calibration due soon (due 2026-03-01, 0 days left)", False, True),
        ("2026-03-30", "calibration due soon (due 2026-03-30, 29 days left)", False, True),
        ("2026-03-31", "calibrated (due 2026-03-31, 30 days left)", False, False),
    ],
)
def test_a_calibration_ends_after_its_last_day(
    due: str, message: str, expired: bool, warns: bool
) -> None:
    status = calibration_status({"due_date": due}, today=date(2026, 3, 1))
    assert status is not None
    assert (status.message, status.expired, status.warns) == (message, expired, warns)
    assert calibration_status({}) is None
