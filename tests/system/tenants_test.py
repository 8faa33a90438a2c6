"""Tenants: what one has is nobody else's business, and nothing keeps another from its own."""

import base64
import concurrent.futures
import hashlib
import hmac
import json
import os
import time
import uuid

import case
from client import Client
from every_route_test import routes_as_written
from receiver import Plan
from tenant_case import ADMIN_OF_OPERATOR, TenantCase, told

EVENT = {"schedule_kind": "event", "on_overlap": "allow"}


class Isolation(TenantCase):
    server_settings = {"environment": {"CARILLON_COMMANDS_ALLOW_API": "true"}}

    def test_neither_lists_reads_triggers_nor_cancels_the_others_tasks(self):
        one, other = self.tenant(), self.tenant()
        mine = one.create(execute_after="PT1H")["id"]
        theirs = other.create(execute_after="PT1H")["id"]
        for who, own, strange in ((one, mine, theirs), (other, theirs, mine)):
            listed = who.call("GET", "/v1/tasks")
            self.assertEqual([task["id"] for task in listed["tasks"]], [own])
            for method, path in (("GET", ""), ("POST", "/trigger"), ("POST", "/cancel"),
                                 ("DELETE", "")):
                who.call(method, f"/v1/tasks/{strange}{path}", expect=404)
        own = self.create(task_type="own", execute_after="PT1H")["id"]
        self.assertNotIn(mine, str(self.call("GET", "/v1/tasks?limit=200")))
        one.call("GET", f"/v1/tasks/{own}", expect=404)
        self.call("GET", f"/v1/tasks/{mine}", expect=404)
        self.assertEqual(one.task(mine)["status"], "scheduled")

    def things_of(self, one):
        """An id of everything that a tenant can have, by how its routes begin."""
        queue = case.unique("q")
        task = one.create(task_type=queue)["id"]
        made = one.call("POST", "/v1/schedules",
                        {"cron": "0 3 * * *", "timezone": "UTC", "name": case.unique("s"),
                         "task_template": {"task_type": queue}}, expect=201)
        batch = one.call("POST", "/v1/batches", {"name": "b", "task_template": {
            "task_type": queue}, "tasks": [{}]}, expect=201)
        group = case.unique("g")
        one.call("POST", "/v1/url-groups", {"name": group, "urls": [self.receiver.url("/g")]},
                 expect=201)
        source = case.unique("src")
        one.call("POST", "/v1/event-sources", {"name": source, "topic": "news"}, expect=201)
        secret = one.call("POST", "/v1/secrets", {"name": case.unique("k")}, expect=201)["id"]
        token = one.call("POST", "/v1/tokens", {"name": "x", "scopes": ["tasks:read"]},
                         expect=201)["id"]
        agent = one.call("POST", "/agents", {"name": "bot", "scopes": ["tasks:read"]},
                         expect=201)["id"]
        bulk = one.call("POST", "/v1/tasks/bulk", {"action": "cancel",
                                                   "filter": {"task_type": "nothing"}},
                        expect=202)["id"]
        event = one.call("POST", "/v1/events", {"topic": "news", "id": case.unique("e")},
                         expect=202)["event_id"]
        return {"/v1/tasks/bulk/": bulk, "/v1/tasks/": task, "/tasks/": task, "/runs/": task,
                "/v1/schedules/": made["id"], "/v1/batches/": batch.get("batch_id")
                or batch["id"], "/v1/url-groups/": group, "/v1/event-sources/": source,
                "/v1/secrets/": secret, "/v1/tokens/": token, "/agents/": agent,
                "/v1/events/": event, "/v1/queues/": queue, "/v1/hosts/": f"127.0.0.1:{self.receiver.port}",
                "/api/": made["id"]}

    def test_every_route_tells_of_anothers_id_what_it_tells_of_none(self):
        one, other = self.tenant(), self.tenant()
        things = self.things_of(one)
        kinds = sorted(things, key=len, reverse=True)
        tried = 0
        for method, pattern, policy in routes_as_written():
            kind = next((each for each in kinds if pattern.startswith(each)), None)
            if "{" not in pattern or kind is None or "of the operator" in policy:
                continue
            strange = things[kind]
            # As long and of the same form, so that only who has it can make a difference.
            if "-" in strange and len(strange) > 30:
                unknown = strange[:-12] + uuid.uuid4().hex[:12]
            else:
                unknown = strange[:-3] + "zzz"
            answers = [other.client.call(method, self.filled(pattern, each), {})
                       for each in (strange, unknown)]
            self.assertEqual(told(answers[0], strange), told(answers[1], unknown),
                             f"{method} {pattern}")
            tried += 1
        self.assertGreater(tried, 50)
        self.assertEqual(one.task(things["/v1/tasks/"])["status"], "queued")
        one.call("GET", f"/v1/schedules/{things['/v1/schedules/']}")
        one.call("GET", f"/v1/url-groups/{things['/v1/url-groups/']}")
        one.call("GET", f"/v1/tokens/{things['/v1/tokens/']}")
        one.call("GET", f"/agents/{things['/agents/']}")

    @staticmethod
    def filled(pattern, with_id):
        head, *rest = pattern.split("{")
        return head + "".join(with_id + part.split("}", 1)[1] for part in rest)

    def test_the_same_names_in_two_tenants_do_not_meet(self):
        pair = [self.tenant(), self.tenant()]
        for one in pair:
            one.create(task_type="mail", unique_id="invoice-1", payload=one.name)
            one.call("POST", "/v1/schedules", {**EVENT, "name": "on-news", "schedule_expr": "news",
                                               "task_template": {"task_type": "told"}},
                     expect=201)
        pair[0].call("POST", "/v1/events", {"topic": "news", "id": "e1"}, expect=202)
        totals = [one.call("GET", "/v1/tasks?task_type=told")["total"] for one in pair]
        self.assertEqual(totals, [1, 0])
        pair[1].call("POST", "/v1/events", {"topic": "news", "id": "e1"}, expect=202)
        for one in pair:
            leased = one.lease("mail")
            self.assertEqual([each["payload"] for each in leased], [one.name])

    def test_what_is_the_whole_servers_is_the_operators(self):
        one = self.tenant()
        for method, path in (("GET", "/metrics"), ("POST", "/v1/backup"), ("POST", "/api/reload"),
                             ("POST", "/v1/clock/advance"), ("GET", "/v1/tenants"),
                             ("POST", "/v1/tenants"), ("GET", f"/v1/tenants/{one.name}"),
                             ("DELETE", f"/v1/tenants/{one.name}?confirm={one.name}")):
            refused = one.call(method, path, {}, expect=403)
            self.assertEqual(refused["detail"], ADMIN_OF_OPERATOR)
        one.call("GET", "/v1/clock")

    def test_tokens_and_agents_work_inside_a_tenant(self):
        one, other = self.tenant(), self.tenant()
        reader = self.peer(one.call("POST", "/v1/tokens", {
            "name": "r", "scopes": ["tasks:read"]}, expect=201)["token"])
        made = one.create(execute_after="PT1H")["id"]
        self.assertEqual(reader.get(f"/v1/tasks/{made}").status, 200)
        self.assert_scope_missing(reader.post(f"/v1/tasks/{made}/cancel"), "tasks:run")
        self.assertEqual(other.call("GET", "/v1/tokens")["total"], 1)
        more = self.call("POST", f"/v1/tenants/{one.name}/tokens", expect=201)
        self.assertEqual(self.peer(more["token"]).get("/v1/tokens").status, 200)

    def test_commands_are_the_operators(self):
        def refused(call):
            agent = call("POST", "/agents", {"name": "a", "scopes": ["tasks:create"]},
                         expect=201)["id"]
            return lambda expect: str(call("POST", "/tasks", {
                "title": "t", "description": "d", "schedule_kind": "manual", "schedule_expr": "",
                "created_by": agent, "payload": {"pipeline": [
                    {"id": "a", "uses": "command.run", "with": {"run": "true"}}]}}, expect=expect))
        refused(self.call)(201)
        self.assertIn("is not allowed on this server", refused(self.tenant().call)(422))


class Paths(TenantCase):
    def test_a_callback_finds_its_tenant_by_its_path(self):
        one, other = self.tenant(), self.tenant()
        self.receiver.on("/later", Plan(status=202, headers={"Carillon-Async": "true"}))
        made = one.create(target=self.receiver.url("/later"))["id"]
        call = self.receiver.wait_for(1, "/later")[0]
        base = f"http://127.0.0.1:{self.server.port}"
        path = call.headers["carillon-callback"].removeprefix(base)
        self.assertTrue(path.startswith(f"/t/{one.name}/v1/callbacks/"), path)
        case.wait_until(lambda: one.task(made).get("callback_expires_at"), "it is taken over")
        nobody = self.peer()
        for wrong in (path.replace(f"/t/{one.name}", f"/t/{other.name}"),
                      path.replace(f"/t/{one.name}", "")):
            self.assertEqual(nobody.post(wrong, {"status": "completed"}).status, 404)
        self.assertEqual(nobody.post(path, {"status": "completed"}).status, 200)
        self.assertEqual(one.task(made)["status"], "completed")

    def test_a_source_of_events_finds_its_tenant_by_its_path(self):
        one, other = self.tenant(), self.tenant()
        source = one.call("POST", "/v1/event-sources", {"name": "shop", "topic": "orders"},
                          expect=201)
        self.assertEqual(source["path"], f"/t/{one.name}/v1/events/in/shop")
        at, body = str(int(self.server.now())), b"{}"
        key = base64.b64decode(source["secret"].removeprefix("whsec_"))
        mark = base64.b64encode(hmac.new(key, f"m1.{at}.".encode() + body,
                                         hashlib.sha256).digest()).decode()
        headers = {"webhook-id": "m1", "webhook-timestamp": at, "webhook-signature": f"v1,{mark}"}
        nobody = self.peer()
        for wrong in (f"/t/{other.name}/v1/events/in/shop", "/v1/events/in/shop"):
            self.assertEqual(nobody.post(wrong, body, headers=headers).status, 404)
        self.assertEqual(nobody.post(source["path"], body, headers=headers).status, 202)
        self.assertEqual(one.call("GET", "/v1/events")["events"][0]["topic"], "orders")

    def test_a_path_of_another_tenant_is_no_path(self):
        one, other = self.tenant(), self.tenant()
        one.call("GET", f"/t/{one.name}/v1/tasks")
        strange = one.client.get(f"/t/{other.name}/v1/tasks")
        unknown = one.client.get("/t/nobody-at-all/v1/tasks")
        self.assertEqual(told(strange, other.name), told(unknown, "nobody-at-all"))
        self.assertEqual(strange.status, 404)
        self.assertEqual(self.server.get(f"/t/{one.name}/v1/tasks").status, 404)
        self.assert_closed(self.peer().get(f"/t/{one.name}/v1/tasks"))


class Quotas(TenantCase):
    def test_requests_a_second(self):
        one = self.tenant(quotas={"requests_per_second": 1, "burst": 5})
        other = self.tenant()
        answers = [one.client.get("/v1/clock") for _ in range(12)]
        refused = [answer for answer in answers if answer.status == 429]
        self.assertGreaterEqual(len(refused), 5)
        first = answers[0]
        self.assertEqual(first.headers["ratelimit-policy"], '"requests";q=5;w=5')
        self.assertTrue(first.headers["ratelimit"].startswith('"requests";r=4;t='))
        self.assert_problem(refused[0], 429)
        self.assertGreaterEqual(int(refused[0].headers["retry-after"]), 1)
        self.assertNotIn("ratelimit", other.client.get("/v1/clock").headers)
        usage = self.shown(one)["usage"]
        self.assertEqual(usage["requests_served"] + usage["requests_refused"], 12)
        self.call("PATCH", f"/v1/tenants/{one.name}", {"quotas": {"requests_per_second": None}})
        self.assertEqual({one.client.get("/v1/clock").status for _ in range(20)}, {200})

    def test_open_tasks(self):
        one = self.tenant(quotas={"open_tasks": 3})
        for _ in range(3):
            one.create(task_type="q")
        refused = one.client.post("/v1/tasks", {"task_type": "q"})
        self.assert_problem(refused, 429)
        self.assertGreaterEqual(int(refused.headers["retry-after"]), 1)
        line = one.client.call("POST", "/v1/tasks", b'{"task_type":"q"}\n',
                               headers={"Content-Type": "application/x-ndjson"})
        self.assertEqual(json.loads(line.body.splitlines()[0])["status"], 429, line)
        listed = one.call("GET", "/v1/tasks")["tasks"]
        one.call("POST", f"/v1/tasks/{listed[0]['id']}/cancel")
        one.create(task_type="q")
        one.call("POST", "/v1/tasks", {"task_type": "q"}, expect=429)
        self.assertEqual(self.shown(one)["usage"]["open_tasks"], 3)
        self.assertGreaterEqual(self.shown(one)["usage"]["requests_refused"], 2)
        self.call("PATCH", f"/v1/tenants/{one.name}", {"quotas": {"open_tasks": 4}})
        one.create(task_type="q")

    def test_schedules(self):
        one = self.tenant(quotas={"schedules": 1, "open_tasks": 2})
        wanted = {**EVENT, "schedule_expr": "x", "task_template": {"task_type": "q"}}
        made = one.call("POST", "/v1/schedules", wanted, expect=201)["id"]
        one.call("POST", "/v1/schedules", wanted, expect=429)
        for _ in range(2):
            one.create(task_type="q")
        one.call("POST", f"/v1/schedules/{made}/run", expect=429)
        one.call("DELETE", f"/v1/schedules/{made}")
        one.call("POST", "/v1/schedules", wanted, expect=201)

    def test_requests_at_once(self):
        one = self.tenant(quotas={"requests_at_once": 2})
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            waits = [pool.submit(lambda at: self.peer(one.token).post(
                "/v1/queues/empty/lease", {"max": 1, "wait": "PT5S", "lease": "PT30S",
                                           "worker": str(at)}), at) for at in range(2)]
            case.wait_until(lambda: self.shown(one)["usage"]["requests_at_once"] == 2, "both wait")
            refused = one.client.get("/v1/tasks")
            self.assert_problem(refused, 429)
            for _ in range(2):  # each wait ends with a task of its own
                self.call("PATCH", f"/v1/tenants/{one.name}", {"quotas": {"requests_at_once": 3}})
                one.create(task_type="empty")
            self.assertEqual([wait.result().status for wait in waits], [200, 200])

    def test_quotas_are_kept_and_shown(self):
        one = self.tenant(title="Acme & Co.", quotas={"burst": 7})
        shown = self.shown(one)
        self.assertEqual(shown["title"], "Acme & Co.")
        self.assertEqual(shown["quotas"], {"requests_per_second": 0, "burst": 7,
                                           "requests_at_once": 1000, "open_tasks": 0,
                                           "schedules": 0})
        changed = self.call("PATCH", f"/v1/tenants/{one.name}", {"title": None})
        self.assertEqual((changed["title"], changed["quotas"]["burst"]), (None, 7))
        self.assertIn(changed["name"], [each["name"] for each in
                                        self.call("GET", "/v1/tenants")["tenants"]])

    def test_what_is_wrong_is_refused(self):
        for body, where in (({}, "body.name"), ({"name": "Up"}, "body.name"),
                            ({"name": "../x"}, "body.name"), ({"name": "x", "size": 1},
                                                              "body.size"),
                            ({"name": "x", "quotas": {"burst": -1}}, "body.quotas.burst"),
                            ({"name": "x", "quotas": {"cpu": 1}}, "body.quotas.cpu")):
            self.assert_problem(self.server.post("/v1/tenants", body), 422, where)
        one = self.tenant()
        self.call("POST", "/v1/tenants", {"name": one.name}, expect=409)
        self.call("GET", "/v1/tenants/nobody", expect=404)

    def test_figures(self):
        one = self.tenant()
        one.create(execute_after="PT1H")
        text = self.server.get("/metrics").body.decode()
        self.assertIn(f'carillon_tenant_open_tasks{{tenant="{one.name}"}} 1\n', text)
        self.assertIn(f'carillon_tenant_requests_total{{tenant="{one.name}"}} 1\n', text)
        self.assertIn(f'carillon_tenant_up{{tenant="{one.name}"}} 1\n', text)


class Lives(TenantCase):
    def test_all_is_there_after_a_kill(self):
        one, other = self.tenant(quotas={"open_tasks": 5}), self.tenant()
        made = one.create(execute_after="PT1H")["id"]
        theirs = other.create(execute_after="PT2H")["id"]
        self.server.restart()
        for tenant, task in ((one, made), (other, theirs)):
            self.assertEqual(self.peer(tenant.token).get(f"/v1/tasks/{task}").status, 200)
        self.assertEqual(self.shown(one)["quotas"]["open_tasks"], 5)
        self.assertEqual(self.shown(one)["usage"]["open_tasks"], 1)
        self.assertEqual(self.server.restart(hard=False).alive, True)
        self.assertEqual(self.peer(one.token).get(f"/v1/tasks/{made}").status, 200)

    def test_the_manual_clock_is_everybodys(self):
        one = self.tenant()
        made = one.create(task_type="later", execute_after="PT1H")["id"]
        self.server.advance(by="PT59M")
        self.assertEqual(one.task(made)["status"], "scheduled")
        self.server.advance(by="PT1M")
        self.assertEqual(one.task(made)["status"], "queued")
        late = self.tenant()
        self.assertEqual(late.call("GET", "/v1/clock"), self.call("GET", "/v1/clock"))
        self.server.restart()
        self.assertEqual(self.peer(one.token).get("/v1/clock").json,
                         self.call("GET", "/v1/clock"))

    def test_removal_needs_the_name_twice(self):
        one = self.tenant()
        for query in ("", "?confirm=", "?confirm=other", f"?confirm={one.name}x"):
            answer = self.server.client.call("DELETE", f"/v1/tenants/{one.name}{query}")
            self.assert_problem(answer, 422, "query.confirm")
        one.call("GET", "/v1/tasks")

    def test_a_busy_tenant_is_removed_with_all_it_has(self):
        one, other = self.tenant(), self.tenant()
        kept = other.create(execute_after="PT1H")["id"]
        self.receiver.on("/slow", Plan(hold=True))
        one.create(target=self.receiver.url("/slow"))
        self.receiver.wait_for(1, "/slow")
        folder = os.path.join(self.server.data, "tenants", one.name)
        self.assertTrue(os.path.isdir(folder))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            lease = pool.submit(lambda: self.peer(one.token).post(
                "/v1/queues/none/lease", {"max": 1, "wait": "PT50S", "lease": "PT30S",
                                          "worker": "w"}))
            watch = pool.submit(lambda: self.watch(one))
            case.wait_until(lambda: self.shown(one)["usage"]["requests_at_once"] >= 2, "both wait")
            self.assertEqual(self.remove(one)["status"], "removing")
            self.assert_closed(one.client.get("/v1/tasks"))
            self.wait_removed(one.name)
            self.assertEqual(lease.result().status, 503)
            self.assertTrue(watch.result())
        self.receiver.release()
        self.assertFalse(os.path.exists(folder))
        self.assertEqual(other.task(kept)["status"], "scheduled")
        again = self.tenant(one.name)
        self.assertEqual(again.call("GET", "/v1/tasks")["total"], 0)
        self.assert_closed(self.peer(one.token).get("/v1/tasks"))

    def watch(self, one):
        """Whether a stream of events ended by the server's will."""
        client = self.peer(one.token)
        try:
            client.get("/api/runs/stream")
        except ConnectionError:
            return True
        return True

    def test_a_removal_that_a_kill_cut_short_is_ended_by_the_next_start(self):
        one = self.tenant()
        self.receiver.on("/slow", Plan(hold=True))
        one.create(target=self.receiver.url("/slow"))
        self.receiver.wait_for(1, "/slow")
        self.remove(one)  # waits for the call
        self.server.restart()
        self.call("GET", f"/v1/tenants/{one.name}", expect=404)
        self.assertFalse(os.path.exists(os.path.join(self.server.data, "tenants", one.name)))

    def test_a_making_that_a_kill_cut_short_leaves_all_or_nothing(self):
        for round_number in range(4):
            name = case.unique("cut")[:30]
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                def make(name=name):
                    try:
                        return Client(self.server.port, self.server.token).post(
                            "/v1/tenants", {"name": name})
                    except ConnectionError:
                        return None
                made = pool.submit(make)
                time.sleep(0.02 * round_number)
                self.server.kill()
                answer = made.result()
            self.server.start()
            found = self.server.get(f"/v1/tenants/{name}")
            if answer is not None:
                self.assertEqual(found.status, 200)
                token = answer.json["admin_token"]["token"]
                self.assertEqual(self.peer(token).get("/v1/tasks").status, 200)
            if found.status == 404:
                self.assertFalse(os.path.exists(os.path.join(self.server.data, "tenants", name)))
            else:
                self.assertEqual(found.json["status"], "open")


class Trouble(TenantCase):
    server_settings = {"environment": {"CARILLON_TENANTS_MAX": "2"}}

    def test_a_broken_store_keeps_nobody_else_from_being_served(self):
        one, other = self.tenant("broken"), self.tenant("sound")
        self.call("POST", "/v1/tenants", {"name": "third"}, expect=409)
        kept = other.create(execute_after="PT1H")["id"]
        folder = os.path.join(self.server.data, "tenants", "broken")
        self.server.kill()
        os.rename(folder, folder + ".away")
        self.server.start()
        self.assertEqual(self.server.get("/readyz").json["tenants_in_trouble"], 1)
        shown = self.shown(one)
        self.assertEqual(shown["status"], "in_trouble")
        self.assertIn("is not there", shown["trouble"])
        self.assertIn("a tenant is not served", self.server.log())
        self.assertEqual(self.peer(other.token).get(f"/v1/tasks/{kept}").status, 200)
        self.assert_closed(self.peer(one.token).get("/v1/tasks"))
        self.assertEqual(self.peer().post(f"/t/{one.name}/v1/events/in/x", {}).status, 503)
        self.server.kill()
        os.rename(folder + ".away", folder)
        self.server.start()
        self.assertEqual(self.peer(one.token).get("/v1/tasks").status, 200)


if __name__ == "__main__":
    case.main()
