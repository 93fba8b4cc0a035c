# SPDX-License-Identifier: Apache-2.0
"""Finding the class of a driver."""

import importlib
import sys
from typing import Any

from litmus import _core
from litmus.errors import InvalidArgumentError, LitmusError


class DriverImportError(LitmusError, ImportError):
    """The module of a driver cannot be imported, or has no such class."""


def resolve_driver(path: str) -> type[Any]:
    """The class that `package.module.Class` or `package.module:Class` names.

    Modules of the project are found from the folder of its `litmus.yaml`, whatever the working
    directory.

    Raises:
        InvalidArgumentError: the text is neither form, or it names something else than a class.
        DriverImportError: the module cannot be imported, or has no such class.
    """
    module_name, separator, class_name = path.replace(":", ".").rpartition(".")
    if not separator or not all(part.isidentifier() for part in path.replace(":", ".").split(".")):
        raise InvalidArgumentError(
            f"driver: expected package.module.Class or package.module:Class, found {path!r}"
        )
    try:
        found = getattr(import_from_project(module_name), class_name)
    except Exception as error:  # a module may fail in any way while it is imported
        raise DriverImportError(
            f"driver {path} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(found, type):
        raise InvalidArgumentError(f"driver {path}: expected a class, found {found!r}")
    return found


def import_from_project(module_name: str) -> Any:
    """The module, which may stand in the folder of the project's `litmus.yaml`."""
    project = _core.find_project()
    if project is None:
        return importlib.import_module(module_name)
    folder = project[0].rpartition("/")[0]
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(module_name)
    finally:
        sys.path.remove(folder)
