"""Filters and cursors of lists, and what they cost: tasks by anything that is known of them."""

import case
from token_case import TokenCase


class Finding(TokenCase):
    """The clock stands at the hour at which it was left by the test before."""

    def setUp(self):
        self.kind = case.unique("kind")

    def add(self, **fields):
        return self.create(**{"task_type": self.kind, "execute_after": "PT1H", **fields})["id"]

    def listed(self, query, path="/v1/tasks", what="tasks"):
        """The ids of all that match; the total is right, with and without it."""
        page = self.call("GET", f"{path}?task_type={self.kind}&limit=200&{query}")
        self.assertEqual(page["total"], len(page[what]), query)
        bare = self.call("GET", f"{path}?task_type={self.kind}&limit=200&total=false&{query}")
        self.assertIsNone(bare["total"])
        self.assertEqual(bare[what], page[what], query)
        return [item["id"] for item in page[what]]


class Tasks(Finding):
    def failed(self):
        """The id of a task that a worker could not do."""
        task = self.add(execute_after="PT0S")
        lease = self.lease(self.kind, wait="PT2S")[0]
        self.settle("fail", {"task_id": lease["task_id"], "token": lease["token"],
                             "error": "no", "retryable": False})
        self.wait_status(task, "failed")
        return task

    def test_several_values_of_a_filter_are_any_of_them(self):
        red = self.add(tags=["red"])
        both = self.add(tags=["red", "big"])
        none = self.add()
        self.act(none, "cancel")
        self.assertEqual(self.listed("tag=red&tag=big"), [both, red])
        self.assertEqual(self.listed("tag=big"), [both])
        self.assertEqual(self.listed("status=canceled&status=scheduled"), [none, both, red])
        self.assertEqual(self.listed("status=canceled,scheduled&tag=red"), [both, red])
        other = case.unique("kind")
        far = self.add(task_type=other)
        self.assertEqual(self.listed(f"task_type={other}"), [far, none, both, red])
        self.assertEqual(self.listed("task_type=nobody"), [none, both, red])

    def test_tasks_are_found_by_why_and_when_they_ended(self):
        canceled = self.add()
        self.act(canceled, "cancel")
        self.server.advance(by="PT10M")
        failed = self.failed()
        self.assertEqual(self.listed("reason=error"), [failed])
        self.assertEqual(self.listed("reason=canceled,error"), [failed, canceled])
        self.assertEqual(self.listed("reason=success"), [])
        ended = self.task(canceled)["finished_at"]
        self.assertEqual(self.listed(f"finished_from={ended}"), [failed, canceled])
        self.assertEqual(self.listed(f"finished_to={ended}"), [])
        then = self.task(failed)["finished_at"]
        self.assertEqual(self.listed(f"finished_from={ended}&finished_to={then}"), [canceled])

    def test_a_retried_task_has_no_reason_any_more(self):
        task = self.failed()
        self.assertEqual(self.listed("reason=error"), [task])
        self.act(task, "retry")
        self.assertEqual(self.listed("reason=error"), [])
        self.assertEqual(self.total(f"&task_type={self.kind}&status=queued,scheduled"), 1)

    def test_tasks_are_found_by_when_they_were_made(self):
        made = []
        for _ in range(3):
            self.server.advance(by="PT2H")
            made.append(self.add(execute_after="P1D"))
        moments = [self.task(task)["created_at"] for task in made]
        self.assertEqual(self.listed(f"created_from={moments[1]}"), [made[2], made[1]])
        self.assertEqual(self.listed(f"created_to={moments[1]}"), [made[0]])
        both = f"created_from={moments[0]}&created_to={moments[2]}"
        self.assertEqual(self.listed(both), [made[1], made[0]])
        # The whole store, whatever other tests made in that time: nothing.
        self.assertEqual(self.total(f"&created_from={moments[0]}&created_to={moments[2]}"), 2)
        self.assertEqual(self.total(f"&status=scheduled&created_from={moments[0]}"), 3)

    def test_a_place_in_the_payload_narrows(self):
        first = self.add(payload={"customer": {"id": 42, "name": "Ada"}, "items": [{"sku": "A7"}]})
        second = self.add(payload={"customer": {"id": "42", "big": 12345678901234567890}})
        self.assertEqual(self.listed("payload.customer.id=42"), [first])
        self.assertEqual(self.listed("payload.customer.id=%2242%22"), [second])
        self.assertEqual(self.listed("payload.customer.name=Ada"), [first])
        self.assertEqual(self.listed("payload.customer.id=42&payload.customer.id=%2242%22"),
                         [second, first])
        self.assertEqual(self.listed("payload.customer.id=42&payload.items.0.sku=A7"), [first])
        self.assertEqual(self.listed("payload.customer.big=12345678901234567890"), [second])
        self.assertEqual(self.listed("payload.customer.big=12345678901234567891"), [])
        answer = self.server.get("/v1/tasks?payload.customer=%5B1%5D")
        self.assert_problem(answer, 422, "query.payload.customer")

    def test_tasks_are_found_by_who_asked_for_them(self):
        mine = self.add()
        token = self.make_token()
        client = self.peer(token["token"])
        theirs = client.post("/v1/tasks", {"task_type": self.kind, "execute_after": "PT1H"}).json
        self.assertEqual(theirs["created_by"], token["id"])
        self.assertIsNone(self.task(mine)["created_by"])
        self.assertEqual(self.listed(f"created_by={token['id']}"), [theirs["id"]])
        self.assertEqual(self.total(f"&created_by={token['id']}"), 1)

    def make_token(self):
        body = {"name": "finder", "scopes": ["tasks:create", "tasks:read"]}
        return self.call("POST", "/v1/tokens", body, expect=201)

    def test_children_are_found_by_their_batch(self):
        body = {"tasks": [{"task_type": self.kind, "execute_after": "PT1H"}] * 3}
        batch = self.call("POST", "/v1/batches", body, expect=201)
        self.add()
        self.assertEqual(len(self.listed(f"batch_id={batch['id']}")), 3)
        self.assertEqual(self.total(f"&batch_id={batch['id']}"), 3)

    def test_what_is_unknown_is_refused(self):
        for query in ("status=asleep", "reason=boredom", "schedule_id=x", "batch_id=x",
                      "created_from=soon", "finished_to=x", "total=maybe", "tag="):
            with self.subTest(query):
                answer = self.server.get(f"/v1/tasks?{query}")
                self.assert_problem(answer, 422, f"query.{query.split('=')[0]}")

    def test_bulk_takes_the_same_filters(self):
        self.add(payload={"n": 1})
        wanted = [self.add(payload={"n": 2}, tags=["red"]), self.add(payload={"n": 3})]
        body = {"action": "cancel", "dry_run": True,
                "filter": {"task_type": [self.kind], "payload": {"n": [2, 3]}}}
        self.assertEqual(self.call("POST", "/v1/tasks/bulk", body)["total"], 2)
        del body["dry_run"]
        job = self.call("POST", "/v1/tasks/bulk", body, expect=202)
        self.assertEqual(job["filter"]["payload"], {"n": [2, 3]})
        for task in wanted:
            self.wait_status(task, "canceled")
        self.assertEqual(self.listed("status=scheduled&payload.n=1"),
                         self.listed("status=scheduled"))


class Cursors(Finding):
    def page(self, query, expect=200, client=None):
        answer = (client or self.server.client).call("GET", f"/v1/tasks?{query}")
        self.assertEqual(answer.status, expect, answer)
        return answer

    def test_a_cursor_is_good_for_its_own_question_alone(self):
        for _ in range(3):
            self.add(tags=["red"])
        query = f"task_type={self.kind}&tag=red"
        cursor = self.page(f"{query}&limit=1").json["next_cursor"]
        for good in (f"{query}&limit=2", f"tag=red&task_type={self.kind}", f"{query}&total=false"):
            self.page(f"{good}&cursor={cursor}")
        changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
        first = ("A" if cursor[0] != "A" else "B") + cursor[1:]
        for wrong in (f"task_type={self.kind}&cursor={cursor}",
                      f"{query}&status=scheduled&cursor={cursor}",
                      f"{query}&cursor={changed}", f"{query}&cursor={first}",
                      f"{query}&cursor={cursor}A", f"{query}&cursor=x"):
            with self.subTest(wrong):
                self.assert_problem(self.page(wrong, 422), 422, "query.cursor")

    def test_a_cursor_is_good_for_whoever_got_it(self):
        for _ in range(2):
            self.add()
        reader = self.having("tasks:read")
        query = f"task_type={self.kind}&limit=1"
        cursor = self.page(query).json["next_cursor"]
        self.assert_problem(self.page(f"{query}&cursor={cursor}", 422, reader), 422, "query.cursor")
        theirs = self.page(query, client=reader).json["next_cursor"]
        self.page(f"{query}&cursor={theirs}", client=reader)

    def test_a_cursor_outlives_a_restart(self):
        for _ in range(2):
            self.add()
        query = f"task_type={self.kind}&limit=1"
        page = self.page(query).json
        self.server.kill()
        self.server.start()
        rest = self.page(f"{query}&cursor={page['next_cursor']}").json
        self.assertNotEqual(rest["tasks"][0]["id"], page["tasks"][0]["id"])


class Schedules(Finding):
    def plan(self, **fields):
        template = {"task_type": self.kind, **fields.pop("work", {})}
        when = {} if "schedule_kind" in fields else {"cron": "0 8 * * *"}
        body = {**when, "timezone": "UTC", "task_template": template, **fields}
        return self.call("POST", "/v1/schedules", body, expect=201)["id"]

    def listed(self, query, **options):
        return super().listed(query, path="/v1/schedules", what="schedules", **options)

    def test_schedules_are_found_by_what_they_are(self):
        cron = self.plan(name="Backup of Ada", work={"tags": ["night"], "payload": {"n": 1}})
        self.server.advance(by="PT1H")
        hand = self.plan(schedule_kind="manual", work={"payload": {"n": 2}})
        self.assertEqual(self.listed("schedule_kind=cron"), [cron])
        self.assertEqual(self.listed("schedule_kind=cron,manual"), [hand, cron])
        self.assertEqual(self.listed("tag=night"), [cron])
        self.assertEqual(self.listed("text=of+ada"), [cron])
        self.assertEqual(self.listed("payload.n=2"), [hand])
        made = self.call("GET", f"/v1/schedules/{hand}")["created_at"]
        self.assertEqual(self.listed(f"created_from={made}"), [hand])
        self.assertEqual(self.listed(f"created_to={made}"), [cron])
        self.assertEqual(self.listed(f"updated_from={made}"), [hand])
        self.assertEqual(self.listed("next_run_from=2000-01-01T00:00:00Z"), [cron])
        self.assertEqual(self.listed("next_run_to=2000-01-01T00:00:00Z"), [])
        self.assert_problem(self.server.get("/v1/schedules?schedule_kind=weekly"), 422,
                            "query.schedule_kind")

    def test_tasks_of_a_schedule_are_filtered_and_found_by_its_name(self):
        name = case.unique("Night shift ")
        maker = self.plan(name=name, work={"tags": ["night"]})
        runs = [self.call("POST", f"/v1/schedules/{maker}/run", expect=201)["id"]
                for _ in range(2)]
        path = f"/v1/schedules/{maker}/tasks"
        self.assertEqual(self.call("GET", f"{path}?tag=night")["total"], 2)
        self.assertEqual(self.call("GET", f"{path}?tag=day")["total"], 0)
        text = name.replace(" ", "+").upper()
        self.assertEqual(set(Finding.listed(self, f"text={text}")), set(runs))


class Mixed(Finding):
    def test_one_list_of_both_sorts_is_filtered(self):
        made = self.call("POST", "/tasks", {"taskType": self.kind, "payload": {"n": 7},
                                            "triggeredAt": "2090-01-01T00:00:00Z"}, expect=201)
        page = self.call("GET", f"/tasks?task_type={self.kind}")
        self.assertEqual(([item["id"] for item in page["items"]], page["total"]), ([made["id"]], 1))
        page = self.call("GET", f"/tasks?task_type={self.kind}&payload.n=7&status=SCHEDULED")
        self.assertEqual(page["total"], 1)
        self.assertEqual(self.call("GET", f"/tasks?task_type={self.kind}&reason=error")["total"], 0)
        self.assertEqual(self.call("GET", f"/tasks?task_type={self.kind}&offset=5")["items"], [])
        answer = self.server.get("/tasks?reason=error&schedule_kind=cron")
        self.assert_problem(answer, 422, "query.schedule_kind")


if __name__ == "__main__":
    case.main()
