"""Groups of addresses: one task, delivered to each of them."""

import json

import case
from case import NO_RETRIES
from receiver import Plan

FAST = {"max_retries": 1, "backoff": "fixed", "delay": "10ms"}


class GroupCase(case.ServerCase):
    def group(self, *paths, name=None):
        """The name of a new group of these paths of the receiver."""
        name = name or case.unique("g")
        self.call("POST", "/v1/url-groups",
                  {"name": name, "urls": [self.receiver.url(path) for path in paths]}, expect=201)
        return name

    def notices(self):
        """What /notices was told: {type: data}."""
        told = [json.loads(made.body) for made in self.receiver.calls("/notices")]
        return {each["type"]: each["data"] for each in told}

    def wait_notice(self, kind):
        return case.wait_until(lambda: self.notices().get(kind), kind)


class Groups(GroupCase):
    def test_a_group_is_made_read_changed_and_removed(self):
        name = self.group("/a", "/b")
        path = f"/v1/url-groups/{name}"
        made = self.call("GET", path)
        self.assertEqual((made["name"], made["urls"]),
                         (name, [self.receiver.url("/a"), self.receiver.url("/b")]))
        self.assertTrue(made["created_at"])
        changed = self.call("PUT", path, {"urls": [self.receiver.url("/c")]})
        self.assertEqual(changed["urls"], [self.receiver.url("/c")])
        self.assertEqual(changed["created_at"], made["created_at"])
        self.server.restart()
        self.assertEqual(self.call("GET", path), changed)
        listed = self.call("GET", "/v1/url-groups")
        self.assertIn(changed, listed["url_groups"])
        self.assertEqual(listed["total"], len(listed["url_groups"]))
        self.assertEqual(self.call("DELETE", path), {"name": name, "status": "deleted"})
        for method, body in (("GET", None), ("PUT", {"urls": [self.receiver.url()]}),
                             ("DELETE", None)):
            self.assert_problem(self.server.client.call(method, path, body), 404)

    def test_what_is_wrong_is_refused(self):
        good = self.receiver.url()
        for body, location in (
                ({"urls": [good]}, "body.name"), ({"name": "", "urls": [good]}, "body.name"),
                ({"name": "a/b", "urls": [good]}, "body.name"),
                ({"name": "a\n", "urls": [good]}, "body.name"),
                ({"name": "x" * 101, "urls": [good]}, "body.name"),
                ({"name": "a"}, "body.urls"), ({"name": "a", "urls": []}, "body.urls"),
                ({"name": "a", "urls": [good, good]}, "body.urls"),
                ({"name": "a", "urls": ["group:b"]}, "body.urls"),
                ({"name": "a", "urls": ["ftp://x"]}, "body.urls"),
                ({"name": "a", "urls": ["http://10.0.0.1/"]}, "body.urls"),
                ({"name": "a", "urls": [f"{good}{n}" for n in range(1001)]}, "body.urls"),
                ({"name": "a", "urls": [good], "colour": 1}, "body.colour")):
            with self.subTest(body=str(body)[:80]):
                self.assert_problem(self.server.post("/v1/url-groups", body), 422, location)
        name = self.group("/a")
        self.assert_problem(self.server.post("/v1/url-groups", {"name": name, "urls": [good]}), 409)
        for target in ("group:", "event:", "group:a\n", "group:" + "x" * 201):
            self.assert_problem(self.server.post("/v1/tasks", {"target": target}), 422,
                                "body.target")


class Deliveries(GroupCase):
    def test_three_addresses_of_which_one_fails_for_good(self):  # AC-137
        self.receiver.on("/fail", Plan(500))
        name = self.group("/1", "/2", "/fail")
        task = self.create(target=f"group:{name}", payload={"k": 1},
                           notifications=self.receiver.url("/notices"))
        done = self.wait_status(task["id"], *case.ENDED)
        self.assertEqual((done["status"], done["reason"]), ("failed", "error"))
        for path in ("/1", "/2", "/fail"):
            self.assertEqual([json.loads(made.body) for made in self.receiver.calls(path)],
                             [{"k": 1}])
        self.assertEqual({part["name"]: part["status"] for part in done["components"]},
                         {self.receiver.url("/1"): "completed",
                          self.receiver.url("/2"): "completed",
                          self.receiver.url("/fail"): "failed"})
        counts = self.wait_notice("group.partial_completion")["counts"]
        self.assertEqual(counts, {"total": 3, "completed": 2, "failed": 1, "open": 0})
        first = self.wait_notice("group.first_failed")["counts"]
        self.assertEqual((first["total"], first["failed"]), (3, 1))
        self.assertEqual(done["result"], {"total": 3, "completed": 2, "failed": 1})

    def test_all_good_and_all_bad(self):
        self.receiver.on("/fail", Plan(500))
        for paths, status, kind in ((("/1", "/2"), "completed", "group.all_completed"),
                                    (("/fail",), "failed", "group.all_failed")):
            task = self.create(target=f"group:{self.group(*paths)}",
                               notifications=self.receiver.url("/notices"))
            self.wait_status(task["id"], status)
            self.assertEqual(self.wait_notice(kind)["counts"]["total"], len(paths))

    def test_each_address_has_the_retries_and_headers_to_itself(self):
        self.receiver.on("/flaky", Plan(500), Plan())
        name = self.group("/good", "/flaky")
        task = self.create(target={"url": f"group:{name}", "method": "PUT",
                                   "headers": {"X-Mine": "1"}}, retry=FAST)
        done = self.wait_status(task["id"], "completed")
        self.assertEqual(len(done["attempts"]), 1)
        self.assertEqual([made.attempt for made in self.receiver.calls("/flaky")], [1, 2])
        self.assertEqual(len(self.receiver.calls("/good")), 1)
        self.assertEqual({made.headers["x-mine"] for path in ("/good", "/flaky")
                          for made in self.receiver.calls(path)}, {"1"})

    def test_a_kill_repeats_only_what_was_under_way(self):
        self.receiver.on("/held", Plan(hold=True), Plan())
        task = self.create(target=f"group:{self.group('/fast', '/held')}")
        self.receiver.wait_for(1, "/held")
        case.wait_until(lambda: self.task(task["id"])["components"][0]["status"] == "completed",
                        "the other is delivered")
        self.server.restart()
        self.wait_status(task["id"], "completed")
        self.assertEqual((len(self.receiver.calls("/fast")), len(self.receiver.calls("/held"))),
                         (1, 2))

    def test_a_retry_by_hand_calls_only_those_that_failed(self):
        self.receiver.on("/flaky", Plan(500), Plan())
        task = self.create(target=f"group:{self.group('/good', '/flaky')}")
        self.wait_status(task["id"], "failed")
        self.act(task["id"], "retry")
        self.wait_status(task["id"], "completed")
        self.assertEqual((len(self.receiver.calls("/good")), len(self.receiver.calls("/flaky"))),
                         (1, 2))

    def test_a_cancel_stops_the_calls(self):
        self.receiver.on("/held", Plan(hold=True))
        task = self.create(target=f"group:{self.group('/held', '/fast')}")
        self.receiver.wait_for(1, "/held")
        self.act(task["id"], "cancel")
        self.wait_status(task["id"], "canceled")

    def test_a_group_is_what_it_is_when_the_task_is_due(self):
        name = self.group("/old")
        task = self.create(target=f"group:{name}", execute_after=case.from_now(3600))
        self.call("PUT", f"/v1/url-groups/{name}", {"urls": [self.receiver.url("/new")]})
        self.act(task["id"], "trigger")
        self.wait_status(task["id"], "completed")
        self.assertEqual([made.path for made in self.receiver.calls()], ["/new"])
        self.call("DELETE", f"/v1/url-groups/{name}")
        gone = self.wait_status(self.create(target=f"group:{name}")["id"], *case.ENDED)
        self.assertEqual(gone["status"], "failed")
        self.assertIn(name, gone["attempts"][0]["error"])

    def test_a_schedule_delivers_to_a_group(self):
        name = self.group("/1", "/2")
        made = self.call("POST", "/v1/schedules",
                         {"cron": "0 8 * * *", "timezone": "UTC",
                          "task_template": {"target": f"group:{name}", "retry": NO_RETRIES}},
                         expect=201)
        self.call("POST", f"/v1/schedules/{made['id']}/run", expect=201)
        self.receiver.wait_for(1, "/1")
        self.receiver.wait_for(1, "/2")

    def test_a_task_may_publish_an_event(self):
        topic = case.unique("topic")
        task = self.create(target=f"event:{topic}", payload={"n": 1})
        done = self.wait_status(task["id"], "completed")
        self.assertEqual(done["result"]["triggered"], [])


if __name__ == "__main__":
    case.main()
