"""The receivers of docs/webhooks: what each of them does, what it refuses, and what it does once."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import case
from carillon import free_port

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "docs/webhooks"
FAST = {"max_retries": 3, "backoff": "fixed", "delay": "50ms"}
SECRET = "whsec_" + base64.b64encode(bytes(range(200, 240))).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 24).decode()

# One handler, three times: it notes what came, waits for a file if told to, and fails if told to.
SHELL_HANDLER = r"""
body=$(cat)
printf '%s %s\n' "$WEBHOOK_ID" "$body" >>"$JOURNAL"
[[ $body != *wait* ]] || until [[ -e $GATE ]]; do sleep 0.02; done
[[ $body != *fail* || -e $GATE ]]
"""
PYTHON_HANDLER = r"""
import os, time

def handle(ident, body):
    with open(os.environ["JOURNAL"], "a") as journal:
        journal.write(f"{ident} {body.decode()}\n")
    while b"wait" in body and not os.path.exists(os.environ["GATE"]):
        time.sleep(0.02)
    if b"fail" in body and not os.path.exists(os.environ["GATE"]):
        raise RuntimeError("told to")
"""
NODE_HANDLER = r"""
import { appendFileSync, existsSync } from "node:fs";

export default async function (id, body) {
  appendFileSync(process.env.JOURNAL, `${id} ${body}\n`);
  while (body.includes("wait") && !existsSync(process.env.GATE))
    await new Promise((done) => setTimeout(done, 20));
  if (body.includes("fail") && !existsSync(process.env.GATE)) throw new Error("told to");
}
"""


class Behaviour:
    """What is asked of every receiver; a subclass says how one is started."""

    needs = ()

    @classmethod
    def setUpClass(cls):
        for program in cls.needs:
            if shutil.which(program) is None:
                raise case.unittest.SkipTest(f"{program} is not installed")
        super().setUpClass()
        for name, secret in (("ours", SECRET), ("theirs", OTHER)):
            cls.server.post("/v1/secrets", {"name": name, "secret": secret})

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="carillon-receiver-"))
        self.addCleanup(shutil.rmtree, self.home, True)
        (self.home / "journal").touch()
        (self.home / "secrets").write_text(SECRET, encoding="ascii")  # without an end of line
        (self.home / "secrets").chmod(0o600)
        self.port = free_port()
        self.environment = {**os.environ, "JOURNAL": str(self.home / "journal"),
                            "GATE": str(self.home / "gate")}
        self.begin()
        case.wait_until(self.listens, "the receiver listens", 30)

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except ConnectionRefusedError:
            return False

    def run_program(self, *command):
        with open(self.home / "log", "ab") as log:
            process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdout=log,
                                       stderr=log, stdin=subprocess.DEVNULL, env=self.environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

    def handler(self, name, text):
        (self.home / name).write_text(text, encoding="utf-8")
        return str(self.home / name)

    def journal(self):
        return (self.home / "journal").read_text(encoding="utf-8").splitlines()

    def deliver(self, name, payload):
        return self.create(target={"url": f"http://127.0.0.1:{self.port}/", "secret": name},
                           payload=payload, retry=FAST)["id"]

    def send(self, body=b'"x"', ident="task_1", age=0, secrets=(SECRET,), signature=None, **headers):
        """The status that a request gets which somebody has made by hand."""
        stamp = str(int(time.time()) - age)
        if signature is None:
            signature = " ".join(self.sign(secret, ident, stamp, body) for secret in secrets)
        fields = {"webhook-id": ident, "webhook-timestamp": stamp, "webhook-signature": signature,
                  **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/", body, {name: value for name, value in fields.items()
                                                   if value is not None})
            return connection.getresponse().status
        finally:
            connection.close()

    def sign(self, secret, ident, stamp, body):
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{ident}.{stamp}.".encode() + body, hashlib.sha256).digest()
        return "v1," + base64.b64encode(digest).decode()

    # -- the tests -------------------------------------------------------------------------

    def test_a_delivery_is_done(self):
        payload = {"text": "å %s \\x41 $HOME", "n": 12345678901234567890}
        task_id = self.deliver("ours", payload)
        self.wait_status(task_id, "completed", timeout=30)
        [line] = self.journal()
        ident, _, body = line.partition(" ")
        self.assertEqual(ident, task_id)
        self.assertEqual(json.loads(body), payload)

    def test_a_delivery_that_another_secret_signed_is_refused(self):
        task_id = self.deliver("theirs", 1)
        task = self.wait_status(task_id, "failed", timeout=30)
        self.assertEqual({entry["http_status"] for entry in task["attempts"]}, {401})
        self.assertEqual(self.journal(), [])

    def test_while_secrets_change_either_is_enough(self):
        new = self.server.post("/v1/secrets", {"name": "ours"}).json
        self.addCleanup(self.server.client.call, "DELETE", f"/v1/secrets/{new['id']}")
        self.wait_status(self.deliver("ours", 1), "completed", timeout=30)

    def test_what_fails_is_done_when_it_comes_again(self):
        task_id = self.deliver("ours", "fail")
        case.wait_until(self.journal, "it came", 30)
        (self.home / "gate").touch()
        self.wait_status(task_id, "completed", timeout=30)
        self.assertEqual({line for line in self.journal()}, {f'{task_id} "fail"'})

    def test_a_replay_is_not_done_again(self):
        self.assertEqual([self.send(), self.send(), self.send(age=-1)], [200] * 3)
        self.assertEqual(len(self.journal()), 1)
        self.assertEqual(self.send(ident="task_2"), 200)
        self.assertEqual(len(self.journal()), 2)

    def test_what_is_under_way_is_not_begun_again(self):
        first = []
        thread = threading.Thread(target=lambda: first.append(self.send(b"wait")))
        thread.start()
        case.wait_until(self.journal, "it began", 30)
        self.assertEqual(self.send(b"wait"), 409)
        (self.home / "gate").touch()
        thread.join()
        self.assertEqual((first, self.send(b"wait")), ([200], 200))
        self.assertEqual(len(self.journal()), 1)

    def test_old_and_future_timestamps_are_refused(self):
        self.assertEqual([self.send(age=age) for age in (310, -310, 10**9)], [401] * 3)
        self.assertEqual(self.journal(), [])
        self.assertEqual([self.send(age=290, ident="a"), self.send(age=-290, ident="b")], [200] * 2)

    def test_what_is_not_signed_as_it_must_be_is_refused(self):
        stamp = str(int(time.time()))
        right = self.sign(SECRET, "task_1", stamp, b"x")
        digest = right.removeprefix("v1,")
        for signature in ("", "v1,", digest, "v2," + digest, "v1a," + digest, "V1," + digest,
                          right[:-1], right + "=", right.lower(), "v1 " + digest, "*",
                          self.sign(OTHER, "task_1", stamp, b"x"),
                          self.sign(SECRET, "task_2", stamp, b"x"),
                          self.sign(SECRET, "task_1", stamp, b"y")):
            with self.subTest(signature):
                self.assertEqual(self.send(b"x", signature=signature, webhook_timestamp=stamp), 401)
        for name in ("webhook_id", "webhook_timestamp", "webhook_signature"):
            self.assertEqual(self.send(**{name: None}), 401)
        for wrong in ("", "now", "-1", "1e9", stamp + ".0", "9" * 13):
            self.assertEqual(self.send(b"x", signature=right, webhook_timestamp=wrong), 401)
        self.assertEqual(self.journal(), [])
        others = f"v1a,{digest} v1,AAAA {right} v2,x"
        self.assertEqual(self.send(b"x", signature=others, webhook_timestamp=stamp), 200)

    def test_a_body_that_is_too_large_is_refused(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.addCleanup(connection.close)
        connection.putrequest("POST", "/")
        connection.putheader("Content-Length", str((1 << 20) + 1))
        connection.endheaders()
        try:
            connection.send(b"x" * ((1 << 20) + 1))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it did not read to the end
        try:
            self.assertEqual(connection.getresponse().status, 413)
        except ConnectionResetError:
            pass
        self.assertEqual(self.journal(), [])


class Python(Behaviour, case.ServerCase):
    def begin(self):
        self.run_program(case.sys.executable, "-B", str(FOLDER / "receiver.py"),
                         "--secrets", str(self.home / "secrets"), "--port", str(self.port),
                         "--handler", self.handler("handler.py", PYTHON_HANDLER))


class Node(Behaviour, case.ServerCase):
    needs = ("node",)

    def begin(self):
        self.run_program("node", str(FOLDER / "receiver.mjs"),
                         "--secrets", str(self.home / "secrets"), "--port", str(self.port),
                         "--handler", self.handler("handler.mjs", NODE_HANDLER))


class Shell(Behaviour, case.ServerCase):
    needs = ("bash", "openssl", "flock")

    def begin(self):
        """Runs it for each connection, as a socket unit of systemd would."""
        (self.home / "state").mkdir()
        command = ["bash", str(FOLDER / "receiver.sh"), str(self.home / "secrets"),
                   str(self.home / "state"), "bash", self.handler("handler.sh", SHELL_HANDLER)]
        listener = socket.create_server(("127.0.0.1", self.port))
        self.addCleanup(listener.close)
        self.addCleanup(listener.shutdown, socket.SHUT_RDWR)

        def serve():
            with open(self.home / "log", "ab") as log:
                while True:
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    with connection:
                        process = subprocess.Popen(command, stdin=connection, stdout=connection,
                                                   stderr=log, env=self.environment)
                    threading.Thread(target=process.wait, daemon=True).start()
        threading.Thread(target=serve, daemon=True).start()


if __name__ == "__main__":
    case.main()
