# SPDX-License-Identifier: Apache-2.0
"""litmus.store: the YAML files of a project."""

from pathlib import Path

import pytest
import yaml
from litmus import store
from litmus.errors import InvalidArgumentError


@pytest.fixture
def root(home: Path) -> Path:
    """The working directory, a project."""
    root = home.parent / "work"
    (root / "litmus.yaml").write_text("name: power_board\n")
    return root


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_a_station_is_made_read_changed_and_keeps_its_comments(root: Path) -> None:
    made = store.create_station({"id": "bench_1", "instruments": {"dmm": "dmm_7"}})
    assert made == root / "stations/bench_1.yaml"
    assert store.create_station({"id": "bench_1"}) is None
    write(made, "# the first bench\n" + made.read_text())
    station = store.get_station("bench_1")
    assert station is not None
    assert station["instruments"] == {"dmm": "dmm_7"}
    station["location"] = "Lab 3"
    assert store.save_station(station) == made
    assert made.read_text() == (
        '# the first bench\nid: "bench_1"\ninstruments: {dmm: "dmm_7"}\nlocation: "Lab 3"\n'
    )
    assert store.load_station(made) == station
    assert store.get_station("bench_2") is None


def test_stations_of_the_machine_are_listed_behind_those_of_the_project(
    root: Path, home: Path
) -> None:
    write(home / "stations/bench_1.yaml", "location: hidden\n")
    shared = write(home / "stations/shared.yaml", "location: shared\n")
    write(root / "stations/bench_1.yaml", "location: ours\n")
    assert [each["location"] for each in store.list_stations()] == ["ours", "shared"]
    store.save_station({"id": "shared", "location": "changed"})
    assert shared.read_text() == 'location: "changed"\n'


def test_a_broken_file_is_left_out_of_lists_and_an_error_when_it_is_wanted(root: Path) -> None:
    write(root / "instruments/lab/dmm_7.yaml", "resorce: a\n")
    write(root / "instruments/dmm_8.yaml", "resource: a\n")
    with pytest.warns(UserWarning, match=r"left out: .*dmm_7\.yaml:1: `resorce`: unknown key"):
        assert [each["id"] for each in store.list_instrument_assets()] == ["dmm_8"]
    with pytest.raises(InvalidArgumentError, match="did you mean `resource`"):
        store.get_instrument_asset("dmm_7")
    with pytest.raises(InvalidArgumentError, match=r"dmm_9\.yaml:1: `resorce`: unknown key"):
        store.create_instrument_asset({"resorce": "a", "id": "dmm_9"})
    assert not (root / "instruments/dmm_9.yaml").exists()


def test_an_instrument_is_found_in_whatever_folder_it_is(root: Path) -> None:
    file = write(root / "instruments/lab/dmm_7.yaml", "info: {serial: 0042} # plate\n")
    asset = store.get_instrument_asset("dmm_7", project_root=root / "instruments")
    assert asset is not None
    assert asset["info"] == {"serial": "0042"}
    asset["calibration"]["lab"] = "ACME"
    assert store.save_instrument_asset(asset) == file
    assert file.read_text() == 'info: {serial: 0042} # plate\ncalibration: {lab: "ACME"}\n'
    assert store.load_instrument_asset(file) == asset


def test_fixtures_and_products_are_made_listed_and_changed(root: Path) -> None:
    pins = {"VOUT": {"name": "VOUT"}}
    made = store.create_product({"id": "board", "pins": pins})
    assert made == root / "products/board.yaml"
    folder = write(root / "products/board_b/board_b.yaml", "base: board # a variant\n")
    assert [each["id"] for each in store.list_products()] == ["board", "board_b"]
    product = store.get_product("board_b")
    assert product is not None
    product["revision"] = "B"
    assert store.save_product(product) == folder
    assert folder.read_text() == 'base: board # a variant\nrevision: "B"\n'
    assert store.load_product(folder) == product
    connection = {"instrument": "dmm", "dut_pin": "VOUT"}
    fixture = {"id": "jig", "product_id": "board", "connections": {"vout": connection}}
    assert store.create_fixture(fixture) == root / "fixtures/jig.yaml"
    assert store.create_fixture(fixture) is None
    (listed,) = store.list_fixtures()
    assert listed == store.get_fixture("jig") == store.load_fixture(root / "fixtures/jig.yaml")
    assert listed["connections"]["vout"]["dut_pin"] == "VOUT"
    assert store.save_fixture(listed | {"description": "red"}) == root / "fixtures/jig.yaml"


def test_models_are_those_of_the_project_and_the_built_in_ones(root: Path) -> None:
    write(root / "catalog/m1.yaml", "{manufacturer: ACME, model: M1, type: dmm, driver: a.M1}\n")
    write(root / "catalog/m2.yaml", "{base: m1, model: M2}\n")
    m2 = store.get_catalog_entry("m2")
    assert m2 is not None
    assert (m2["driver"], m2["name"]) == ("a.M1", "ACME M2")
    assert store.load_catalog_entry(root / "catalog/m2.yaml") == m2
    assert store.find_by_model("acme", "m2") == m2
    assert store.find_by_model("acme", "m3") is None
    first = store.resolve_catalog_ref("dmm")
    assert first is not None
    assert first["id"] == "m1"
    built_in = store.resolve_catalog_ref("generic_psu")
    assert built_in is not None
    assert built_in["capabilities"][0]["channels"] == "CH[1:2]"
    assert store.resolve_catalog_ref("nothing") is None
    assert [each["id"] for each in store.list_catalog_entries()][:3] == ["m1", "m2", "generic_dmm"]
    assert store.get_catalog_entry("nothing") is None


def test_a_built_in_model_can_be_taken_into_the_project(root: Path) -> None:
    entry = store.get_catalog_entry("generic_dmm")
    assert entry is not None
    entry["model"] = "Ours"
    made = store.create_catalog_entry(entry)
    assert made == root / "catalog/generic_dmm.yaml"
    assert store.get_catalog_entry("generic_dmm") == entry
    entry["description"] = "changed"
    assert store.save_catalog_entry(entry) == made
    assert store.get_catalog_entry("generic_dmm") == entry


@pytest.mark.parametrize("wrong", [None, "", "../x", "a/b", ".hidden", "_draft", 5])
def test_an_id_is_the_name_of_a_file(root: Path, wrong: object) -> None:
    with pytest.raises(InvalidArgumentError, match="station: id: expected a text"):
        store.save_station({"id": wrong})
    assert not (root / "stations").exists()


def test_a_station_is_joined_with_what_it_names(root: Path) -> None:
    write(root / "stations/bench_1.yaml", "instruments: {dmm: {type: dmm, catalog_ref: m1}}\n")
    write(root / "catalog/m1.yaml", "{manufacturer: ACME, model: M1, type: dmm, driver: a.M1}\n")
    station = store.find_station_config("bench_1")
    assert station is not None
    assert station.name == "bench_1"
    assert station.instruments["dmm"].driver == "a.M1"
    assert store.find_station_config("bench_2") is None
    types = write(
        root / "stations/types/t.yaml", "description: a\ninstruments: {dmm: {type: dmm}}\n"
    )
    assert store.load_station_type(types)["instruments"]["dmm"]["type"] == "dmm"


def test_a_project_has_defaults_where_there_is_none(root: Path) -> None:
    assert store.load_project_config(root)["name"] == "power_board"
    assert store.load_project(root / "litmus.yaml") == store.load_project_config()
    (root / "litmus.yaml").unlink()
    anonymous = store.load_project_config()
    assert (anonymous["name"], anonymous["durability"]) == ("litmus", "group")


def test_the_text_of_a_content_is_read_back_by_others() -> None:
    content = {
        "id": "x",
        "no": "yes",
        "empty": {},
        "list": [1, 2.5, None, True, "a: b # c"],
        "deep": {"roles": {"dmm": {"type": "dmm", "names": ["é", '"']}}, "n": [{"a": {"b": [1]}}]},
        "1": float("inf"),
    }
    assert yaml.safe_load(store.dump_yaml(content)) == content
