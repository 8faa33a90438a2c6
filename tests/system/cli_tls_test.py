"""The command line against a server that speaks TLS: whom it trusts, and whom it tells its token."""

import hashlib
import http.server
import pathlib
import ssl
import subprocess
import tempfile
import threading
import unittest

import case


class Answering(http.server.BaseHTTPRequestHandler):
    tokens = []

    def do_GET(self):
        self.tokens.append(self.headers["Authorization"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status":"ready"}')

    def log_message(self, *_):
        pass


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="carillon-tls-")
        cls.addClassCleanup(folder.cleanup)
        cls.data = pathlib.Path(folder.name)
        cls.certificate, key = cls.data / "cert.pem", cls.data / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
                        cls.certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        rules = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        rules.load_cert_chain(cls.certificate, key)
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        cls.server.socket = rules.wrap_socket(cls.server.socket, server_side=True)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.shutdown)
        cls.port = cls.server.server_address[1]
        shown = ssl.PEM_cert_to_DER_cert(cls.certificate.read_text())
        cls.fingerprint = hashlib.sha256(shown).hexdigest()
        (cls.data / "admin.token").write_text("operators\n")

    def setUp(self):
        Answering.tokens.clear()

    def ready(self, *words, expect):
        done = subprocess.run([case.binary(), "server", "ready", *words], capture_output=True,
                              text=True, timeout=60, check=False,
                              env={"CARILLON_STORE_DATA": str(self.data)})
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stderr

    def note(self, fingerprint):
        (self.data / "server.address").write_text(
            f"https://127.0.0.1:{self.port}\n{fingerprint}\n")

    def test_an_authority_that_is_named_is_trusted_for_its_names(self):
        self.ready("--url", f"https://localhost:{self.port}", "--ca-file", str(self.certificate),
                   expect=0)
        self.assertEqual(Answering.tokens, ["Bearer operators"])
        self.ready("--url", f"https://127.0.0.1:{self.port}", "--ca-file", str(self.certificate),
                   expect=4)

    def test_nobody_unknown_hears_the_token(self):
        told = self.ready("--url", f"https://localhost:{self.port}", expect=4)
        self.assertIn("--ca-file", told)
        self.note("ab" * 32)
        self.ready(expect=4)
        self.assertEqual(Answering.tokens, [])

    def test_the_certificate_that_a_server_has_noted_is_trusted(self):
        self.note(self.fingerprint)
        self.ready(expect=0)
        self.assertEqual(Answering.tokens, ["Bearer operators"])


if __name__ == "__main__":
    case.main()
