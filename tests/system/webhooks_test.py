"""Webhooks that can be trusted: secrets, signatures, and targets that call back."""

import base64
import collections
import hashlib
import hmac
import os
import stat

import case
from client import Client
from receiver import Plan

ONCE_AGAIN = {"max_retries": 1, "backoff": "fixed", "delay": "PT10S"}
ASYNC = Plan(202, headers={"Carillon-Async": "true"}, body=b"taken")


def key_of(secret):
    return base64.b64decode(secret.removeprefix("whsec_"))


def standard(secret, call):
    """What Standard Webhooks asks for, computed without the server."""
    headers = call.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + call.body
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


class Secrets(case.ServerCase):
    def setUp(self):
        self.addCleanup(self.remove_all)

    def remove_all(self):
        for each in self.call("GET", "/v1/secrets")["secrets"]:
            self.remove(each)

    def remove(self, secret):
        answer = self.server.client.call("DELETE", f"/v1/secrets/{secret['id']}")
        self.assertEqual((answer.status, answer.body), (204, b""))

    def make(self, **fields):
        return self.call("POST", "/v1/secrets", fields, expect=201)

    def deliver(self, **target):
        path = "/" + case.unique("p")
        payload = target.pop("payload", {"n": 1})
        made = self.create(target={"url": self.receiver.url(path), **target}, payload=payload)
        self.wait_status(made["id"], *case.ENDED)
        return self.receiver.wait_for(1, path)[0]

    # -- secrets -----------------------------------------------------------------------------

    def test_a_secret_is_shown_once(self):
        made = self.make()
        self.assertEqual(made["name"], "default")
        self.assertEqual(len(key_of(made["secret"])), 32)
        self.assertNotEqual(made["secret"], self.make()["secret"])
        listed = self.server.get("/v1/secrets")
        self.assertNotIn(b"whsec_", listed.body)
        self.assertEqual(listed.json["total"], 2)
        self.assertEqual(listed.json["secrets"][-1],
                         {name: value for name, value in made.items() if name != "secret"})
        self.assertNotIn(made["secret"].removeprefix("whsec_"), self.server.log())

    def test_an_own_secret_is_taken_and_a_bad_one_refused_unseen(self):
        own = "whsec_" + base64.b64encode(bytes(range(24))).decode()
        self.assertEqual(self.make(secret=own)["secret"], own)
        for size in (0, 23, 65):
            text = "whsec_" + base64.b64encode(b"\xfe" * size).decode()
            answer = self.server.post("/v1/secrets", {"secret": text, "sekret": text})
            self.assert_problem(answer, 422, "body.secret", "body.sekret")
            if size:
                self.assertNotIn(text[6:], answer.body.decode())
        for text in ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!!", 7, ["whsec_"]):
            answer = self.server.post("/v1/secrets", {"secret": text})
            self.assert_problem(answer, 422, "body.secret")

    def test_the_fields_of_a_secret_are_checked(self):
        for fields, location in (({"name": ""}, "name"), ({"name": "a\nb"}, "name"),
                                 ({"name": "x" * 101}, "name"),
                                 ({"expires_after": "2001-01-01T00:00:00Z"}, "expires_after"),
                                 ({"expires_after": "soon"}, "expires_after")):
            answer = self.server.post("/v1/secrets", fields)
            self.assert_problem(answer, 422, f"body.{location}")
        for _ in range(10):
            self.make(name="many")
        self.assert_problem(self.server.post("/v1/secrets", {"name": "many"}), 422, "body.name")
        statuses = case.at_once(20, lambda _: self.server.post("/v1/secrets",
                                                               {"name": "at-once"}).status)
        self.assertEqual(collections.Counter(statuses), {201: 10, 422: 10})

    def test_what_is_no_secret_is_404(self):
        for path in ("secret_01890a5d-ac96-774b-bcce-b302099a8057", "x"):
            self.call("DELETE", f"/v1/secrets/{path}", expect=404)
            self.call("PATCH", f"/v1/secrets/{path}", {"expires_after": None}, expect=404)

    def test_secrets_need_the_token(self):
        stranger = Client(self.server.port)
        for method in ("GET", "POST"):
            self.assertEqual(stranger.call(method, "/v1/secrets").status, 401)

    def test_a_restart_keeps_the_secrets(self):
        secret = self.make()["secret"]
        self.server.restart()
        call = self.deliver()
        self.assertEqual(call.headers["webhook-signature"], standard(secret, call))

    # -- signatures --------------------------------------------------------------------------

    def test_without_a_secret_nothing_is_signed(self):
        headers = self.deliver().headers
        self.assertNotIn("webhook-signature", headers)
        self.assertNotIn("x-carillon-signature", headers)

    def test_signatures_are_what_python_computes(self):
        secret = self.make()["secret"]
        for payload in (None, "", 0, {"n": 9007199254740993}, "å\u0000😀", ["x" * 100_000]):
            call = self.deliver(payload=payload)
            self.assertEqual(call.headers["webhook-signature"], standard(secret, call))
            self.assertNotIn(".", call.headers["webhook-id"])

    def test_a_target_names_its_secret(self):
        default, billing = self.make()["secret"], self.make(name="billing")["secret"]
        call = self.deliver(secret="billing")
        self.assertEqual(call.headers["webhook-signature"], standard(billing, call))
        call = self.deliver()
        self.assertEqual(call.headers["webhook-signature"], standard(default, call))

    def test_two_secrets_of_a_name_sign_together(self):
        old, new = self.make(), self.make()
        call = self.deliver()
        self.assertEqual(call.headers["webhook-signature"].split(" "),
                         [standard(new["secret"], call), standard(old["secret"], call)])
        self.remove(old)
        call = self.deliver()
        self.assertEqual(call.headers["webhook-signature"], standard(new["secret"], call))

    def test_the_timestamped_form(self):
        secret = self.make(name="billing")["secret"]
        call = self.deliver(secret="billing", signature="timestamped")
        stamp = call.headers["webhook-timestamp"]
        digest = hmac.new(key_of(secret), stamp.encode() + b"." + call.body, hashlib.sha256)
        self.assertEqual(call.headers["x-carillon-signature"],
                         f"t={stamp},v1={digest.hexdigest()}")
        self.assertNotIn("webhook-signature", call.headers)

    def test_an_unknown_name_is_refused_at_creation(self):
        url = self.receiver.url()
        answer = self.server.post("/v1/tasks", {"target": {"url": url, "secret": "nobody"}})
        self.assert_problem(answer, 422, "body.target.secret")
        answer = self.server.post("/v1/tasks", {"target": {"url": url, "signature": "timestamped"}})
        self.assert_problem(answer, 422, "body.target.signature")
        answer = self.server.post("/v1/tasks", {"target": {"url": url, "signature": "hex"}})
        self.assert_problem(answer, 422, "body.target.signature")
        answer = self.server.post("/v1/schedules", {
            "cron": "0 0 1 1 *", "timezone": "UTC",
            "task_template": {"target": {"url": url, "secret": "nobody"}}})
        self.assert_problem(answer, 422, "body.task_template.target.secret")

    def test_a_schedule_signs_its_tasks(self):
        secret = self.make(name="billing")["secret"]
        target = {"url": self.receiver.url("/s"), "method": "POST", "headers": {},
                  "secret": "billing"}
        made = self.call("POST", "/v1/schedules", {
            "cron": "0 0 1 1 *", "timezone": "UTC", "task_template": {"target": target}}, expect=201)
        self.assertEqual(made["task_template"]["target"], target)
        self.call("POST", f"/v1/schedules/{made['id']}/run", expect=201)
        call = self.receiver.wait_for(1, "/s")[0]
        self.assertEqual(call.headers["webhook-signature"], standard(secret, call))

    def test_what_was_to_be_signed_is_not_sent_unsigned(self):
        secret = self.make(name="billing")
        made = self.create(target={"url": self.receiver.url("/late"), "secret": "billing"},
                           execute_after="1h")
        self.remove(secret)
        self.act(made["id"], "trigger")
        task = self.wait_status(made["id"], "failed")
        self.assertIn("no secret called billing", task["attempts"][0]["error"])
        self.assertEqual(self.receiver.calls("/late"), [])

    def test_nobody_sets_the_headers_of_a_delivery(self):
        for name in ("webhook-signature", "Webhook-Id", "carillon-callback", "Carillon-Async",
                     "X-Carillon-Signature", "Idempotency-Key"):
            answer = self.server.post("/v1/tasks", {
                "target": {"url": self.receiver.url(), "headers": {name: "x"}}})
            self.assert_problem(answer, 422, f"body.target.headers.{name}")


class KeyFile(case.unittest.TestCase):
    def setUp(self):
        self.receiver = case.Receiver()
        self.addCleanup(self.receiver.close)
        self.server = case.Server(case.binary())
        self.addCleanup(self.server.close)
        self.server.start()
        self.path = os.path.join(self.server.data, "store.key")

    def test_the_key_is_its_owners_alone(self):
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        self.assertEqual(os.path.getsize(self.path), 32)
        self.server.terminate()
        os.chmod(self.path, 0o640)
        self.server.start(wait=False)
        self.assertEqual(self.server.wait(), 1)
        self.assertIn("store.key must be for its owner only", self.server.log())

    def test_with_another_key_nothing_goes_out_unsigned(self):
        secret = self.server.post("/v1/secrets", {}).json
        self.server.terminate()
        with open(self.path, "wb") as file:
            file.write(os.urandom(32))
        self.server.start()
        self.assertIn("a secret cannot be read", self.server.log())
        task = {"target": self.receiver.url(), "retry": case.NO_RETRIES}
        made = self.server.post("/v1/tasks", task).json
        path = f"/v1/tasks/{made['id']}"
        case.wait_until(lambda: self.server.get(path).json["status"] == "failed", "it has failed")
        self.assertEqual(self.receiver.calls(), [])
        removed = self.server.client.call("DELETE", f"/v1/secrets/{secret['id']}")
        self.assertEqual(removed.status, 204)
        self.server.post("/v1/tasks", task)
        self.receiver.wait_for(1)


class Time(case.ServerCase):
    clock = "manual"

    def test_each_attempt_is_signed_anew(self):
        secret = self.call("POST", "/v1/secrets", {}, expect=201)["secret"]
        self.receiver.on("/t", Plan(500), Plan(200))
        made = self.create(target=self.receiver.url("/t"), retry=ONCE_AGAIN)
        self.wait_attempts(made["id"], 1)
        self.server.advance(by="PT10S")
        first, second = self.receiver.wait_for(2, "/t")
        self.assertEqual(first.headers["webhook-id"], second.headers["webhook-id"])
        self.assertEqual(int(second.headers["webhook-timestamp"])
                         - int(first.headers["webhook-timestamp"]), 10)
        for call in (first, second):
            self.assertEqual(call.headers["webhook-signature"].split(" ")[0],
                             standard(secret, call))

    def test_an_old_secret_ends_by_itself(self):
        name = case.unique("rotating")
        old = self.call("POST", "/v1/secrets", {"name": name}, expect=201)
        new = self.call("POST", "/v1/secrets", {"name": name}, expect=201)
        ended = self.call("PATCH", f"/v1/secrets/{old['id']}", {"expires_after": "1h"})
        self.assertNotIn("secret", ended)

        def signatures():
            path = "/" + case.unique("p")
            self.create(target={"url": self.receiver.url(path), "secret": name})
            call = self.receiver.wait_for(1, path)[0]
            return call, call.headers["webhook-signature"].split(" ")
        self.assertEqual(len(signatures()[1]), 2)
        self.server.advance(by="PT1H")
        call, left = signatures()
        self.assertEqual(left, [standard(new["secret"], call)])
        self.assertNotIn(old["id"], str(self.call("GET", "/v1/secrets")))
        self.call("PATCH", f"/v1/secrets/{old['id']}", {"expires_after": None}, expect=404)


class Callbacks(case.ServerCase):
    def path_of(self, call):
        """The path of the callback address that a delivery came with."""
        base = f"http://127.0.0.1:{self.server.port}"
        url = call.headers["carillon-callback"]
        self.assertTrue(url.startswith(base + "/v1/callbacks/"), url)
        return url.removeprefix(base)

    def hand_over(self, **fields):
        """A task that its target has taken over, and the path that ends it."""
        path = "/" + case.unique("p")
        self.receiver.on(path, ASYNC)
        made = self.create(target=self.receiver.url(path), **fields)
        call = self.receiver.wait_for(1, path)[0]
        case.wait_until(lambda: self.task(made["id"]).get("callback_expires_at"), "it is taken over")
        return made["id"], self.path_of(call)

    def call_back(self, path, expect=200, **body):
        answer = Client(self.server.port).call("POST", path, body)  # without the token
        self.assertEqual(answer.status, expect, answer)
        return answer.json

    def test_every_delivery_has_a_callback_address(self):
        self.create(target=self.receiver.url("/plain"))
        self.path_of(self.receiver.wait_for(1, "/plain")[0])

    def test_a_target_completes_the_task_later(self):
        task_id, path = self.hand_over()
        self.assertEqual(self.task(task_id)["status"], "processing")
        self.call_back(path, status="progress", progress=40, message="half way")
        told = self.call_back(path, status="completed", result={"pages": 3})
        self.assertEqual(told, {"task_id": task_id, "task_status": "completed"})
        task = self.task(task_id)
        self.assertEqual((task["status"], task["result"]), ("completed", {"pages": 3}))
        self.assertEqual(task["attempts"][0]["outcome"], "success")
        self.assertEqual(task["attempts"][0]["http_status"], 202)
        self.assertEqual(task["attempts"][0]["answer"], "taken")
        self.assertIn(40, [event["progress"] for event in task["events"]])

    def test_the_address_is_good_for_one_end(self):
        task_id, path = self.hand_over()
        self.call_back(path, status="completed")
        for body in ({"status": "completed"}, {"status": "failed"}, {"status": "progress"}):
            self.call_back(path, expect=409, **body)
        self.assertEqual(self.task(task_id)["status"], "completed")

    def test_of_many_calls_at_once_one_ends_the_task(self):
        _, path = self.hand_over()
        answers = case.at_once(8, lambda at: Client(self.server.port).call(
            "POST", path, {"status": "completed", "result": at}).status)
        self.assertEqual(sorted(answers), [200] + [409] * 7)

    def test_a_wrong_address_is_nowhere(self):
        task_id, path = self.hand_over()
        other_id, other = self.hand_over()
        *head, token, signature = path.split("/")
        wrong = [path[:-1] + ("A" if path[-1] != "A" else "B"), path[:-1], path + "A",
                 "/".join([*head, str(int(token) + 1), signature]),
                 "/".join([*head, "x" + token, signature]),
                 path.replace(task_id, other_id), path.replace(signature, other.split("/")[-1])]
        for each in wrong:
            self.call_back(each, expect=404, status="completed")
        self.assertEqual(self.task(task_id)["status"], "processing")

    def test_a_target_fails_the_task(self):
        task_id, path = self.hand_over(retry={"max_retries": 1, "delay": "1h", "backoff": "fixed"})
        self.call_back(path, status="failed", error="no paper")
        task = self.task(task_id)
        self.assertEqual((task["status"], task["attempts"][0]["error"]), ("retrying", "no paper"))
        task_id, path = self.hand_over(retry={"max_retries": 1, "delay": "1h"})
        self.call_back(path, status="failed", error="no printer", retryable=False)
        self.assertEqual(self.task(task_id)["status"], "failed")

    def test_the_address_of_an_earlier_attempt_is_over(self):
        task_id, path = self.hand_over(retry={"max_retries": 1, "delay": "0s", "backoff": "fixed"})
        self.call_back(path, status="failed")
        case.wait_until(lambda: len(self.task(task_id)["attempts"]) == 2, "the second attempt")
        self.call_back(path, expect=409, status="completed")
        self.assertNotEqual(self.task(task_id)["status"], "completed")

    def test_what_is_said_is_checked(self):
        _, path = self.hand_over()
        for body, location in (({}, "status"), ({"status": "done"}, "status"),
                               ({"status": "progress", "progress": 101}, "progress"),
                               ({"status": "completed", "error": "x"}, "error"),
                               ({"status": "failed", "result": 1}, "result"),
                               ({"status": "failed", "retryable": "no"}, "retryable")):
            answer = Client(self.server.port).call("POST", path, body)
            self.assert_problem(answer, 422, f"body.{location}")
        self.assertEqual(Client(self.server.port).call("POST", path, b"{").status, 400)
        self.call_back(path, status="completed")

    def test_a_kill_while_the_target_works_loses_nothing(self):
        task_id, path = self.hand_over()
        self.server.kill()
        self.server.start()
        self.assert_quiet(1)
        self.assertEqual(self.task(task_id)["status"], "processing")
        self.call_back(path, status="completed", result=1)
        self.server.kill()
        self.server.start()
        task = self.task(task_id)
        self.assertEqual((task["status"], task["result"], len(task["attempts"])),
                         ("completed", 1, 1))

    def test_a_cancel_ends_the_wait(self):
        task_id, path = self.hand_over()
        self.assertEqual(self.act(task_id, "cancel")["status"], "canceled")
        self.call_back(path, expect=409, status="completed")

    def test_the_timeout_goes_on(self):
        task_id, path = self.hand_over(timeout="500ms")
        task = self.wait_status(task_id, "failed")
        self.assertEqual(task["attempts"][0]["outcome"], "timeout")
        self.call_back(path, expect=409, status="completed")

    def test_a_callback_may_be_faster_than_the_answer(self):
        self.receiver.on("/slow", Plan(202, headers={"carillon-async": "true"}, hold=True))
        made = self.create(target=self.receiver.url("/slow"))
        path = self.path_of(self.receiver.wait_for(1, "/slow")[0])
        self.call_back(path, status="completed", result="early")
        self.receiver.release()
        self.assert_quiet(1, "/slow")
        self.assertEqual(self.task(made["id"])["result"], "early")

    def test_202_alone_is_a_success(self):
        self.receiver.on("/now", Plan(202))
        made = self.create(target=self.receiver.url("/now"))
        self.wait_status(made["id"], "completed")

    def test_answers_are_kept_as_far_as_they_go(self):
        self.receiver.on("/long", Plan(200, body=b"x" * 20_000))
        self.receiver.on("/odd", Plan(500, body=bytes(range(256))))
        self.receiver.on("/json", Plan(200, body=b'{"a":"\xc3\xa5"}'))

        def attempt(path):
            made = self.create(target=self.receiver.url(path))
            self.wait_status(made["id"], *case.ENDED)
            page = self.call("GET", f"/v1/tasks/{made['id']}/attempts")
            self.assertEqual(page["attempts"], self.task(made["id"])["attempts"])
            self.assertEqual((page["total"], page["has_more"]), (1, False))
            return page["attempts"][0]
        long = attempt("/long")
        self.assertEqual((long["answer"], long["answer_truncated"]), ("x" * 16_384, True))
        odd = attempt("/odd")
        self.assertEqual(odd["http_status"], 500)
        self.assertEqual(odd["answer"][:128], "".join(map(chr, range(128))))
        self.assertNotIn("answer_truncated", odd)
        self.assertEqual(attempt("/json")["answer"], '{"a":"å"}')


class PublicUrl(case.ServerCase):
    server_settings = {"options": ["--public-url", "https://carillon.example/in/"]}

    def test_addresses_begin_where_the_operator_says(self):
        self.create(target=self.receiver.url("/p"))
        call = self.receiver.wait_for(1, "/p")[0]
        self.assertTrue(call.headers["carillon-callback"].startswith(
            "https://carillon.example/in/v1/callbacks/task_"))


if __name__ == "__main__":
    case.main()
