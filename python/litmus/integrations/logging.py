# SPDX-License-Identifier: Apache-2.0
"""Log records as failures of the step that is being tested."""

import logging

from litmus.client import RunBuilder, StepBuilder


class LitmusHandler(logging.Handler):
    """Turns log records of `level` and above into failures of a step.

        handler = LitmusHandler(run)
        logging.getLogger("my_test").addHandler(handler)
        with run.step("power_on") as step:
            handler.step = step

    Without a step nothing happens.

    Args:
        run: the run that is being recorded.
        level: the lowest level that counts, WARNING by default.
    """

    def __init__(self, run: RunBuilder, level: int | str = logging.WARNING) -> None:
        super().__init__(level)
        self.run = run
        self.step: StepBuilder | None = None
        """The step that a record fails; set by the caller."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < self.level or self.step is None:
            return
        try:
            self.step.fail(record.getMessage())
        except Exception:  # logging reports, and never raises into the code that logs
            self.handleError(record)
