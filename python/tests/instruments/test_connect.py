# SPDX-License-Identifier: Apache-2.0
"""connect(): a session at a station."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any

import pytest
from litmus.connect import StationConnection, connect
from litmus.data.channels.store import ChannelStore
from litmus.data.event_log import EventLog
from litmus.data.events import DiagnosticError
from litmus.errors import InvalidArgumentError, NotFoundError, UnavailableError
from litmus.instruments.locks import ResourceInUse
from litmus.instruments.pool import IdentityMismatchError
from litmus.slots import SlotLink, SyncError

from .conftest import Write
from .scpi_instrument import ScpiInstrument

pytestmark = pytest.mark.usefixtures("project")
DRIVERS = f"{__package__}.drivers"


def told(station: StationConnection) -> list[str]:
    return [event["event_type"] for event in station.events()]


def real_station(project: Write, device: ScpiInstrument, more: str = "", asset: str = "") -> None:
    """`bench_1` with the instrument on a socket as its `psu`, and by another spelling as `second`."""
    second = device.resource.replace("TCPIP0", "tcpip")
    project(
        "stations/bench_1.yaml",
        "instruments:\n"
        f"  psu: {{type: psu, driver: '{DRIVERS}:BenchSim', resource: '{device.resource}'}}\n"
        f"  second: {{type: psu, driver: '{DRIVERS}:BenchSim', resource: '{second}'}}\n"
        f"{more}",
    )
    if asset:
        project("instruments/psu.yaml", asset)


def test_nothing_is_opened_before_it_starts(data_dir: Path) -> None:
    station = connect("bench_1", mock=True)
    assert station.config.name == "Bench 1"
    assert (station.event_log, station.event_store, station.channel_store) == (None, None, None)
    assert station.events() == []
    station.stop()
    assert not data_dir.exists()
    with pytest.raises(RuntimeError, match="the session is not started"):
        station.on_event(print)


def test_a_session_is_on_record() -> None:
    station = connect("bench_1", mock=True)
    station.start()
    station.start()
    dmm = station.instrument("dmm")
    assert dmm.measure_voltage() == 3.31
    assert station.instrument("dmm") is dmm
    assert station.instruments == {"dmm": dmm}
    station.instrument("scope")
    log = station.event_log
    assert log is not None
    station.stop()
    station.stop()
    events = log.events()
    assert [event.event_type for event in events] == [
        "session.started",
        "fixture.instrument_connected",
        "instrument.read",
        "fixture.instrument_connected",
        "fixture.instrument_disconnected",
        "fixture.instrument_disconnected",
        "session.ended",
    ]
    assert {event.session_id for event in events} == {station.session_id}
    started, connected, read, _, gone, _, ended = (Any, *events)[1:]
    assert (started.session_type, started.station_id, started.station_location) == (
        "interactive",
        "bench_1",
        "Lab 3",
    )
    assert started.pid == os.getpid()
    assert (connected.role, connected.mocked, connected.instrument_id) == ("dmm", True, "dmm")
    assert (read.channel_id, read.value, read.resource) == (
        "dmm.voltage",
        3.31,
        "TCPIP0::192.0.2.50::INSTR",
    )
    assert gone.role == "scope"  # in reverse order
    assert ended.outcome == "passed"
    assert station.event_log is None


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "passed"),
        (KeyboardInterrupt, "terminated"),
        (SystemExit, "terminated"),
        (ValueError, "errored"),
    ],
)
def test_how_the_block_is_left_is_the_outcome(
    error: type[BaseException] | None, outcome: str
) -> None:
    station = connect("bench_1", mock=True)
    with pytest.raises(error) if error else nullcontext(), station:
        log = station.event_log
        if error:
            raise error
    assert log is not None
    (ended,) = log.events(event_type="session.ended")
    assert ended.outcome == outcome  # type: ignore[attr-defined]


def test_the_default_station_is_that_of_the_project(project: Write) -> None:
    assert connect().config.id == "bench_1"
    project("litmus.yaml", "name: a\n")
    with pytest.raises(ValueError, match="no station"):
        connect()


def test_an_unknown_station_names_both_places(home: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        connect("bench_9")
    assert f"{home.parent}/work/stations/bench_9.yaml" in str(raised.value)
    assert f"{home}/stations/bench_9.yaml" in str(raised.value)


def test_an_unknown_role_lists_the_roles() -> None:
    with connect("bench_1", mock=True) as station, pytest.raises(KeyError, match="dmm, scope"):
        station.instrument("psu")


@pytest.mark.parametrize("way", ["variable", "project"])
def test_all_roles_can_be_simulated(
    way: str, project: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "variable":
        monkeypatch.setenv("LITMUS_MOCK_INSTRUMENTS", "1")
    else:
        project("litmus.yaml", "name: a\nmock_instruments: true\n")
    with connect("bench_1") as station:
        assert station.instrument("dmm").measure_voltage() == 3.31


def test_a_real_instrument_is_verified_and_recorded(project: Write) -> None:
    asset = "info: {manufacturer: litmus, model: BenchSim, serial: SIM001}\n"
    with ScpiInstrument() as device:
        real_station(project, device, asset=asset)
        with connect("bench_1") as station:
            psu = station.instrument("psu")
            psu.set_voltage(5)
            assert psu.measure_voltage() == 5.0
            psu.read_waveform(2)
            psu.configure_range(10.0)
            events = station.events()
    assert [event["event_type"] for event in events] == [
        "session.started",
        "fixture.identity_verified",
        "fixture.instrument_connected",
        "instrument.set",
        "instrument.read",
        "instrument.read",
        "instrument.configure",
    ]
    assert events[1]["matches"] is True
    assert events[2]["serial"] == "SIM001"
    assert events[2]["mocked"] is False
    assert events[5]["channel_id"] == "psu.ch2"
    assert events[5]["value"]["length"] == 100
    assert events[5]["value"]["sample_interval"] == 1e-6
    assert events[6]["parameters"] == {"range_v": 10.0}


def test_a_role_without_a_driver_is_a_raw_visa_session(project: Write) -> None:
    with ScpiInstrument() as device:
        project(
            "stations/bench_1.yaml",
            f"instruments: {{psu: {{type: psu, resource: '{device.resource}'}}}}\n",
        )
        with connect("bench_1") as station:
            psu = station.instrument("psu")
            assert psu.query("MEAS:VOLT?").strip() == "3.3100E+00"
            (read,) = station.events(event_type="instrument.read")
    assert (read["channel_id"], read["value"]) == ("psu.meas_volt", 3.31)


def test_another_identity_is_a_warning_and_the_real_one_is_recorded(project: Write) -> None:
    with ScpiInstrument() as device:
        real_station(project, device, asset="info: {serial: SIM002}\n")
        with connect("bench_1") as station:
            with pytest.warns(UserWarning, match="identity mismatch: serial: expected SIM002"):
                station.instrument("psu")
            verified, connected = station.events(event_type="fixture.*")
    assert verified["mismatches"] == ["serial: expected SIM002, found SIM001"]
    assert connected["serial"] == "SIM001"


def test_another_identity_is_an_error_when_the_project_is_strict(project: Write) -> None:
    project("litmus.yaml", "name: a\nstrict_identity: true\n")
    with ScpiInstrument() as device:
        real_station(project, device, asset="info: {serial: SIM002}\n")
        with connect("bench_1") as station:
            with pytest.raises(IdentityMismatchError, match="psu"):
                station.instrument("psu")
            station.instrument("second")  # the lock is free again
            assert [
                e["role"] for e in station.events(event_type="fixture.instrument_connected")
            ] == ["second"]


def test_a_calibration_that_has_ended_is_told_of_mocks_too(project: Write) -> None:
    project("instruments/dmm.yaml", "calibration: {due_date: 2020-01-31, lab: ACME}\n")
    with connect("bench_1", mock=True) as station:
        with pytest.warns(UserWarning, match="CALIBRATION EXPIRED"):
            station.instrument("dmm")
        warning, connected = station.events(event_type="fixture.*")
    assert warning["days_until_due"] < 0
    assert (connected["cal_due"], connected["cal_lab"]) == ("2020-01-31", "ACME")


def test_faults_reach_the_caller_and_the_record_and_the_session_ends_clean(project: Write) -> None:
    with ScpiInstrument() as device:
        real_station(project, device)
        with connect("bench_1") as station:
            psu = station.instrument("psu")
            device.silent_to = {"MEAS:VOLT?"}
            with pytest.raises(Exception, match="Timeout"):
                psu.measure_voltage()
            device.silent_to = set()
            device.garbage = b"#?!"
            with pytest.raises(ValueError, match="could not convert"):
                psu.measure_voltage()
            device.garbage = b""
            device.hangs_up_at = "MEAS:VOLT?"
            with pytest.raises(Exception, match=r".+"):
                psu.measure_voltage()
            errors = station.events(event_type="diagnostic.error")
            log = station.event_log
        assert log is not None
        assert [e["details"]["method"] for e in errors] == ["measure_voltage"] * 3
        assert [e.event_type for e in log.events()][-2:] == [
            "fixture.instrument_disconnected",
            "session.ended",
        ]
        device.hangs_up_at = None
        with connect("bench_1") as station:  # nothing is left of it
            assert station.instrument("psu").measure_voltage() == 3.31


def test_an_instrument_that_cannot_be_reached_names_role_and_address(project: Write) -> None:
    device = ScpiInstrument()
    device.close()
    real_station(project, device)
    with connect("bench_1") as station:
        with pytest.raises(UnavailableError, match=f"psu: cannot connect at {device.resource}"):
            station.instrument("psu")
        assert told(station) == ["session.started"]


def test_a_driver_that_cannot_be_imported_is_an_error(project: Write) -> None:
    project("stations/bench_1.yaml", "instruments: {dmm: {type: dmm, driver: no.such.DMM}}\n")
    with connect("bench_1") as station, pytest.raises(ImportError, match=r"dmm: .*no\.such\.DMM"):
        station.instrument("dmm")


def test_while_tests_are_developed_a_raw_session_stands_in_for_a_driver_that_is_missing(
    project: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScpiInstrument() as device:
        project(
            "stations/bench_1.yaml",
            f"instruments: {{psu: {{type: psu, driver: no.such.PSU, resource: '{device.resource}'}}}}\n",
        )
        with connect("bench_1") as station:
            with pytest.warns(UserWarning, match=r"psu: driver no\.such\.PSU cannot be imported"):
                psu = station.instrument("psu")
            assert psu.query("*IDN?").strip() == device.idn
        monkeypatch.setenv("LITMUS_TEST_PHASE", "production")
        with connect("bench_1") as station, pytest.raises(ImportError, match=r"no\.such\.PSU"):
            station.instrument("psu")


def test_the_catalog_says_the_driver_that_nothing_else_names(project: Write) -> None:
    project("bench_drivers.py", "class DMM:\n    def measure_voltage(self): return 1.25\n")
    project(
        "catalog/m1.yaml",
        "{manufacturer: ACME, model: M1, type: dmm, driver: 'bench_drivers:DMM'}\n",
    )
    project("instruments/dmm_7.yaml", "catalog_ref: m1\n")
    project("stations/bench_1.yaml", "instruments: {dmm: dmm_7}\n")
    with connect("bench_1") as station:
        assert station.config.instruments["dmm"].type == "dmm"
        assert station.instrument("dmm").measure_voltage() == 1.25


def test_a_value_for_a_method_that_the_driver_does_not_have_is_warned_about(
    project: Write,
) -> None:
    project(
        "stations/bench_1.yaml",
        f"instruments: {{psu: {{type: psu, driver: '{DRIVERS}:BenchSim', mock: true, "
        "mock_config: {measure_voltage: 1, measure_volts: 2}}}\n",
    )
    with (
        connect("bench_1") as station,
        pytest.warns(UserWarning, match=r"psu: mock_config: .* has no measure_volts"),
    ):
        station.instrument("psu")


def test_drivers_of_the_project_are_found(project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    project("bench_drivers.py", "class DMM:\n    def measure_voltage(self): return 1.25\n")
    project("stations/bench_1.yaml", "instruments: {dmm: {type: dmm, driver: bench_drivers.DMM}}\n")
    monkeypatch.chdir(project("tests/deep/x", "").parent)
    with connect("bench_1") as station:
        assert station.instrument("dmm").measure_voltage() == 1.25


def test_two_sessions_share_a_station_but_no_instrument(project: Write) -> None:
    with ScpiInstrument() as device, ScpiInstrument() as other:
        more = f"  load: {{type: eload, resource: '{other.resource}'}}\n"
        real_station(project, device, more)
        with connect("bench_1") as first, connect("bench_1") as second:
            first.instrument("psu")
            second.instrument("load")
            with pytest.raises(
                ResourceInUse, match=f"process {os.getpid()}, station bench_1, role psu"
            ):
                second.instrument("psu")
            first.release("psu")
            first.release("nothing")
            assert second.instrument("psu", timeout=5).measure_voltage() == 3.31


def test_roles_of_a_session_share_an_address(project: Write) -> None:
    with ScpiInstrument() as device:
        real_station(project, device)
        with connect("bench_1") as station, connect("bench_1") as other:
            psu, second = station.instrument("psu"), station.instrument("second")
            psu.set_voltage(5)
            assert psu.measure_voltage() == 5.0  # else the device may hear the other one first
            assert second.measure_voltage() == 5.0
            station.release("psu")
            with pytest.raises(ResourceInUse):  # one of them still uses it
                other.instrument("psu")
            assert second.measure_voltage() == 5.0
            station.release("second")
            assert other.instrument("psu").measure_voltage() == 5.0
        assert device.overlaps == 0


def test_an_instrument_that_was_released_cannot_be_used_any_more() -> None:
    with connect("bench_1", mock=True) as station:
        dmm = station.instrument("dmm")
        measure = dmm.measure_voltage
        station.release("dmm")
        for use in (measure, lambda: dmm.measure_voltage(), lambda: setattr(dmm, "range", 1)):
            with pytest.raises(UnavailableError, match=r"dmm\..*was released"):
                use()
        again = station.instrument("dmm")
        assert again.measure_voltage() == 3.31
    with pytest.raises(UnavailableError, match="was released"):
        again.measure_voltage()


def test_mocks_take_no_lock() -> None:
    with connect("bench_1", mock=True) as first, connect("bench_1", mock=True) as second:
        assert first.instrument("dmm").measure_voltage() == 3.31
        assert second.instrument("dmm").measure_voltage() == 3.31


def test_a_script_records_values_of_its_own() -> None:
    with connect("bench_1", mock=True) as station:
        uri = station.observe("ambient", 21.5, units="C")
        assert uri is not None
        assert uri.startswith(f"channel://ambient/{station.session_id}/")
        station.configure("dmm", "zero", range=10, nplc=None)
        (event,) = station.events(event_type="instrument.configure")
        assert (event["method"], event["parameters"]) == ("zero", {"range": 10})
        with pytest.raises(ValueError, match=r".+"):
            station.observe("blob", b"\x00")


def test_bytes_are_kept_as_a_file_beside_the_events(project: Write, data_dir: Path) -> None:
    project("screens.py", "class Scope:\n    def read_screen(self): return b'\\x89PNG'\n")
    project("stations/bench_1.yaml", "instruments: {scope: {type: scope, driver: screens.Scope}}\n")
    with connect("bench_1") as station:
        scope = station.instrument("scope")
        assert scope.read_screen() == scope.read_screen() == b"\x89PNG"
        values = [event["value"] for event in station.events(event_type="instrument.read")]
        assert station.channel_store is not None
        assert station.channel_store.list_channel_info() == []
    references = [value.pop("_ref") for value in values]
    assert values == [{"length": 4, "channel_id": "scope.screen", "type": "blob"}] * 2
    assert len(set(references)) == 2
    for reference in references:
        name = reference.removeprefix("file://_ref/")
        (file,) = data_dir.glob(f"events/*/{station.session_id}_ref/{name}")
        assert file.read_bytes() == b"\x89PNG"


@pytest.mark.usefixtures("daemon_allowed")
def test_events_are_replayed_and_then_told_as_they_come() -> None:
    with connect("bench_1", mock=True) as station:
        dmm = station.instrument("dmm")
        dmm.measure_voltage()
        seen: list[str] = []
        enough = threading.Event()

        def on_event(event: Any) -> None:
            seen.append(event.event_type)
            if len(seen) == 3:
                enough.set()

        unsubscribe = station.on_event(on_event, role="dmm")
        dmm.measure_voltage()
        assert enough.wait(30)
        unsubscribe()
        assert sorted(seen) == ["fixture.instrument_connected", *["instrument.read"] * 2]


@pytest.mark.usefixtures("daemon_allowed")
def test_slots_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as closing, connect("bench_1", mock=True) as station:
        station.sync("power")  # at once with one DUT
        monkeypatch.setenv("_LITMUS_SLOT_ID", "left")
        with pytest.raises(SyncError, match="slot left has no orchestrator"):
            station.sync("power", timeout=0)

        def linked() -> socket.socket:
            ours, theirs = socket.socketpair()
            link = SlotLink("left", theirs.detach())
            closing.enter_context(ours)
            closing.enter_context(link._socket)
            monkeypatch.setattr("litmus.slots._link", link)
            return ours

        ours = linked()
        with pytest.raises(SyncError, match="slot left waited 0 s for the other slots in vain"):
            station.sync("power", timeout=0)
        with pytest.raises(SyncError, match="slot left does not count any more"):
            station.sync("power", timeout=30)
        assert ours.recv(4096).splitlines() == [b'{"arrived": "power"}', b'{"left": true}']
        ours = linked()
        ours.sendall(b'{"released": "power"}\n')
        station.sync("power", timeout=30)
        ours.close()
        with pytest.raises(SyncError, match="slot left has lost its orchestrator"):
            station.sync("power", timeout=30)


SCRIPT = """
import sys
import textwrap
from litmus.connect import connect
station = connect("bench_1", mock=True)
station.start()
station.instrument("dmm").measure_voltage()
print(station.session_id, flush=True)
assert not {"numpy", "pyarrow", "pydantic"} & set(sys.modules)  # scalars do not pay for them
"""


# A signal that comes right before a single wait would not end it.
IDLE = """
import time
while True:
    time.sleep(0.02)
"""


@pytest.mark.parametrize("ending", ["exit", "SIGTERM", "SIGHUP in a block"])
def test_a_session_ends_with_its_program(ending: str, data_dir: Path) -> None:
    program = SCRIPT
    if ending == "SIGTERM":
        program += IDLE
    elif ending != "exit":
        program = program.replace("station.start()\n", "with station:\n    print(0, flush=True)\n")
        program = program.split("station.instrument")[0].replace(
            "print(0", "print(station.session_id"
        )
        program += textwrap.indent(IDLE, "    ")
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        session = process.stdout.readline().strip()
        if ending != "exit":
            number = signal.Signals[ending.split()[0]]
            process.send_signal(number)
        try:
            status = process.wait(60)
        finally:
            process.kill()
    assert status == (0 if ending == "exit" else 128 + number)
    from litmus.data.event_log import read_event_file

    (file,) = data_dir.glob(f"events/*/{session}-*.arrow")
    stored = read_event_file(file)
    assert stored.closed
    assert stored.events[-1].event_type == "session.ended"
    assert stored.events[-1].outcome == "terminated"  # type: ignore[attr-defined]


def test_samples_that_were_lost_are_on_record(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect("bench_1", mock=True) as station:
        station.observe("temperature", 21.5)
        monkeypatch.setattr(ChannelStore, "samples_lost", 3)
        session_id = station.session_id
    with EventLog(data_dir, session_id) as log:
        (told,) = log.events(event_type="diagnostic.error")
    assert isinstance(told, DiagnosticError)
    assert (told.source, told.details) == ("channels", {"samples_lost": 3})


def test_errors_of_configuration_are_those_of_the_loader(project: Write) -> None:
    project("stations/bench_1.yaml", "instruments:\n  dmm: {typ: dmm}\n")
    with pytest.raises(InvalidArgumentError, match=r"bench_1\.yaml:2: .*did you mean `type`"):
        connect("bench_1")
    with pytest.raises(NotFoundError):
        connect("nothing.yaml")
