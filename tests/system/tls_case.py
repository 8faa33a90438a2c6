"""The base of the tests of TLS: a server that speaks it, and clients that do."""

import os
import shutil
import socket
import ssl
import tempfile

from carillon import free_port
from case import ServerCase
from certificates import Authority
from client import Client

PATIENCE = 10.0  # seconds until a test fails instead of hanging


class TlsClient(Client):
    """A client of the port that is encrypted."""

    def __init__(self, port, token, rules):
        super().__init__(port, token)
        self._rules = rules

    def _connect(self):
        if self._socket is None:
            plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
            self._socket = self._rules.wrap_socket(plain, server_hostname="127.0.0.1")
            self._buffer = b""


class TlsCase(ServerCase):
    more_settings = {}

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="carillon-tls-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.authority = Authority(os.path.join(cls.folder, "ca"))
        cls.chain, cls.key = cls.authority.issue("127.0.0.1")
        cls.tls_port = free_port()
        cls.server_settings = {"environment": {
            "CARILLON_HTTP_TLS_LISTEN": f"127.0.0.1:{cls.tls_port}",
            "CARILLON_HTTP_TLS_CERTIFICATE": cls.chain,
            "CARILLON_HTTP_TLS_KEY": cls.key, **cls.more_settings}}
        super().setUpClass()

    def rules(self, trusted=None):
        """What a careful client goes by."""
        return ssl.create_default_context(cafile=trusted or self.authority.certificate)

    def tls_client(self):
        client = TlsClient(self.tls_port, self.server.token, self.rules())
        self.addCleanup(client.close)
        return client

    def plain_link(self):
        """A socket to the port that speaks TLS."""
        link = socket.create_connection(("127.0.0.1", self.tls_port), PATIENCE)
        self.addCleanup(link.close)
        return link

    def link(self, rules=None):
        """A socket after its handshake."""
        link = (rules or self.rules()).wrap_socket(self.plain_link(), server_hostname="127.0.0.1")
        self.addCleanup(link.close)
        return link

    def request(self, path="/v1/clock", more=""):
        return (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {self.server.token}\r\n{more}\r\n").encode()

    def shown(self):
        """The certificate that a new client is shown."""
        with self.link() as link:
            return link.getpeercert(binary_form=True)


def read_until(link, mark):
    text = b""
    while mark not in text:
        piece = link.recv(65536)
        if not piece:
            raise AssertionError(f"closed after {text!r}")
        text += piece
    return text


def read_all(link):
    text = b""
    while piece := link.recv(65536):
        text += piece
    return text
