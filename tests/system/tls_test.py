"""TLS on the listener: what works over it, what is refused, and how a certificate is replaced."""

import os
import shutil
import signal
import ssl
import subprocess
import threading

import case
from carillon import free_port
from certificates import Authority
from tls_case import PATIENCE, TlsCase, TlsClient, read_all, read_until


class Served(TlsCase):
    def test_tasks_are_created_leased_and_completed(self):
        client = self.tls_client()
        made = client.post("/v1/tasks", {"task_type": "over-tls", "payload": {"n": 1}})
        self.assertEqual(made.status, 201, made)
        leased = client.post("/v1/queues/over-tls/lease", {"max": 1, "worker": "w"})
        held = leased.json["tasks"][0]
        self.assertEqual(held["task_id"], made.json["id"])
        done = client.post("/v1/leases/complete", {"leases": [
            {"task_id": held["task_id"], "token": held["token"]}]})
        self.assertEqual(done.status, 200, done)
        self.assertEqual(client.get(f"/v1/tasks/{made.json['id']}").json["status"], "completed")

    def test_a_long_poll_is_answered_when_work_comes(self):
        client = self.tls_client()
        found = []
        waiting = threading.Thread(target=lambda: found.append(client.post(
            "/v1/queues/late/lease", {"max": 1, "wait": "PT10S", "worker": "w"})))
        waiting.start()
        made = self.create(task_type="late")
        waiting.join()
        self.assertEqual(found[0].json["tasks"][0]["task_id"], made["id"])

    def test_a_stream_of_tasks_is_answered_line_by_line(self):
        lines = b"".join(b'{"task_type":"many","payload":{"n":%d}}\n' % n for n in range(3000))
        answer = self.tls_client().call("POST", "/v1/tasks", lines,
                                        headers={"Content-Type": "application/x-ndjson"})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.body.count(b"\n"), 3000)

    def test_events_come_as_they_happen(self):
        link = self.link()
        link.sendall(self.request("/api/runs/stream"))
        self.assertIn(b"text/event-stream", read_until(link, b"\r\n\r\n"))

    def test_requests_in_one_piece_are_answered_in_their_order(self):
        link = self.link()
        link.sendall(self.request() * 5 + self.request(more="Connection: close\r\n"))
        self.assertEqual(read_all(link).count(b"HTTP/1.1 200 "), 6)

    def test_a_large_answer_is_whole(self):
        payload = "x" * 900_000
        client = self.tls_client()
        made = client.post("/v1/tasks", {"task_type": "large", "payload": payload,
                                         "execute_after": "PT1H"})
        found = client.get(f"/v1/tasks/{made.json['id']}")
        self.assertEqual(found.json["payload"], payload)

    def test_who_sends_too_much_reads_why(self):
        link = self.link()
        body = b"x" * 4_000_000
        link.sendall(f"POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
                     f"\r\nAuthorization: Bearer {self.server.token}\r\n\r\n".encode())
        try:
            link.sendall(body)
        except OSError:
            pass  # the rest is not taken
        self.assertIn(b" 413 ", link.recv(65536))

    def test_who_says_goodbye_still_gets_the_answer(self):
        link = self.link()
        link.sendall(self.request(more="Connection: close\r\n"))
        self.assertIn(b"HTTP/1.1 200 ", read_all(link))
        link.unwrap().close()  # raises unless the server has said goodbye itself

    def test_bytes_may_come_one_by_one(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        talk = self.rules().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        link = self.plain_link()
        self.pump(link, incoming, outgoing, talk.do_handshake)
        talk.write(self.request(more="Connection: close\r\n"))
        self.assertIn(b"HTTP/1.1 200 ", self.pump(link, incoming, outgoing,
                                                  lambda: talk.read(65536)))

    def pump(self, link, incoming, outgoing, step):
        """Does the step; what is to be sent for it goes byte by byte."""
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                done = None
            for byte in outgoing.read():
                link.sendall(bytes((byte,)))
            if done is not None or step.__name__ == "do_handshake" and self.is_shaken(step):
                return done
            incoming.write(link.recv(65536))

    def is_shaken(self, step):
        return step.__self__.version() is not None and step.__self__.cipher() is not None

    def test_calls_back_are_asked_for_by_https(self):
        task = self.create(target={"url": self.receiver.url("/async")}, retry=case.NO_RETRIES)
        call = self.receiver.wait_for(1, "/async")[0]
        url = call.headers.get("carillon-callback", "")
        self.assertTrue(url.startswith(f"https://127.0.0.1:{self.tls_port}/"), (task, call.headers))


class Refused(TlsCase):
    more_settings = {"CARILLON_HTTP_HEADER_TIMEOUT": "500ms"}

    def assert_no_handshake(self, rules):
        with self.assertRaises(ssl.SSLError) as caught:
            self.link(rules)
        self.assertIn("alert", str(caught.exception))  # it is the server that refuses

    def test_versions_before_1_2(self):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            rules = self.rules()
            rules.set_ciphers("ALL:@SECLEVEL=0")
            rules.minimum_version = rules.maximum_version = version
            self.assert_no_handshake(rules)
        rules = self.rules()
        rules.maximum_version = ssl.TLSVersion.TLSv1_2
        self.assertEqual(self.link(rules).version(), "TLSv1.2")
        self.assertEqual(self.link().version(), "TLSv1.3")

    def test_ciphers_without_forward_secrecy(self):
        rules = self.rules()
        rules.maximum_version = ssl.TLSVersion.TLSv1_2
        rules.set_ciphers("ECDHE-ECDSA-AES128-SHA256:AES128-GCM-SHA256")
        self.assert_no_handshake(rules)

    def test_other_protocols(self):
        rules = self.rules()
        rules.set_alpn_protocols(["h2"])
        self.assert_no_handshake(rules)
        rules.set_alpn_protocols(["h2", "http/1.1"])
        self.assertEqual(self.link(rules).selected_alpn_protocol(), "http/1.1")

    def test_a_handshake_that_stalls_is_cut_while_others_are_served(self):
        silent, slow = self.plain_link(), self.plain_link()
        slow.sendall(b"\x16\x03\x01\x02\x00\x01")
        self.assertEqual(self.tls_client().get("/v1/clock").status, 200)
        for link in (silent, slow):
            self.assertEqual(link.recv(100), b"")

    def test_requests_without_encryption_are_told_so(self):
        link = self.plain_link()
        link.sendall(self.request())
        answer = read_all(link)
        self.assertIn(b"HTTP/1.1 400 ", answer)
        self.assertIn(b"speaks TLS", answer)

    def test_noise_ends_the_connection_and_nothing_else(self):
        for noise in (b"\x00" * 100, b"\x16\x03\x01\xff\xff" + b"x" * 70_000, os.urandom(5000),
                      b"\x15\x03\x01\x00\x02\x01\x00", b"\x80\x2e\x01\x00\x02" + b"\x00" * 60):
            link = self.plain_link()
            try:
                link.sendall(noise)
                while link.recv(65536):
                    pass
            except ConnectionError:
                pass
        self.assertEqual(self.tls_client().get("/v1/clock").status, 200)

    def test_renegotiation(self):
        done = subprocess.run(
            ["openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{self.tls_port}",
             "-CAfile", self.authority.certificate], input=b"R\n", capture_output=True,
            timeout=30, check=False)
        self.assertIn(b"RENEGOTIATING", done.stderr)
        self.assertIn(b"no renegotiation", done.stderr)


class Replaced(TlsCase):
    def setUp(self):
        for path in (self.chain, self.key):
            shutil.copy(path, path + ".first")
            self.addCleanup(shutil.copy, path + ".first", path)
        self.call("POST", "/api/reload")

    def replace(self):
        """Another certificate of the same authority in the same files."""
        other = Authority(os.path.join(self.folder, case.unique("ca")))
        for new, old in zip(other.issue("127.0.0.1"), (self.chain, self.key)):
            shutil.copy(new, old)
        return other

    def test_another_certificate_is_shown_after_sighup_and_old_connections_go_on(self):
        old = self.tls_client()
        self.assertEqual(old.get("/v1/clock").status, 200)
        other = self.replace()
        self.server.signal(signal.SIGHUP)
        case.wait_until(lambda: self.is_trusted(other), "the new certificate is shown")
        self.assertEqual(old.get("/v1/clock").status, 200)

    def is_trusted(self, authority):
        try:
            self.link(self.rules(authority.certificate)).close()
            return True
        except ssl.SSLError:
            return False

    def test_another_certificate_is_shown_after_a_reload(self):
        other = self.replace()
        self.assertFalse(self.is_trusted(other))
        self.call("POST", "/api/reload")
        self.assertTrue(self.is_trusted(other))

    def test_what_is_at_fault_stays_as_it_was(self):
        self.call("POST", "/api/reload")
        before = self.shown()
        with open(self.key, "w", encoding="ascii") as out:
            out.write("no key")
        answer = self.server.post("/api/reload")
        self.assertEqual(answer.status, 422, answer)
        self.assertIn(f"cannot use the key {self.key}", answer.json["detail"])
        shutil.copy(Authority(os.path.join(self.folder, "third")).issue("127.0.0.1")[1], self.key)
        self.assertIn("mismatch", self.server.post("/api/reload").json["detail"])
        self.assertEqual(self.shown(), before)


class Start(TlsCase):
    """What a server is started with; those of this class have only an address with TLS."""

    def run_with(self, **settings):
        return subprocess.run(
            [case.binary(), "serve", "--data", os.path.join(self.folder, case.unique("data"))],
            capture_output=True, text=True, timeout=30, check=False, env=self.with_tls(**settings))

    def with_tls(self, **settings):
        """Our environment without the settings of whoever runs the tests."""
        ours = {name: value for name, value in os.environ.items()
                if not name.startswith("CARILLON_")}
        return {**ours, **self.server.environment, "CARILLON_HTTP_LISTEN": "", **settings}

    def test_a_bad_pair_is_refused(self):
        other = Authority(os.path.join(self.folder, "other")).issue("127.0.0.1")
        missing = os.path.join(self.folder, "nothing")
        for setting, value, told in (("KEY", other[1], "mismatch"),
                                     ("KEY", missing, "No such file"),
                                     ("KEY", self.chain, "cannot use the key"),
                                     ("CERTIFICATE", missing, "No such file"),
                                     ("CERTIFICATE", self.key, "cannot use the certificate")):
            ended = self.run_with(**{f"CARILLON_HTTP_TLS_{setting}": value})
            self.assertEqual(ended.returncode, 1, ended)
            self.assertIn(told, ended.stderr)
            self.assertIn(value, ended.stderr)

    def test_a_key_for_every_user_is_refused(self):
        shown = shutil.copy(self.key, os.path.join(self.folder, "shown.key"))
        os.chmod(shown, 0o644)
        ended = self.run_with(CARILLON_HTTP_TLS_KEY=shown)
        self.assertEqual(ended.returncode, 1, ended)
        self.assertIn("chmod o-rwx", ended.stderr)

    def test_settings_that_are_not_there_are_named(self):
        ended = self.run_with(CARILLON_HTTP_TLS_KEY="")
        self.assertEqual(ended.returncode, 2, ended)
        self.assertIn("needs http.tls_key", ended.stderr)
        ended = self.run_with(CARILLON_HTTP_TLS_LISTEN="")
        self.assertEqual(ended.returncode, 2, ended)
        self.assertIn("names no address", ended.stderr)

    def test_beyond_the_loopback_nothing_has_to_be_allowed_and_backups_find_the_server(self):
        port = free_port()
        data = os.path.join(self.folder, "open")
        backups = os.path.join(self.folder, "backups")
        os.makedirs(backups)
        settings = self.with_tls(CARILLON_HTTP_TLS_LISTEN=f"0.0.0.0:{port}",
                                 CARILLON_STORE_BACKUPS=backups)
        with subprocess.Popen([case.binary(), "serve", "--data", data], env=settings,
                              stderr=subprocess.DEVNULL) as process:
            self.addCleanup(process.kill)
            case.wait_until(lambda: self.is_ready(port), "the server is ready", PATIENCE)
            done = subprocess.run(
                [case.binary(), "backup", "--data", data, os.path.join(backups, "one")],
                capture_output=True, text=True, timeout=30, check=False, env=settings)
            self.assertEqual(done.returncode, 0, done)
            process.terminate()
            self.assertEqual(process.wait(30), 0)

    def is_ready(self, port):
        try:
            return TlsClient(port, None, self.rules()).get("/readyz").status == 200
        except ConnectionError:
            return False


if __name__ == "__main__":
    case.main()
