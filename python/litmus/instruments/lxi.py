# SPDX-License-Identifier: Apache-2.0
"""LAN instruments that tell the network of themselves: mDNS, and their identity as XML over HTTP.

https://www.lxistandard.org: device specification, chapters 10.3 (mDNS) and 10.2 (identification).
"""

import threading
import urllib.request
from xml.etree import ElementTree

from litmus.errors import InvalidArgumentError
from litmus.instruments.identity import Identity

_SERVICE = "_lxi._tcp.local."
_LISTEN_S = 3.0
_TIMEOUT_S = 2.0
_LONGEST_DOCUMENT = 256 << 10
_FIELDS = ("Manufacturer", "Model", "SerialNumber", "FirmwareRevision")


class LxiBus:
    """LXI instruments of the local network; each answers within a few milliseconds, or never."""

    name = "lxi"

    def discover(self) -> list[str]:
        try:
            from zeroconf import IPVersion, ServiceBrowser, Zeroconf
        except ImportError as error:
            raise ImportError("needs zeroconf: pip install litmus-test[lxi]") from error
        names: set[str] = set()

        class Listener:
            def add_service(self, _: object, __: str, name: str) -> None:
                names.add(name)

            update_service = remove_service = add_service

        found: set[str] = set()
        network = Zeroconf(ip_version=IPVersion.V4Only)
        try:
            ServiceBrowser(network, _SERVICE, listener=Listener())  # type: ignore[arg-type]
            threading.Event().wait(_LISTEN_S)
            for name in sorted(names):
                service = network.get_service_info(_SERVICE, name, int(_TIMEOUT_S * 1000))
                if service is not None:
                    addresses = service.parsed_addresses(IPVersion.V4Only)
                    found |= {f"LXI::{address}:{service.port}" for address in addresses}
        finally:
            network.close()
        return sorted(found)

    def get_info(self, resource: str) -> Identity | None:
        kind, _, host = resource.partition("::")
        if kind != "LXI" or not host:
            raise InvalidArgumentError(f"expected LXI::address:port, found {resource!r}")
        with urllib.request.urlopen(
            f"http://{host}/lxi/identification", timeout=_TIMEOUT_S
        ) as page:
            document = page.read(_LONGEST_DOCUMENT)
        return parse_identification(document)


def parse_identification(document: bytes) -> Identity | None:
    """The identity in an LXI identification document; None if it says nothing.

    Raises:
        InvalidArgumentError: it is no XML, or has a document type, which might never end.
    """
    if b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        raise InvalidArgumentError("LXI identification: expected no document type, found one")
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        raise InvalidArgumentError(f"LXI identification: expected XML: {error}") from error
    texts = {_plain(child.tag): (child.text or "").strip() or None for child in root}
    identity = Identity(*(texts.get(field) for field in _FIELDS))
    return identity if identity.as_map() else None


def _plain(tag: str) -> str:
    """Without the namespace, of which there is one per version of the standard."""
    return tag.rpartition("}")[2]
