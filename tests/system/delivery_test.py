"""Webhooks: what is sent, and which answers count as success."""

import os
import shutil
import subprocess
import tempfile
import unittest

import case
from carillon import Server
from receiver import Plan, Receiver


class Delivery(case.ServerCase):
    def run_one(self, plan=None, **fields):
        path = "/" + case.unique("p")
        if plan:
            self.receiver.on(path, plan)
        made = self.create(**{"target": self.receiver.url(path), **fields})
        return self.wait_status(made["id"], *case.ENDED), self.receiver.calls(path)

    def test_a_call_has_the_payload_and_the_stable_id(self):
        text = b'{"n":9007199254740993,"d":1.10,"s":"\xc3\xa5"}'
        body = b'{"target":"%s","payload":%s}' % (self.receiver.url("/exact").encode(), text)
        made = self.server.client.call("POST", "/v1/tasks", body)
        self.assertEqual(made.status, 201, made)
        call = self.receiver.wait_for(1, "/exact")[0]
        self.assertEqual(call.body, text)
        self.assertEqual(call.task, made.json["id"])
        self.assertEqual(call.attempt, 1)
        self.assertEqual(call.headers["content-type"].split(";")[0], "application/json")
        self.assertTrue(call.headers["webhook-timestamp"].isdigit())

    def test_a_repeat_has_the_same_id_and_the_next_number(self):
        self.receiver.on("/again", Plan(500), Plan(200))
        made = self.create(target=self.receiver.url("/again"),
                           retry={"max_retries": 1, "backoff": "fixed", "delay": "PT0.01S"})
        calls = self.receiver.wait_for(2, "/again")
        self.assertEqual([call.task for call in calls], [made["id"]] * 2)
        self.assertEqual([call.attempt for call in calls], [1, 2])
        task = self.wait_status(made["id"], "completed")
        self.assertEqual([entry["number"] for entry in task["attempts"]], [1, 2])
        self.assertEqual([entry["outcome"] for entry in task["attempts"]], ["error", "success"])
        self.assertEqual([entry["http_status"] for entry in task["attempts"]], [500, 200])

    def test_success_is_2xx(self):  # AC-133
        for status in (200, 201, 204):
            with self.subTest(status):
                task, calls = self.run_one(Plan(status))
                self.assertEqual(task["status"], "completed")
                self.assertEqual(task["attempts"][0]["outcome"], "success")
                self.assertEqual(task["attempts"][0]["http_status"], status)
                self.assertEqual(len(calls), 1)

    def test_anything_else_is_a_failed_attempt(self):  # AC-133
        for status in (302, 404, 429, 500):
            with self.subTest(status):
                headers = {"Location": self.receiver.url("/moved")} if status == 302 else {}
                task, calls = self.run_one(Plan(status, headers=headers))
                self.assertEqual(task["status"], "failed")
                self.assertEqual(task["attempts"][0]["outcome"], "error")
                self.assertEqual(task["attempts"][0]["http_status"], status)
                self.assertEqual(len(calls), 1)
        self.assertEqual(self.receiver.calls("/moved"), [], "a redirect is not followed")

    def test_a_closed_connection_is_a_failed_attempt(self):  # AC-133
        task, _ = self.run_one(Plan(None))
        self.assertEqual(task["status"], "failed")
        self.assertEqual(task["attempts"][0]["outcome"], "error")
        self.assertTrue(task["attempts"][0]["error"])

    def test_a_refused_connection_is_a_failed_attempt(self):
        gone = Receiver()
        gone.close()
        task, _ = self.run_one(target=gone.url())
        self.assertEqual(task["status"], "failed")
        self.assertEqual(task["attempts"][0]["outcome"], "error")

    def test_a_timeout_is_a_failed_attempt(self):  # AC-133
        task, calls = self.run_one(Plan(200, hold=True), timeout="PT0.3S")
        self.assertEqual(task["status"], "failed")
        self.assertEqual(task["attempts"][0]["outcome"], "timeout")
        self.assertEqual(len(calls), 1)

    def test_a_timeout_is_retried(self):
        self.receiver.on("/slow", Plan(200, hold=True), Plan(200))
        made = self.create(target=self.receiver.url("/slow"), timeout="PT0.3S",
                           retry={"max_retries": 1, "backoff": "fixed", "delay": "PT0.01S"})
        task = self.wait_status(made["id"], "completed")
        self.assertEqual([entry["outcome"] for entry in task["attempts"]], ["timeout", "success"])

    def test_gone_is_final(self):
        task, calls = self.run_one(Plan(410), retry={"max_retries": 5, "delay": "PT0.01S"})
        self.assertEqual(task["status"], "failed")
        self.assertEqual(len(calls), 1)
        self.assertEqual(len(task["attempts"]), 1)

    @unittest.skipUnless(shutil.which("openssl"), "needs the openssl program")
    def test_a_bad_certificate_is_a_failed_attempt(self):  # AC-133
        with tempfile.TemporaryDirectory() as folder:
            pem = os.path.join(folder, "self-signed.pem")
            command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                       "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                       "-keyout", pem, "-out", pem + ".cert"]
            subprocess.run(command, check=True, capture_output=True)
            with open(pem, "ab") as joined, open(pem + ".cert", "rb") as certificate:
                joined.write(certificate.read())
            stranger = Receiver(certificate=pem)
        self.addCleanup(stranger.close)
        task, _ = self.run_one(target=stranger.url())
        self.assertEqual(task["status"], "failed")
        self.assertEqual(task["attempts"][0]["outcome"], "error")
        self.assertEqual(stranger.calls(), [])


class Guard(unittest.TestCase):
    def test_loopback_is_refused_unless_it_was_allowed(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        server = Server(case.binary(), allow=None)
        self.addCleanup(server.close)
        server.start()
        made = server.post("/v1/tasks", {"target": receiver.url(), "retry": case.NO_RETRIES})
        if made.status == 201:  # refused when it is connected to, if not before
            path = f"/v1/tasks/{made.json['id']}"
            case.wait_until(lambda: server.get(path).json["status"] == "failed", "it has failed")
        else:
            self.assertEqual(made.status, 422, made)
        self.assertEqual(receiver.calls(), [])


if __name__ == "__main__":
    case.main()
