"""Tokens: what they may do, how they end, and that they are kept."""

import base64
import concurrent.futures
import os
import socket
import subprocess
import uuid

import case
from token_case import TokenCase

NOWHERE = "00000000-0000-0000-0000-00000000dead"


class Tokens(TokenCase):
    def test_a_token_is_shown_once(self):
        answer = self.server.post("/v1/tokens", {"name": "ci", "scopes": ["tasks:read"]})
        self.assertEqual(answer.status, 201, answer)
        made = answer.json
        self.assertTrue(made["token"].startswith(made["prefix"]))
        self.assertEqual(len(made["prefix"]), 12)
        self.assertEqual(answer.headers["cache-control"], "no-store")
        self.assertEqual(answer.headers["location"], f"/v1/tokens/{made['id']}")
        self.assertEqual((made["created_by"], made["agent_id"], made["expires_at"]),
                         ("operator", None, None))
        shown = self.call("GET", f"/v1/tokens/{made['id']}")
        self.assertEqual(shown, {name: value for name, value in made.items() if name != "token"})
        listed = self.call("GET", "/v1/tokens")
        self.assertEqual(listed["tokens"][0], shown)
        self.assertEqual(listed["total"], len(listed["tokens"]))

    def test_the_text_of_a_token_is_nowhere_else(self):
        made = self.make("tasks:read")
        peer = self.peer(made["token"])
        self.assertEqual(peer.get("/v1/tasks").status, 200)
        self.assert_closed(peer.call("GET", f"/v1/tasks?api_key={made['token']}",
                                     headers={"Authorization": ""}))
        secret = made["token"].encode()
        for folder, _, names in os.walk(self.server.home):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(secret, file.read(), name)

    def test_last_use_is_told(self):
        made = self.make("tasks:read")
        self.assertIsNone(self.call("GET", f"/v1/tokens/{made['id']}")["last_used_at"])
        self.assertEqual(self.peer(made["token"]).get("/v1/tasks").status, 200)
        self.assertIsNotNone(self.call("GET", f"/v1/tokens/{made['id']}")["last_used_at"])

    def test_what_is_wrong_is_refused(self):
        for body, location in (({"scopes": ["admin"]}, "body.name"),
                               ({"name": "x"}, "body.scopes"),
                               ({"name": "x", "scopes": []}, "body.scopes"),
                               ({"name": "x", "scopes": ["root"]}, "body.scopes[0]"),
                               ({"name": "x", "scopes": ["admin", "worker:"]}, "body.scopes[1]"),
                               ({"name": "x", "scopes": "admin"}, "body.scopes"),
                               ({"name": "a\nb", "scopes": ["admin"]}, "body.name"),
                               ({"name": "x", "scopes": ["admin"], "expires_after": "PT0S"},
                                "body.expires_after"),
                               ({"name": "x", "scopes": ["admin"], "token": "mine"}, "body.token")):
            with self.subTest(body):
                self.assert_problem(self.server.post("/v1/tokens", body), 422, location)
        answer = self.server.post("/v1/tokens", {"name": "x", "scopes": ["root"]})
        self.assertIn("tasks:create", answer.json["errors"][0]["message"])

    def test_a_revoked_token_is_good_for_nothing_at_once(self):
        made = self.make("tasks:read")
        peer = self.peer(made["token"])
        self.assertEqual(peer.get("/v1/tasks").status, 200)
        self.assertEqual(self.server.client.call("DELETE", f"/v1/tokens/{made['id']}").status, 204)
        self.assert_closed(peer.get("/v1/tasks"))
        for method in ("GET", "DELETE"):
            self.call(method, f"/v1/tokens/{made['id']}", expect=404)

    def test_a_stream_of_events_ends_with_its_token(self):
        made = self.make("runs:read")
        with socket.create_connection(("127.0.0.1", self.server.port), 10.0) as link:
            link.sendall(f"GET /api/runs/stream HTTP/1.0\r\n"
                         f"Authorization: Bearer {made['token']}\r\n\r\n".encode())
            self.assertIn(b" 200 ", link.recv(65536))
            self.server.client.call("DELETE", f"/v1/tokens/{made['id']}")
            while link.recv(65536):
                pass

    def test_a_lease_call_that_waits_gets_nothing_once_its_token_is_revoked(self):
        made = self.make("worker:late")
        waiting = self.peer(made["token"])
        with concurrent.futures.ThreadPoolExecutor() as aside:
            got = aside.submit(waiting.post, "/v1/queues/late/lease", {"wait": "PT2S"})
            case.wait_until(lambda: self.call("GET", f"/v1/tokens/{made['id']}")["last_used_at"],
                            "the call is let in")
            self.server.client.call("DELETE", f"/v1/tokens/{made['id']}")
            task = self.create(task_type="late")
            self.assertEqual([one["task_id"] for one in self.lease("late")], [task["id"]])
            self.assertEqual(got.result().status, 503)
        self.assert_closed(waiting.post("/v1/queues/late/lease", {}))

    def test_a_token_ends_when_its_time_is_over(self):
        made = self.make("tasks:read", expires_after="PT1H")
        peer = self.peer(made["token"])
        self.server.advance(by="PT59M")
        self.assertEqual(peer.get("/v1/tasks").status, 200)
        self.server.advance(by="PT1M")
        self.assert_closed(peer.get("/v1/tasks"))
        self.call("GET", f"/v1/tokens/{made['id']}", expect=404)

    def test_nobody_but_the_operator_makes_tokens(self):
        for scopes in (["tss.admin"], ["tasks:create", "tasks:update"], ["worker:*"]):
            peer = self.having(*scopes)
            body = {"name": "x", "scopes": ["tasks:read"]}
            self.assert_scope_missing(peer.post("/v1/tokens", body), "admin")
            self.assert_scope_missing(peer.get("/v1/tokens"), "admin")
        self.assertEqual(self.having("admin").post("/v1/tokens", body).status, 201)

    def test_tokens_survive_a_crash_and_so_do_their_ends(self):
        kept, gone = self.make("tasks:read"), self.make("tasks:read")
        bot = self.call("POST", "/agents", {"name": "bot", "scopes": ["tasks:read"]}, expect=201)
        its = self.call("POST", f"/agents/{bot['id']}/credentials", {}, expect=201)
        self.assertEqual(self.server.client.call("DELETE", f"/v1/tokens/{gone['id']}").status, 204)
        self.server.restart(hard=True)
        self.assertEqual(self.peer(kept["token"]).get("/v1/tasks").status, 200)
        self.assertEqual(self.peer(its["token"]).get("/v1/tasks").status, 200)
        self.assert_closed(self.peer(gone["token"]).get("/v1/tasks"))
        self.assert_scope_missing(self.peer(kept["token"]).post("/v1/tasks", {}), "tasks:create")


class Scopes(TokenCase):
    def test_the_role_of_one_off_tasks(self):
        self.assert_closed(self.peer().get("/tasks"))
        self.assert_scope_missing(self.having("runs:read").get("/tasks"), "tasks:read")
        self.assert_scope_missing(self.having("runs:read").post("/tasks", {}), "tasks:create")
        role = self.having("tss.admin")
        made = role.post("/tasks", {"taskType": "x", "triggeredAt": "2100-01-01T00:00:00Z"})
        self.assertEqual(made.status, 201, made)
        self.assertEqual(role.get("/tasks").status, 200)
        self.assertEqual(role.get("/runs").status, 200)
        self.assertEqual(role.post(f"/tasks/{made.json['id']}/cancel").status, 200)
        self.assert_scope_missing(role.get("/v1/tasks"), "tasks:read")
        self.assert_scope_missing(role.get("/agents"), "admin")

    def test_a_request_without_token_is_refused_before_its_body_is_read(self):
        for body in ({}, {"title": 5}, b"{broken"):
            self.assert_closed(self.peer().post("/tasks", body))
        answer = self.having("tasks:read").post("/tasks", {"title": 5})
        self.assert_scope_missing(answer, "tasks:create")
        self.assertEqual(answer.json["request_id"], answer.headers["x-request-id"])

    def test_a_key_is_not_taken_from_the_query(self):
        token = self.server.token
        self.assert_closed(self.peer().get("/v1/schedules"))
        self.assert_closed(self.peer("wrong").get("/v1/schedules"))
        self.assert_closed(self.peer().get(f"/v1/schedules?api_key={token}"))
        self.assertNotIn(token, self.server.log())

    def test_many_are_deleted_by_the_operator_alone(self):
        body = {"action": "delete", "all": True, "dry_run": True}
        peer = self.having("tasks:run", "tasks:delete")
        self.assert_scope_missing(peer.post("/v1/tasks/bulk", body), "admin")
        self.assertEqual(peer.post("/v1/tasks/bulk", {**body, "action": "cancel"}).status, 200)
        self.call("POST", "/v1/tasks/bulk", body)

    def test_a_worker_works_on_its_queue_alone(self):
        mail, sms = (self.create(task_type=queue) for queue in ("w-mail", "w-sms"))
        peer = self.having("worker:w-mail")
        [mine] = peer.post("/v1/queues/w-mail/lease", {"lease": "PT1H"}).json["tasks"]
        self.assertEqual(mine["task_id"], mail["id"])
        self.assert_scope_missing(peer.post("/v1/queues/w-sms/lease", {}), "worker:w-sms")
        [other] = self.lease("w-sms", lease="PT1H")
        for action in ("heartbeat", "release", "fail", "complete"):
            with self.subTest(action):
                entries = [{"task_id": one["task_id"], "token": one["token"]}
                           for one in (other, {"task_id": f"task_{NOWHERE}", "token": "1"})]
                if action == "fail":
                    entries = [{**entry, "error": "x"} for entry in entries]
                barred, unknown = peer.post(f"/v1/leases/{action}", {"leases": entries}).json["results"]
                self.assertEqual((barred["status"], unknown["status"]), (403, 404))
                self.assertIn("worker:w-sms", barred["detail"])
        self.assertEqual(self.task(sms["id"])["status"], "processing")
        done = [{"task_id": one["task_id"], "token": one["token"]} for one in (other, mine)]
        results = peer.post("/v1/leases/complete", {"leases": done}).json["results"]
        self.assertEqual([result["status"] for result in results], [403, 200])
        self.assert_scope_missing(self.having("tasks:read").post("/v1/leases/complete", {}),
                                  "worker:QUEUE")
        everywhere = self.having("worker:*").post("/v1/leases/complete", {"leases": done[:1]})
        self.assertEqual(everywhere.json["results"][0]["status"], 200)


class Agents(TokenCase):
    def agent(self, *scopes):
        body = {"name": "bot", "scopes": list(scopes)}
        return self.call("POST", "/agents", body, expect=201)["id"]

    def key(self, agent, expect=201, **fields):
        return self.call("POST", f"/agents/{agent}/credentials", fields, expect=expect)

    def test_a_credential_acts_for_its_agent(self):
        bot = self.agent("tasks:create", "tasks:read")
        made = self.key(bot, name="laptop")
        self.assertEqual((made["agent_id"], made["name"], made["scopes"]), (bot, "laptop", None))
        peer = self.peer(made["token"])
        body = {"title": "t", "description": "d", "schedule_kind": "cron",
                "schedule_expr": "0 9 * * *", "priority": 5, "created_by": bot,
                "payload": {"pipeline": [{"id": "a", "uses": "test.echo", "with": {}}]}}
        self.assertEqual(peer.post("/tasks", body).status, 201)
        for creator in (self.agent(), NOWHERE, "me"):
            answer = peer.post("/tasks", {**body, "created_by": creator})
            self.assert_problem(answer, 422, "body.created_by")
        self.assert_scope_missing(peer.call("PUT", f"/tasks/{uuid.uuid4()}", {}), "tasks:update")

    def test_it_may_not_do_more_than_its_agent(self):
        bot = self.agent("tasks:read", "worker:*")
        self.assertEqual(self.key(bot, scopes=["worker:mail"])["scopes"], ["worker:mail"])
        self.assert_problem(self.server.post(f"/agents/{bot}/credentials",
                                             {"scopes": ["tasks:read", "tasks:run"]}),
                            422, "body.scopes[1]")
        narrow = self.peer(self.key(bot, scopes=["worker:mail"])["token"])
        self.assert_scope_missing(narrow.get("/v1/tasks"), "tasks:read")

    def test_a_change_of_the_agent_is_felt_at_once(self):
        bot = self.agent("tasks:read", "runs:read")
        peer = self.peer(self.key(bot)["token"])
        other = self.peer(self.key(bot, scopes=["tasks:read"])["token"])
        self.call("PUT", f"/agents/{bot}", {"scopes": ["runs:read"]})
        self.assert_scope_missing(peer.get("/v1/tasks"), "tasks:read")
        self.assert_scope_missing(other.get("/v1/tasks"), "tasks:read")
        self.assertEqual(peer.get("/runs").status, 200)
        self.call("PUT", f"/agents/{bot}", {"scopes": ["tasks:read"]})
        self.assertEqual(other.get("/v1/tasks").status, 200)

    def test_an_agent_that_is_deleted_takes_its_tokens_along(self):
        bot = self.agent("tasks:read")
        made = self.key(bot)
        peer = self.peer(made["token"])
        self.assertEqual(peer.get("/v1/tasks").status, 200)
        self.call("DELETE", f"/agents/{bot}")
        self.assert_closed(peer.get("/v1/tasks"))
        self.call("GET", f"/v1/tokens/{made['id']}", expect=404)
        self.key(bot, expect=404)
        self.call("POST", "/agents", {"name": "again", "id": bot, "scopes": ["admin"]}, expect=201)
        self.assert_closed(peer.get("/v1/tasks"))

    def test_its_tokens_are_listed_and_revoked(self):
        bot, other = self.agent("tasks:read"), self.agent("tasks:read")
        made = self.key(bot)
        listed = self.call("GET", f"/agents/{bot}/credentials")
        self.assertEqual([entry["id"] for entry in listed["items"]], [made["id"]])
        self.assertEqual(self.call("GET", f"/agents/{other}/credentials")["total"], 0)
        self.call("DELETE", f"/agents/{other}/credentials/{made['id']}", expect=404)
        gone = self.call("DELETE", f"/agents/{bot}/credentials/{made['id']}")
        self.assertEqual(gone, {"id": made["id"], "status": "deleted"})
        self.assert_closed(self.peer(made["token"]).get("/v1/tasks"))

    def test_scopes_of_agents_are_words_that_mean_something(self):
        answer = self.server.post("/agents", {"name": "x", "scopes": ["tasks:read", "all"]})
        self.assert_problem(answer, 422, "body.scopes[1]")


class Guessing(TokenCase):
    def test_who_guesses_must_wait_and_others_need_not(self):
        place = self.new_address()
        known = self.peer(self.make("tasks:read")["token"], place)
        self.assertEqual(known.get("/v1/tasks").status, 200)
        guesser = self.peer("wrong", place)
        for number in range(10):
            guesser.token = f"wrong{number}"
            self.assert_closed(guesser.get("/v1/tasks"))
        answer = guesser.get("/v1/tasks")
        self.assertEqual(answer.status, 429, answer)
        self.assertIn(int(answer.headers["retry-after"]), range(1, 61))
        self.assertEqual(known.get("/v1/tasks").status, 200)
        self.assertEqual(self.peer(self.server.token, place).get("/v1/tasks").status, 429)
        self.assertEqual(self.peer(self.server.token).get("/v1/tasks").status, 200)
        self.assertEqual(self.peer(source=place).get("/healthz").status, 200)

    def test_what_is_no_token_is_no_guess(self):
        peer = self.peer()
        basic = base64.b64encode(b"me:secret").decode()
        for _ in range(12):
            self.assert_closed(peer.call("GET", "/v1/tasks",
                                         headers={"Authorization": f"Basic {basic}"}))
            self.assert_closed(peer.get("/v1/tasks"))


class Pages(TokenCase):
    server_settings = {"environment": {"CARILLON_HTTP_HOSTS": "Jobs.example.com",
                                       "CARILLON_HTTP_PUBLIC_URL": "https://carillon.example.com/x",
                                       "CARILLON_HTTP_ALLOWED_ORIGINS": "https://app.example.com"}}

    def ask(self, method="GET", path="/v1/tasks", body=None, **headers):
        return self.server.client.call(method, path, body, headers=headers)

    def test_a_page_that_rebinds_its_name_reaches_nothing(self):
        for path in ("/v1/tasks", "/healthz", "/nothing"):
            answer = self.ask(path=path, Host="evil.example:8080")
            self.assertEqual(answer.status, 403, answer)
            self.assertIn("http.hosts", answer.json["detail"])
        # The host of the target itself is what counts (RFC 9112 3.2.2).
        self.assertEqual(self.ask(path="http://evil.example/v1/tasks").status, 403)
        self.assertEqual(self.ask(path="http://localhost/v1/tasks", Host="evil.example").status, 200)
        for host in ("jobs.example.com", "carillon.example.com:443", "localhost", "[::1]:8080"):
            self.assertEqual(self.ask(Host=host).status, 200, host)

    def test_a_page_of_another_origin_changes_nothing(self):
        body = {"task_type": "page"}
        for origin in ("https://evil.example", "null", "http://app.example.com"):
            answer = self.ask("POST", body=body, Origin=origin)
            self.assertEqual(answer.status, 403, answer)
            self.assertNotIn("access-control-allow-origin", answer.headers)
        own = f"http://127.0.0.1:{self.server.port}"
        for origin in (own, "https://app.example.com", "https://carillon.example.com"):
            self.assertEqual(self.ask("POST", body=body, Origin=origin).status, 201, origin)

    def test_a_listed_origin_is_told_so(self):
        listed = self.ask("OPTIONS", Origin="https://app.example.com",
                          **{"Access-Control-Request-Method": "POST"})
        self.assertEqual(listed.status, 204)
        self.assertEqual(listed.headers["access-control-allow-origin"], "https://app.example.com")
        self.assertIn("POST", listed.headers["access-control-allow-methods"])
        other = self.ask("OPTIONS", Origin="https://evil.example",
                         **{"Access-Control-Request-Method": "POST"})
        self.assertNotIn("access-control-allow-origin", other.headers)

    def test_a_bind_beyond_the_loopback_must_be_meant(self):
        command = [case.binary(), "serve", "--data", f"{self.server.home}/other"]
        for address in ("0.0.0.0:0", "[::]:0"):
            ended = subprocess.run(command + ["--listen", address], capture_output=True,
                                   text=True, timeout=30, check=False)
            self.assertEqual(ended.returncode, 2, ended.stderr)
            self.assertIn("http.insecure_bind = true", ended.stderr)
        self.assertFalse(os.path.exists(f"{self.server.home}/other"))
        meant = subprocess.run([case.binary(), "config", "show", "--listen", "0.0.0.0:0"],
                               env={"CARILLON_HTTP_INSECURE_BIND": "true"}, capture_output=True,
                               text=True, timeout=30, check=False)
        self.assertEqual(meant.returncode, 0, meant.stderr)


if __name__ == "__main__":
    case.main()
