# SPDX-License-Identifier: Apache-2.0
"""pytest decides on its root folder before it knows options of plugins.

Of `--data-dir /results` it takes `/results` for a folder of tests: the root becomes `/`, and the
project's pytest.ini is not found. Here, with all options known, it decides again.
"""

import sys
from typing import Any

import pytest
from _pytest.assertion.rewrite import AssertionRewritingHook
from _pytest.config.findpaths import determine_setup, parse_override_ini


def decide_again(config: pytest.Config, args: list[str], known: Any) -> bool:
    """Puts root folder, configuration file and its options right.

    Args:
        config: which may have the wrong ones.
        args: the command line; options of the right configuration file are put before it.
        known: the command line as it is understood now.

    Returns:
        Whether something was wrong.
    """
    root, file, values, ignored = determine_setup(
        inifile=known.inifilename,
        override_ini=known.override_ini,
        args=known.file_or_dir,
        rootdir_cmd_arg=known.rootdir or None,
        invocation_dir=config.invocation_params.dir,
    )
    if (root, file) == (config.rootpath, config.inipath):
        return False
    before = (config.inipath.parent if config.inipath else config.rootpath, known.confcutdir)
    other_file = file != config.inipath
    config._rootpath, config._inipath = root, file
    config._inicfg, config._ignored_config_files = values, ignored
    config._inicache.clear()
    if before[1] in (None, str(before[0])):  # it was not asked for
        known.confcutdir = str(file.parent if file else root)
    if other_file:
        _use_file(config, args, known)
    return True


def _use_file(config: pytest.Config, args: list[str], known: Any) -> None:
    """What pytest has done with the other file, or without one."""
    added: list[str] = config.getini("addopts")
    args[:0] = added
    config.pluginmanager.consider_preparse(added, exclude_only=False)
    if overrides := parse_override_ini(known.override_ini):
        config._inicfg.update(overrides)
        config._inicache.clear()
    config._checkversion()
    config._configure_python_path()
    for finder in sys.meta_path:
        if isinstance(finder, AssertionRewritingHook) and finder.config is config:
            finder.fnpats = config.getini("python_files")
