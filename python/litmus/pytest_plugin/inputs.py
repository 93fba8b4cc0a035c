# SPDX-License-Identifier: Apache-2.0
"""What is asked for once per session: required inputs, and the serial number of the DUT."""

import os
from typing import Any

import pytest

from litmus.prompts import PromptConfig, PromptUnavailableError, ask
from litmus.pytest_plugin import options


def ask_for_inputs(config: pytest.Config, required: dict[str, Any]) -> dict[str, Any]:
    """The inputs by name: from the flag, the environment, or the operator.

    Raises:
        pytest.UsageError: one is missing, and there is nobody to ask.
    """
    if hasattr(config, "workerinput"):  # a worker of xdist has its controller's
        inputs: dict[str, Any] = config.workerinput["litmus"]["inputs"]
        return inputs
    return {name: _input(config, name, prompt or {}) for name, prompt in required.items()}


def _input(config: pytest.Config, name: str, prompt: dict[str, Any]) -> Any:
    variable = "LITMUS_" + name.upper().replace("-", "_")
    value = config.getoption(options.destination(name), None) or os.environ.get(variable)
    if value:
        choices = prompt.get("choices")
        if choices and value not in choices:
            raise pytest.UsageError(f"{name}: expected one of {', '.join(choices)}, found {value}")
        return value
    question = PromptConfig(
        message=prompt.get("message") or f"{name}:",
        prompt_type="choice" if prompt.get("choices") else "input",  # a yes is no input
        choices=prompt.get("choices"),
        timeout_seconds=prompt.get("timeout_seconds"),
        key=name,
    )
    try:
        with uncaptured(config):
            answer = ask(question)
    except PromptUnavailableError:
        answer = ""
    if answer == "":
        flag = "--" + name.replace("_", "-")
        raise pytest.UsageError(f"{name} is required: give {flag}, or set {variable}")
    return answer


def ask_for_serial(config: pytest.Config, phase: str | None, slot: str | None = None) -> str:
    """The serial number, from the operator.

    Args:
        phase: of the run.
        slot: in which the DUT is, if there are several.

    Raises:
        pytest.UsageError: there is nobody to ask.
    """
    where = "" if slot is None else f" in slot {slot}"
    question = PromptConfig(f"Serial number of the DUT{where}:", "input", key="dut_serial")
    try:
        with uncaptured(config):
            text = str(ask(question))
    except PromptUnavailableError:
        text = ""
    if not text.strip():
        raise pytest.UsageError(
            f"a run in phase {phase} needs the serial number of the DUT{where}: give "
            f"{'--dut-serial' if slot is None else '--dut-serials'}"
        )
    return text.strip()


class uncaptured:  # noqa: N801  (reads as a word in `with uncaptured(...)`)
    """The operator sees what is printed and can type, although pytest captures both."""

    def __init__(self, config: pytest.Config) -> None:
        self._capture: Any = config.pluginmanager.getplugin("capturemanager")

    def __enter__(self) -> None:
        if self._capture is not None:
            self._capture.suspend(in_=True)

    def __exit__(self, *_: object) -> None:
        if self._capture is not None:
            self._capture.resume()
