# SPDX-License-Identifier: Apache-2.0
"""An instrument on a socket of this machine: what tests use as a real device.

Lines of SCPI in, lines out. It has a voltage that can be set, and a waveform; it can be told to
misbehave.
"""

import socket
import socketserver
import threading

from litmus.closing import ClosedByWith

IDN = "Litmus,BenchSim,SIM001,2.1"


class ScpiInstrument(ClosedByWith):
    """Listens from construction until `close`, or the end of `with`."""

    def __init__(self, idn: str = IDN) -> None:
        self.idn = idn
        self.voltage = 3.31
        self.received: list[str] = []
        self.connections = 0
        self.silent_to: set[str] = set()
        """Commands, or all with `*`, that get no answer."""
        self.hangs_up_at: str | None = None
        """Closes the connection instead of answering this command."""
        self.garbage = b""
        """Sent instead of every answer to a query of a measurement."""
        self.overlaps = 0
        """How often a command came while another one was being answered."""
        self._busy = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.instrument = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def resource(self) -> str:
        """Its VISA address."""
        return f"TCPIP0::127.0.0.1::{self.port}::SOCKET"

    def close(self) -> None:
        self._server.shutdown()
        for connection in self._sockets:
            connection.close()
        self._server.server_close()
        self._thread.join()

    def connected(self, connection: socket.socket) -> None:
        self.connections += 1
        self._sockets.append(connection)

    def answer(self, command: str) -> bytes | None:
        """None: there is nothing to say."""
        if not self._busy.acquire(blocking=False):
            self.overlaps += 1
            self._busy.acquire()
        try:
            return self._answer(command)
        finally:
            self._busy.release()

    def _answer(self, command: str) -> bytes | None:
        self.received.append(command)
        if command == self.hangs_up_at:
            raise ConnectionAbortedError
        if command in self.silent_to or "*" in self.silent_to:
            return None
        if command == "*IDN?":
            return self.idn.encode()
        if self.garbage and command.endswith("?"):
            return self.garbage
        if command == "MEAS:VOLT?":
            return f"{self.voltage:.4E}".encode()
        if command == "CURV?":
            return ",".join(str(index / 10) for index in range(100)).encode()
        if command.startswith("VOLT "):
            self.voltage = float(command.removeprefix("VOLT "))
        return None


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    instrument: ScpiInstrument


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        instrument = self.server.instrument
        instrument.connected(self.request)
        try:
            for line in self.rfile:
                answer = instrument.answer(line.decode().strip())
                if answer is not None:
                    self.wfile.write(answer + b"\n")
        except OSError:
            return
