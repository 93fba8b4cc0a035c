"""What the tests of this project share.

Each role of the station (`psu`, `dmm`, ...) is a fixture of that name, connected when a test first
takes it. A fixture of the same name in this file takes its place:

    import pytest

    @pytest.fixture(scope="session")
    def dmm():
        return MyMeter("TCPIP::10.0.0.7::INSTR")
"""
