# SPDX-License-Identifier: Apache-2.0
"""Whether a failed attempt is worth another one."""

from collections.abc import Iterable


def is_one_of(errors: Iterable[BaseException], names: Iterable[str] | None) -> bool:
    """Whether one of them is of a class with one of these names, plain or with its module.

    Args:
        errors: what was raised.
        names: of exception classes; none: any will do, also where nothing was raised.
    """
    wanted = set(names or ())
    if not wanted:
        return True
    return any(
        kind.__name__ in wanted or f"{kind.__module__}.{kind.__qualname__}" in wanted
        for error in errors
        for kind in type(error).__mro__
    )
