# SPDX-License-Identifier: Apache-2.0
"""The YAML files of a project as plain dicts: stations, fixtures, products, instruments
(assets), models (catalog).

For each kind: `get_*(id)` gives None where there is none, `list_*()` all that can be read, with a
warning for each that cannot, `load_*(path)` one file, `save_*(content)` writes and keeps comments
and the order of keys, `create_*(content)` gives None where there is one already. Contents have
their defaults filled in; `project_root` is a folder in the project, by default the working directory.
A broken file raises InvalidArgumentError with file, line, what was expected and what was found.
"""

import os
from pathlib import Path
from typing import Any

from litmus import _core
from litmus.errors import ConflictError, InvalidArgumentError, NotFoundError
from litmus.problems import warn
from litmus.station import StationConfig
from litmus.station import load_station as load_effective_station

Content = dict[str, Any]
_Root = str | os.PathLike[str] | None

__all__ = [
    "create_catalog_entry",
    "create_fixture",
    "create_instrument_asset",
    "create_product",
    "create_station",
    "dump_yaml",
    "find_by_model",
    "find_station_config",
    "get_catalog_entry",
    "get_fixture",
    "get_instrument_asset",
    "get_product",
    "get_station",
    "list_catalog_entries",
    "list_fixtures",
    "list_instrument_assets",
    "list_products",
    "list_stations",
    "load_catalog_entry",
    "load_fixture",
    "load_instrument_asset",
    "load_product",
    "load_project",
    "load_project_config",
    "load_station",
    "load_station_type",
    "resolve_catalog_ref",
    "save_catalog_entry",
    "save_fixture",
    "save_instrument_asset",
    "save_product",
    "save_station",
]

_FOLDERS = {
    "station": "stations",
    "fixture": "fixtures",
    "product": "products",
    "instrument_asset": "instruments",
    "catalog": "catalog",
}


def dump_yaml(content: Content) -> str:
    """The text of a file with this content: texts in double quotes, small maps in brackets."""
    return _core.yaml_text(content)


def get_station(id: str, project_root: _Root = None) -> Content | None:  # noqa: A002
    """The file of a station of the project, else of this machine (`$LITMUS_HOME/stations`)."""
    return _get("station", id, project_root)


def list_stations(project_root: _Root = None) -> list[Content]:
    """By file name; one of the project hides one of this machine with the same id."""
    return _list("station", project_root)


def load_station(path: str | os.PathLike[str]) -> Content:
    """One file, as it stands: `find_station_config` joins it with its assets."""
    return _read("station", path)


def save_station(content: Content, project_root: _Root = None) -> Path:
    """Writes `stations/<id>.yaml`, or the file that has this id, and returns its path."""
    return _save("station", content, project_root)


def create_station(content: Content, project_root: _Root = None) -> Path | None:
    """As `save_station`, for a station that is not there yet."""
    return _create("station", content, project_root)


def get_fixture(id: str, project_root: _Root = None) -> Content | None:  # noqa: A002
    """The file of a fixture, in `fixtures/`."""
    return _get("fixture", id, project_root)


def list_fixtures(project_root: _Root = None) -> list[Content]:
    """By path."""
    return _list("fixture", project_root)


def load_fixture(path: str | os.PathLike[str]) -> Content:
    """One file."""
    return _read("fixture", path)


def save_fixture(content: Content, project_root: _Root = None) -> Path:
    """Writes `fixtures/<id>.yaml`, or the file that has this id, and returns its path."""
    return _save("fixture", content, project_root)


def create_fixture(content: Content, project_root: _Root = None) -> Path | None:
    """As `save_fixture`, for a fixture that is not there yet."""
    return _create("fixture", content, project_root)


def get_product(id: str, project_root: _Root = None) -> Content | None:  # noqa: A002
    """The file of a product, below `products/`, as it stands."""
    return _get("product", id, project_root)


def list_products(project_root: _Root = None) -> list[Content]:
    """By path."""
    return _list("product", project_root)


def load_product(path: str | os.PathLike[str]) -> Content:
    """One file, as it stands: `ProductContext.from_file` joins it with its base."""
    return _read("product", path)


def save_product(content: Content, project_root: _Root = None) -> Path:
    """Writes `products/<id>.yaml`, or the file that has this id, and returns its path."""
    return _save("product", content, project_root)


def create_product(content: Content, project_root: _Root = None) -> Path | None:
    """As `save_product`, for a product that is not there yet."""
    return _create("product", content, project_root)


def get_instrument_asset(id: str, project_root: _Root = None) -> Content | None:  # noqa: A002
    """The file of an instrument, below `instruments/`."""
    return _get("instrument_asset", id, project_root)


def list_instrument_assets(project_root: _Root = None) -> list[Content]:
    """By path."""
    return _list("instrument_asset", project_root)


def load_instrument_asset(path: str | os.PathLike[str]) -> Content:
    """One file."""
    return _read("instrument_asset", path)


def save_instrument_asset(content: Content, project_root: _Root = None) -> Path:
    """Writes `instruments/<id>.yaml`, or the file that has this id, and returns its path."""
    return _save("instrument_asset", content, project_root)


def create_instrument_asset(content: Content, project_root: _Root = None) -> Path | None:
    """As `save_instrument_asset`, for an instrument that is not there yet."""
    return _create("instrument_asset", content, project_root)


def get_catalog_entry(id: str, project_root: _Root = None) -> Content | None:  # noqa: A002
    """A model, joined with its base: one of the project's `catalog/`, else a built-in generic one."""
    return _warned(_core.catalog_entry(project_root, id))


def list_catalog_entries(project_root: _Root = None) -> list[Content]:
    """The project's models, then the built-in ones."""
    entries, warnings = _core.catalog_entries(project_root)
    for text in warnings:
        warn(text)
    return [content for _, content, _ in entries]


def load_catalog_entry(path: str | os.PathLike[str]) -> Content:
    """One file, joined with its base, which stands beside it or in the project's catalog."""
    return _warned(_core.catalog_file(Path(path).parent, path)) or {}


def save_catalog_entry(content: Content, project_root: _Root = None) -> Path:
    """Writes `catalog/<id>.yaml`, or the project's file that has this id, and returns its path."""
    return _save("catalog", content, project_root)


def create_catalog_entry(content: Content, project_root: _Root = None) -> Path | None:
    """As `save_catalog_entry`, for a model that the project does not have yet."""
    return _create("catalog", content, project_root)


def resolve_catalog_ref(ref: str, project_root: _Root = None) -> Content | None:
    """The model with this id, else the first of this type (`dmm`)."""
    return _warned(_core.catalog_ref(project_root, ref))


def find_by_model(manufacturer: str, model: str, project_root: _Root = None) -> Content | None:
    """The model of an identity, whatever the case of the words."""
    return _warned(_core.catalog_model(project_root, manufacturer, model))


def find_station_config(id: str) -> StationConfig | None:  # noqa: A002
    """The station as it is used, its roles joined with their assets and models."""
    try:
        return load_effective_station(id)
    except NotFoundError:
        return None


def load_station_type(path: str | os.PathLike[str]) -> Content:
    """One file of `stations/types`."""
    return _read("station_type", path)


def load_project(path: str | os.PathLike[str]) -> Content:
    """One `litmus.yaml`."""
    return _read("project", path)


def load_project_config(root: _Root = None) -> Content:
    """The `litmus.yaml` of the folder or the nearest above; without one the defaults of a project
    named `litmus`."""
    file = Path(_core.project_folder(root)) / "litmus.yaml"
    return (
        load_project(file) if file.exists() else _core.check_config("project", {"name": "litmus"})
    )


def _get(kind: str, id: str, root: _Root) -> Content | None:  # noqa: A002
    file = _find(kind, id, root)
    return None if file is None else _read(kind, file)


def _list(kind: str, root: _Root) -> list[Content]:
    contents = []
    for file in _core.config_files(kind, root):
        try:
            contents.append(_read(kind, file))
        except InvalidArgumentError as error:
            warn(f"left out: {error}")
    return contents


def _read(kind: str, path: str | os.PathLike[str]) -> Content:
    content, warnings = _core.read_config(kind, path)
    for text in warnings:
        warn(text)
    return content


def _save(kind: str, content: Content, root: _Root) -> Path:
    id_ = _id(kind, content)
    file = _find(kind, id_, root) or _new_file(kind, id_, root)
    _core.save_config(kind, file, content)
    return file


def _create(kind: str, content: Content, root: _Root) -> Path | None:
    id_ = _id(kind, content)
    if _find(kind, id_, root) is not None:
        return None
    file = _new_file(kind, id_, root)
    try:
        _core.create_config(kind, file, content)
    except ConflictError:  # somebody else was quicker
        return None
    return file


def _id(kind: str, content: Content) -> str:
    id_ = content.get("id")
    if isinstance(id_, str) and id_ and not {"/", "\\", "\0"} & set(id_) and id_[0] not in "._":
        return id_
    raise InvalidArgumentError(
        f"{kind}: id: expected a text that can be the name of a file and begins with neither `.` "
        f"nor `_`, found {id_!r}"
    )


def _find(kind: str, id: str, root: _Root) -> Path | None:  # noqa: A002
    return next((f for f in map(Path, _core.config_files(kind, root)) if f.stem == id), None)


def _new_file(kind: str, id: str, root: _Root) -> Path:  # noqa: A002
    return Path(_core.project_folder(root)) / _FOLDERS[kind] / f"{id}.yaml"


def _warned(entry: tuple[str, Content, list[str]] | None) -> Content | None:
    if entry is None:
        return None
    _, content, warnings = entry
    for text in warnings:
        warn(text)
    return content
