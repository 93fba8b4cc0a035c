# SPDX-License-Identifier: Apache-2.0
"""Instruments as fixtures, their mocks for one test, switches, the DUT."""

from typing import Any

import pytest

from .conftest import Project, Recorded

DRIVER = """
class Dmm:
    log = []
    def __init__(self, resource): self.resource = resource
    def connect(self): self.log.append("connect")
    def disconnect(self): self.log.append("disconnect")
    def measure_voltage(self, *channel): return 3.3
    def set_range(self, value): self.log.append(value)

class Switch(Dmm):
    def close_channels(self, channels): self.log.append(("close", tuple(channels)))
    def open_channels(self, channels): self.log.append(("open", tuple(channels)))
    def open_all(self): self.log.append("open all")

class Board(Dmm):
    def read_version(self): return "1.2"
"""
STATION = """
instruments:
  dmm: {type: dmm, driver: drivers.Dmm, resource: "GPIB0::1::INSTR", mock_config: {measure_voltage: 3.31}}
  psu: {type: psu, driver: drivers.Dmm, resource: "GPIB0::2::INSTR"}
  mux: {type: switch, driver: drivers.Switch, resource: "GPIB0::3::INSTR"}
"""
PRODUCT = """
part_number: PB-100
revision: B
driver: drivers.Board
pins:
  VOUT: {name: VOUT, net: V3V3}
  VIN: {name: VIN, net: V12}
characteristics:
  v_out: {function: dc_voltage, direction: output, units: V, pin: VOUT, datasheet_ref: DS-4,
          bands: [{value: 3.3, accuracy: {pct_reading: 5}}]}
  v_in: {function: dc_voltage, direction: output, units: V, pin: VIN, bands: [{value: 12}]}
"""
FIXTURE = """
dut_resource: /dev/ttyUSB0
connections:
  vout: {instrument: dmm, instrument_channel: "1", instrument_terminal: hi, dut_pin: VOUT, net: V3V3,
         route: {switch: mux, channels: [101]}}
  vin: {instrument: dmm, instrument_channel: "1", dut_pin: VIN, route: {switch: mux, channels: [102]}}
"""


@pytest.fixture
def bench(project: Project) -> Project:
    """A project with station, product and fixture."""
    project.write("litmus.yaml", "name: it\ndefault_station: bench\n")
    project.write("drivers.py", DRIVER)
    project.write("stations/bench.yaml", STATION)
    project.pytester.syspathinsert(project.folder)
    return project


@pytest.fixture
def wired(bench: Project) -> Project:
    bench.write("products/board.yaml", PRODUCT)
    bench.write("fixtures/jig.yaml", FIXTURE)
    return bench


def instrument_events(recorded: Recorded) -> list[tuple[str, str]]:
    return [
        (event.event_type.rpartition(".")[2], getattr(event, "role", None) or event.instrument_role)
        for event in recorded.events()
        if event.event_type.startswith(("fixture.instrument", "instrument."))
    ]


def test_roles_are_fixtures_connected_once_on_first_use(bench: Project) -> None:
    bench.test(
        """
        def test_a(dmm, verify):
            assert dmm.resource == "GPIB0::1::INSTR"
            verify("v", dmm.measure_voltage(), {"low": 3, "high": 4, "units": "V"})
        def test_b(dmm, instruments, instrument):
            assert instruments["dmm"] is dmm and instrument("dmm") is dmm
            assert instrument.roles() == list(instruments) == ["dmm", "psu", "mux"]
            assert instrument.by_type("drivers.Switch") is instruments["mux"]
            with pytest.raises(KeyError, match="dmm, psu, mux"): instrument("scope")
        """
    )
    recorded = bench.run()
    assert recorded.outcome == "passed", recorded.output
    assert instrument_events(recorded) == [
        ("instrument_connected", "dmm"),
        ("read", "dmm"),
        ("instrument_connected", "mux"),
        ("instrument_disconnected", "mux"),
        ("instrument_disconnected", "dmm"),
    ]
    order = [event.event_type for event in recorded.events()]
    assert order.index("fixture.instrument_disconnected") < order.index("run.ended")
    assert recorded.step("test_a")["step_instruments_name"] == ["dmm"]
    assert recorded.run["test_phase"] == "development"


def test_a_conftest_fixture_of_that_name_wins(bench: Project) -> None:
    bench.write("conftest.py", "import pytest\n@pytest.fixture\ndef dmm(): return 7\n")
    bench.test("def test_it(dmm): assert dmm == 7")
    recorded = bench.run()
    assert recorded.outcome == "passed"
    assert instrument_events(recorded) == []


def test_an_instrument_that_cannot_be_connected_is_an_error_that_names_the_role(
    bench: Project,
) -> None:
    bench.write(
        "drivers.py", "class Dmm:\n    def __init__(self, resource): raise OSError('off')\n"
    )
    bench.test("def test_it(dmm): pass\ndef test_other(): pass")
    recorded = bench.run()
    assert recorded.steps == {"test_it": "errored", "test_other": "done"}
    assert "dmm: cannot construct drivers.Dmm at GPIB0::1::INSTR" in recorded.output


def test_instruments_are_released_when_the_operator_stops(bench: Project) -> None:
    bench.test("def test_it(dmm): raise KeyboardInterrupt")
    recorded = bench.spawn()
    assert recorded.outcome == "terminated"
    assert instrument_events(recorded)[-1] == ("instrument_disconnected", "dmm")


@pytest.mark.parametrize(
    ("arguments", "variable", "project_says", "mocked"),
    [
        ([], None, None, False),
        ([], None, "true", True),
        ([], "0", "true", False),
        ([], "1", None, True),
        (["--no-mock-instruments"], "1", "true", False),
        (["--mock-instruments"], "0", None, True),
    ],
)
def test_mock_mode_is_decided_by_flag_environment_project(
    bench: Project,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    variable: str | None,
    project_says: str | None,
    mocked: bool,
) -> None:
    if variable is not None:
        monkeypatch.setenv("LITMUS_MOCK_INSTRUMENTS", variable)
    if project_says is not None:
        bench.write(
            "litmus.yaml", f"name: it\ndefault_station: bench\nmock_instruments: {project_says}\n"
        )
    bench.test(
        f"""
        def test_it(mock_instruments, dmm, instrument_records):
            assert mock_instruments is {mocked}
            assert dmm.measure_voltage() == {3.31 if mocked else 3.3}
            assert instrument_records["dmm"]["mocked"] is {mocked}
        """
    )
    assert bench.run(*arguments).outcome == "passed"


def test_mocks_of_a_test_are_undone_exactly(bench: Project) -> None:
    bench.test(
        """
        from unittest.mock import DEFAULT
        def test_before(dmm): assert dmm.measure_voltage() == 3.31
        @pytest.mark.litmus_mocks([
            {"target": "dmm.measure_voltage", "side_effect": [1, 2]},
            {"target": "psu.measure_voltage", "return_value": 9},
        ])
        def test_it(dmm, psu):
            assert [dmm.measure_voltage(), dmm.measure_voltage()] == [1, 2]
            with pytest.raises(StopIteration): dmm.measure_voltage()
            assert psu.measure_voltage() == 9
        def test_after(dmm, psu):
            assert dmm.measure_voltage() == 3.31
            assert dmm.mock_values == {"measure_voltage": 3.31}
            assert psu.measure_voltage() is None and psu.mock_values == {}
        """
    )
    assert bench.run("--mock-instruments").steps == {
        "test_before": "passed",
        "test_it": "passed",
        "test_after": "passed",
    }


def test_a_mock_that_cannot_be_leaves_none_behind(bench: Project) -> None:
    bench.test(
        """
        @pytest.mark.litmus_mocks([
            {"target": "dmm.measure_voltage", "return_value": 5},
            {"target": "psu.mesure", "return_value": 9},
        ])
        def test_it(dmm): ...
        def test_after(dmm): assert dmm.measure_voltage() == 3.3
        """
    )
    recorded = bench.run("--no-mock-instruments")
    assert recorded.steps == {"test_it": "errored", "test_after": "passed"}
    assert "inline marker of test_it: mock of psu.mesure: " in recorded.output


def test_mocks_are_there_before_the_fixtures_of_the_test(bench: Project) -> None:
    bench.test(
        """
        @pytest.fixture
        def reading(dmm): return dmm.measure_voltage()
        @pytest.mark.litmus_mocks({"target": "dmm.measure_voltage", "return_value": 5})
        def test_it(reading): assert reading == 5
        @pytest.mark.litmus_mocks([{"target": "it.value", "new": 6}])
        def test_any_fixture_can_be_patched(it): assert it.value == 6
        @pytest.fixture(scope="module")
        def it():
            class It: value = 1
            return It
        def test_after(it): assert it.value == 1
        """
    )
    assert bench.run().outcome == "passed"


def test_a_mock_of_an_unknown_fixture_is_a_warning(bench: Project) -> None:
    bench.test(
        """
        @pytest.mark.litmus_mocks([{"target": "nothing.there", "return_value": 5}])
        def test_it(): assert True
        """
    )
    recorded = bench.run()
    assert recorded.outcome == "passed"
    assert "there is no fixture nothing" in recorded.output


def test_answers_of_mocks_follow_the_active_parameters(bench: Project) -> None:
    bench.write(
        "stations/bench.yaml",
        """
        instruments:
          dmm:
            type: dmm
            mock: true
            mock_config: {measure_voltage: {by_param: {load: {0.1: 3.3, 1.0: 3.2}}}}
        """,
    )
    bench.test(
        """
        @pytest.mark.litmus_sweeps([{"load": [0.1, 1.0]}])
        def test_cases(load, dmm): assert dmm.measure_voltage() == {0.1: 3.3, 1.0: 3.2}[load]
        @pytest.mark.litmus_sweeps([{"load": [0.1, 1.0]}])
        def test_loop(vectors, dmm):
            assert [dmm.measure_voltage() for row in vectors] == [3.3, 3.2]
        """
    )
    assert bench.run().outcome == "passed"


def test_pins_close_their_route_on_every_use(wired: Project) -> None:
    wired.test(
        """
        def test_it(pins, dmm, mux):
            log = mux.log
            log.clear()
            assert pins["VOUT"].measure_voltage() == 3.3
            pins["VOUT"].measure_voltage()
            assert log == [("close", ("101",))]
            pins["VIN"].measure_voltage()
            assert log[1:] == [("open", ("101",)), ("close", ("102",))]
            pins["VOUT"].measure_voltage()
            assert log[3:] == [("open", ("102",)), ("close", ("101",))]
            assert list(pins) == ["VOUT", "VIN"] and pins.channel("VIN") == "1"
            assert "VOUT" in pins and pins.get("GND") is None
            log.clear()
        def test_after(mux): assert mux.log == [("open", ("101",))]
        """
    )
    recorded = wired.run()
    assert recorded.outcome == "passed", recorded.output
    routes = recorded.events("route.closed", "route.opened")
    assert [(event.event_type, event.connection_name) for event in routes][:2] == [
        ("route.closed", "vout"),
        ("route.opened", "vout"),
    ]


def test_switches_are_open_at_the_end_whatever_happened(wired: Project) -> None:
    wired.test(
        """
        def test_it(pins, mux):
            pins["VOUT"].measure_voltage()
            raise ValueError
        """
    )
    wired.write(
        "conftest.py",
        """
        import drivers
        def pytest_unconfigure(): print("log:", drivers.Dmm.log[-4:])
        """,
    )
    recorded = wired.run("-s")
    assert "log: [('open', ('101',)), 'open all', 'disconnect', 'disconnect']" in recorded.output


def test_two_routes_that_exclude_each_other_are_refused(wired: Project) -> None:
    wired.test(
        """
        from litmus.instruments.routes import RouteConflictError
        def test_it(routes, mux):
            with routes.for_pin("VOUT"):
                with pytest.raises(RouteConflictError, match="route vin needs dmm channel 1, which route vout"):
                    with routes.for_pin("VIN"): pass
            assert mux.log[-1] == ("open", ("101",))
        """
    )
    assert wired.run().outcome == "passed"


def test_connections_are_active_in_the_body_of_the_loop(wired: Project) -> None:
    wired.test(
        """
        @pytest.mark.litmus_characteristics(["v_out", "v_in"])
        def test_it(connections, dmm, mux, logger):
            seen = []
            for connection in connections:
                seen.append((connection.name, connection.dut_pin, connection.channel, mux.log[-1]))
                logger.measure("v", dmm.measure_voltage())
            assert seen == [("vout", "VOUT", "1", ("close", ("101",))),
                            ("vin", "VIN", "1", ("close", ("102",)))]
            assert mux.log[-1] == ("open", ("102",))
        """
    )
    recorded = wired.run()
    assert recorded.outcome == "passed", recorded.output
    assert "LitmusWarning" not in recorded.output  # two rows of one name, told apart by their pins
    out, into = recorded.measured("v")
    names = ("dut_pin", "fixture_connection", "instrument_name", "instrument_channel")
    assert [out[name] for name in names] == ["VOUT", "vout", "dmm", "1"]
    assert (out["net"], out["instrument_terminal"], out["instrument_resource"]) == (
        "V3V3",
        "hi",
        "GPIB0::1::INSTR",
    )
    assert (out["characteristic_id"], into["characteristic_id"]) == ("v_out", "v_in")


@pytest.mark.parametrize(
    ("marker", "body", "outcome"),
    [
        ("litmus_connections(['vout'])", "def test_it(): assert True", "failed"),
        ("litmus_connections(['vout'])", "def test_it(connections): assert True", "failed"),
        ("litmus_characteristics(['v_out'])", "def test_it(connections): assert True", "failed"),
        ("litmus_characteristics(['v_out'])", "def test_it(): assert True", "passed"),
        (
            "litmus_connections(['vout'])",
            "def test_it(connections):\n    for _ in connections: assert True",
            "passed",
        ),
        (
            "litmus_characteristics(['v_out', 'v_in'])",
            "def test_it(connections):\n    for _ in connections.for_characteristic('v_in'): assert True",
            "passed",
        ),
    ],
)
def test_declared_wiring_that_is_never_iterated_fails_the_test(
    wired: Project, marker: str, body: str, outcome: str
) -> None:
    wired.test(f"@pytest.mark.{marker}\n{body}\n")
    recorded = wired.run()
    assert (recorded.outcome, recorded.status) == (outcome, 0 if outcome == "passed" else 1)


def test_limits_follow_from_the_product(wired: Project) -> None:
    wired.test(
        """
        def test_it(verify, limits, context, product_context):
            row = verify("v_out", 3.3)
            assert (row.limit_low, row.limit_high) == (pytest.approx(3.135), pytest.approx(3.465))
            assert (row.characteristic_id, row.spec_ref, row.units) == ("v_out", "DS-4", "V")
            assert 3.3 in limits["v_out"] and 4 not in limits["v_out"]
            assert context.get_limit("v_out") == limits["v_out"]
            assert context.get_limit("nothing") is None
            with pytest.raises(KeyError): limits["nothing"]
            assert product_context.product["part_number"] == "PB-100"
            assert product_context.list_pins() == ["VOUT", "VIN"]
            assert product_context.list_characteristics() == ["v_out", "v_in"]
            assert product_context.get_pin_info("VOUT")["net"] == "V3V3"
            assert product_context.get_limit("v_out", guardband_pct=10).high == pytest.approx(3.4485)
            assert product_context.get_limit("v_out", limit_high=3.4).high == 3.4
        """
    )
    recorded = wired.run()
    assert recorded.outcome == "passed", recorded.output
    assert (recorded.run["product_id"], recorded.run["dut_part_number"]) == ("board", "PB-100")
    assert (recorded.run["dut_revision"], recorded.run["fixture_id"]) == ("B", "jig")


def test_the_guardband_of_the_session_tightens_limits_of_the_product(wired: Project) -> None:
    wired.test("def test_it(verify): verify('v_out', 3.46)")
    assert wired.run().outcome == "passed"
    assert wired.run("--guardband", "10").status == 1


def test_the_driver_of_the_dut_is_connected_at_the_address_of_the_fixture(wired: Project) -> None:
    wired.test(
        """
        def test_it(dut, fixture_manager):
            assert (dut.resource, dut.read_version()) == ("/dev/ttyUSB0", "1.2")
            assert fixture_manager.list_connections() == ["vout", "vin"]
            assert fixture_manager.get_channel_for_pin("VIN") == "1"
            assert fixture_manager.has_pin("VOUT") and not fixture_manager.has_pin("GND")
        """
    )
    recorded = wired.run()
    assert recorded.outcome == "passed", recorded.output
    assert wired.run("--mock-instruments", "-k", "nothing").status == 5


def test_everything_may_be_absent(project: Project) -> None:
    project.test(
        """
        def test_it(instruments, instrument, instrument_records, product_context, station_config,
                    fixture_config, routes, dut, sync, connections, mock_instruments, fixture_manager):
            assert (dict(instruments), instrument.roles(), instrument_records) == ({}, [], {})
            assert (product_context, station_config, fixture_config, routes, dut, sync) == (None,) * 6
            assert connections is None and mock_instruments is False
            assert fixture_manager.list_pins() == []
        def test_pins(pins): pass
        """
    )
    recorded = project.run()
    assert recorded.steps == {"test_it": "passed", "test_pins": "errored"}
    assert "pins: there is no fixture with connections" in recorded.output


def test_strict_traceability_wants_a_specification_or_a_pin(wired: Project) -> None:
    wired.test(
        """
        def test_specified(verify): verify("v_out", 3.3)
        def test_anything(logger): logger.measure("t", 20)
        """
    )
    assert wired.run().status == 0
    recorded: Any = wired.run("--strict-traceability")
    assert recorded.status == 1
    assert "neither specification nor pin: t" in recorded.output


def test_rows_have_the_connection_of_the_pin_that_was_asked_for(wired: Project) -> None:
    wired.test(
        """
        LIMIT = {"low": 0, "units": "V"}
        def test_it(pins, verify):
            verify("a", pins["VIN"].measure_voltage(), LIMIT)
            verify("b", pins["VOUT"].measure_voltage(), LIMIT)
            pins["VIN"]
            verify("v_out", 3.3)
        def test_another(verify): verify("c", 1, LIMIT)
        """
    )
    places = {
        row["measurement_name"]: (row["fixture_connection"], row["dut_pin"], row["net"])
        for row in wired.run().measurements
    }
    assert places == {
        "a": ("vin", "VIN", "V12"),
        "b": ("vout", "VOUT", "V3V3"),
        "v_out": ("vout", "VOUT", "V3V3"),  # its characteristic is not at VIN
        "c": (None, None, None),
    }


def test_without_a_loop_the_only_connection_of_the_characteristic_counts(wired: Project) -> None:
    wired.test("def test_it(verify): verify('v_out', 3.3)")
    (row,) = wired.run().measurements
    assert (row["characteristic_id"], row["dut_pin"], row["dut_pin_name"]) == (
        "v_out",
        "VOUT",
        "VOUT",
    )
    assert (row["instrument_name"], row["instrument_channel"]) == ("dmm", "1")
    assert (row["instrument_terminal"], row["fixture_connection"]) == ("hi", "vout")
    assert row["instrument_resource"] == "GPIB0::1::INSTR"


def test_an_own_limit_keeps_the_characteristic_of_that_name(wired: Project) -> None:
    wired.test("def test_it(verify): verify('v_out', 3.3, {'low': 3, 'units': 'V'})")
    (row,) = wired.run().measurements
    assert (row["characteristic_id"], row["limit_low"], row["dut_pin"]) == ("v_out", 3.0, "VOUT")


def test_of_several_connections_at_a_pin_the_one_for_the_function_counts(bench: Project) -> None:
    bench.write("products/board.yaml", PRODUCT)
    bench.write(
        "fixtures/jig.yaml",
        """
        connections:
          ohms: {instrument: psu, dut_pin: VOUT, function: resistance}
          volts: {instrument: dmm, dut_pin: VOUT, function: dc_voltage}
        """,
    )
    bench.test(
        """
        @pytest.mark.litmus_characteristics(["v_out"])
        def test_volts(pins, dmm): assert pins["VOUT"] is dmm
        def test_first(pins, psu): assert pins["VOUT"] is psu
        """
    )
    assert bench.run().outcome == "passed"


@pytest.mark.parametrize("phase", ["development", "production"])
def test_in_production_a_driver_that_cannot_be_imported_is_an_error(
    bench: Project, phase: str
) -> None:
    bench.write(
        "stations/bench.yaml",
        "instruments: {dmm: {type: dmm, driver: no.such.Dmm, resource: 'TCPIP::127.0.0.1::9::SOCKET'}}\n",
    )
    bench.test("def test_it(dmm): pass")
    told = bench.run("--no-mock-instruments", "--dut-serial", "SN1", "--test-phase", phase).output
    assert ("a raw VISA session is used instead" in told) == (phase == "development")
    assert "no.such.Dmm cannot be imported" in told
