# SPDX-License-Identifier: Apache-2.0
"""What happens before there is a session: options, the assertion hook, a profile's own options."""

import copy
import os
import shlex
from typing import Any

import pytest
from _pytest.assertion import rewrite
from _pytest.config.findpaths import parse_override_ini

from litmus import _core
from litmus.errors import LitmusError
from litmus.pytest_plugin import options
from litmus.pytest_plugin.markers import register_markers
from litmus.pytest_plugin.rootdir import decide_again

_PLAIN_TAIL = rewrite.PYC_TAIL
_OUR_TAIL = f".{rewrite.PYTEST_TAG}-litmus{rewrite.PYC_EXT}"

files_key = pytest.StashKey[_core.ProjectFiles]()
profile_key = pytest.StashKey[_core.Profile | None]()
git_key = pytest.StashKey[Any]()
addopts_key = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Before test modules and conftest files are imported."""
    known = early_config.known_args_namespace
    _understand(early_config, parser, args)
    if not (known.help or known.version):
        with usage_errors():
            _apply_profile(early_config, parser, args)
    # Only rewritten code tells of assertions that hold, and pytest's own cache of rewritten modules
    # does not know which way they were rewritten.
    early_config._inicache["enable_assertion_pass_hook"] = True
    rewrite.PYC_TAIL = _OUR_TAIL


def pytest_configure(config: pytest.Config) -> None:
    register_markers(config)
    if config.option.help or config.option.version:
        return
    from litmus.pytest_plugin.start import start

    with usage_errors():
        start(config)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """A fixture with several slots: this process tests nothing itself, but starts one for each."""
    if config.option.help or config.option.version or files_key not in config.stash:
        return None
    from litmus.pytest_plugin.slots import slots_to_test

    with usage_errors():
        slots = slots_to_test(config)
        if not slots:
            return None
        from litmus.pytest_plugin.slot_session import run_all_slots

        return run_all_slots(config, slots)


def pytest_unconfigure(config: pytest.Config) -> None:
    rewrite.PYC_TAIL = _PLAIN_TAIL
    if (git := config.stash.get(git_key, None)) is not None:
        git.answer()  # its processes are waited for


def _apply_profile(config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """The profile is chosen now, since its `addopts` are to count as if they had been given."""
    files = _core.ProjectFiles(config.rootpath, config.invocation_params.dir)
    config.stash[files_key] = files
    options.add_project_options(parser, files.facet_keys, "choose the profile by its facet")
    options.add_project_options(
        parser, files.project.get("required_inputs") or {}, "input of the session:"
    )
    _understand(config, parser, args)
    profile = _selected(config, files)
    config.stash[profile_key] = profile
    added = _runner_arguments(config, runner_settings(config))
    config.stash[addopts_key] = added
    if not added:
        return
    args[:0] = added  # what is given on the command line comes later, and wins
    config.pluginmanager.consider_preparse(added, exclude_only=False)
    _understand(config, parser, args)
    if overrides := parse_override_ini(config.known_args_namespace.override_ini):
        config._inicfg.update(overrides)
        config._inicache.clear()


def _understand(config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Reads the command line with all options that are known by now."""
    while True:
        cut = config.known_args_namespace.confcutdir
        known = parser.parse_known_args(args, namespace=copy.copy(config.option))
        known.confcutdir = cut
        config.known_args_namespace = known
        if not decide_again(config, args, known):
            return


def _selected(config: pytest.Config, files: _core.ProjectFiles) -> _core.Profile | None:
    known = config.known_args_namespace
    if known.no_test_profile:
        return None
    name = known.test_profile or os.environ.get("LITMUS_TEST_PROFILE") or None
    facets = {}
    for key in files.facet_keys:
        value = getattr(known, options.destination(key), None)
        if value is None and key == "test_phase":
            value = os.environ.get("LITMUS_TEST_PHASE")
        if value:
            facets[key] = value
    return files.select_profile(name, facets)


def runner_settings(config: pytest.Config) -> dict[str, Any]:
    """`runner` of `litmus.yaml`, joined with that of the profile."""
    profile = config.stash.get(profile_key, None)
    holder = profile.record if profile else config.stash[files_key].project
    settings: dict[str, Any] = holder.get("runner") or {}
    return settings


def _runner_arguments(config: pytest.Config, runner: dict[str, Any]) -> list[str]:
    added = shlex.split(runner.get("addopts") or "")
    for plugin in runner.get("plugins") or []:
        added += ["-p", plugin]
    if (parallelism := runner.get("parallelism")) is not None:
        _require_plugin(config, "xdist", "runner.parallelism", "pytest-xdist")
        added += ["-n", str(parallelism)]
    if (timeout := runner.get("timeout")) is not None:
        _require_plugin(config, "timeout", "runner.timeout", "pytest-timeout")
        added += [f"--timeout={timeout}"]
    return added


def _require_plugin(config: pytest.Config, plugin: str, key: str, package: str) -> None:
    if not config.pluginmanager.hasplugin(plugin):
        raise pytest.UsageError(f"{key} needs the package {package}: install it")


class usage_errors:  # noqa: N801  (reads as a word in `with usage_errors()`)
    """Configuration that cannot be used is the user's to mend, not a crash."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, LitmusError):
            raise pytest.UsageError(f"litmus: {error}") from error
