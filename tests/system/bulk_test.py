"""Many at once: what a job of /v1/tasks/bulk does, counts, and survives."""

import json

import case
from receiver import Plan

OPEN = ("running", "paused")


class BulkCase(case.ServerCase):
    def make_many(self, count, **fields):
        """Tasks from one stream; their ids."""
        fields = {"execute_after": "P7D", "retry": case.NO_RETRIES, **fields}
        body = (json.dumps(fields) + "\n").encode() * count
        answer = self.server.client.call("POST", "/v1/tasks", body,
                                         headers={"Content-Type": "application/x-ndjson"})
        self.assertEqual(answer.status, 200, answer)
        lines = [json.loads(line) for line in answer.body.splitlines()]
        return [line["id"] for line in lines if line.get("id")]

    def bulk(self, action, expect=202, **more):
        return self.call("POST", "/v1/tasks/bulk", {"action": action, **more}, expect=expect)

    def count(self, action, **filters):
        answer = self.bulk(action, expect=200, filter=filters, dry_run=True)
        self.assertEqual((answer["action"], answer["dry_run"]), (action, True))
        return answer["total"]

    def job(self, job_id):
        return self.call("GET", f"/v1/tasks/bulk/{job_id}")

    def tell(self, job_id, what, expect=200):
        return self.call("POST", f"/v1/tasks/bulk/{job_id}/{what}", expect=expect)

    def finished(self, job, timeout=60.0):
        def look():
            now = self.job(job["id"])
            return now if now["status"] not in OPEN else None
        return case.wait_until(look, f"job {job['id']} is over", timeout)

    def run_job(self, action, **filters):
        done = self.finished(self.bulk(action, filter=filters))
        self.assertEqual((done["status"], done["percent"]), ("completed", 100))
        return done

    def totals(self, queue):
        found = {}
        for status in ("scheduled", "queued", "processing", "completed", "failed", "canceled"):
            if count := self.total(f"&task_type={queue}&status={status}"):
                found[status] = count
        return found

    def assert_counts(self, job, total, changed, conflicts=0, failed=0):
        self.assertEqual((job["total"], job["changed"], job["conflicts"], job["failed"]),
                         (total, changed, conflicts, failed), job)
        self.assertEqual(job["done"], changed + conflicts + failed)


class Actions(BulkCase):
    def make_failed(self, queue, count):
        for _ in range(count):
            self.create(task_type=queue)
        leases = self.lease(queue, maximum=count, wait="PT5S")
        self.assertEqual(len(leases), count)
        self.settle("fail", *({"task_id": each["task_id"], "token": each["token"]}
                              for each in leases))

    def test_cancel_ends_what_has_not_ended(self):
        queue = case.unique("q")
        self.make_many(600, task_type=queue)
        self.create(task_type=queue)
        ended = self.create(task_type=queue)["id"]
        self.act(ended, "cancel")
        others = self.make_many(3, task_type=case.unique("q"))
        self.assertEqual(self.count("cancel", task_type=queue), 601)
        self.assertEqual(self.totals(queue), {"scheduled": 600, "queued": 1, "canceled": 1})
        done = self.run_job("cancel", task_type=queue)
        self.assert_counts(done, 601, 601)
        self.assertTrue(done["finished_at"])
        self.assertEqual(done["filter"], {"task_type": queue})
        self.assertEqual(self.totals(queue), {"canceled": 602})
        self.assertEqual(self.task(others[0])["status"], "scheduled")
        self.assertEqual(self.lease(queue), [])

    def test_trigger_starts_what_is_scheduled(self):
        queue = case.unique("q")
        ids = self.make_many(300, task_type=queue)
        self.create(task_type=queue)
        self.assertEqual(self.count("trigger", task_type=queue), 300)
        self.assert_counts(self.run_job("trigger", task_type=queue), 300, 300)
        self.assertEqual(self.totals(queue), {"queued": 301})
        taken = set()
        while leases := self.lease(queue, maximum=100):
            taken.update(each["task_id"] for each in leases)
        self.assertEqual(len(taken), 301)
        self.assertTrue(set(ids) <= taken)

    def test_retry_is_for_failed_tasks_and_for_retrying_ones_when_named(self):
        queue = case.unique("q")
        self.make_failed(queue, 20)
        waits = self.create(task_type=queue, retry={"max_retries": 1, "delay": "PT1H"})
        lease = self.lease(queue, wait="PT5S")[0]
        self.settle("fail", {"task_id": lease["task_id"], "token": lease["token"]})
        self.assertEqual(self.task(waits["id"])["status"], "retrying")
        self.assertEqual(self.count("retry", task_type=queue), 20)
        self.assertEqual(self.count("retry", task_type=queue, status="failed,retrying"), 21)
        self.assert_counts(self.run_job("retry", task_type=queue), 20, 20)
        self.assertEqual(self.totals(queue)["queued"], 20)
        self.assertEqual(self.task(waits["id"])["status"], "retrying")
        self.assert_counts(self.run_job("retry", task_type=queue, status=["retrying"]), 1, 1)
        self.assertEqual(self.totals(queue), {"queued": 21})

    def test_delete_removes_what_has_ended(self):
        queue = case.unique("q")
        ids = self.make_many(300, task_type=queue)
        for each in ids[:5]:
            self.act(each, "cancel")
        self.make_failed(queue, 7)
        self.assertEqual(self.count("delete", task_type=queue), 12)
        self.assertEqual(self.count("delete", task_type=queue, status="failed"), 7)
        self.assert_counts(self.run_job("delete", task_type=queue, status="failed"), 7, 7)
        self.assertEqual(self.totals(queue), {"scheduled": 295, "canceled": 5})
        self.assert_counts(self.run_job("delete", task_type=queue), 5, 5)
        self.assertEqual(self.server.get(f"/v1/tasks/{ids[0]}").status, 404)
        self.assertEqual(self.totals(queue), {"scheduled": 295})

    def test_every_filter_of_the_list_is_one_of_the_job(self):
        queue, tag = case.unique("q"), case.unique("tag")
        self.make_many(3, task_type=queue, tags=[tag])
        self.make_many(4, task_type=queue, execute_after="2099-01-01T00:00:00Z")
        self.make_many(2, task_type=queue, payload={"note": f"Says {tag.upper()}"})
        late = {"scheduled_from": "2099-01-01T00:00:00Z", "scheduled_to": "2099-01-02T00:00:00Z"}
        for expected, filters in (
                (3, {"tag": tag}), (4, {"task_type": queue, **late}), (5, {"text": tag}),
                (2, {"text": "says " + tag}), (9, {"task_type": queue, "status": "scheduled"}),
                (0, {"task_type": queue, "status": "completed"}),
                (0, {"task_type": queue, "created_to": "2020-01-01T00:00:00Z"}),
                (9, {"task_type": queue, "created_from": "2020-01-01T00:00:00Z"})):
            with self.subTest(filters=filters):
                self.assertEqual(self.count("cancel", **filters), expected)
                if "completed" not in filters.get("status", ""):
                    query = "&".join(f"{name}={value}".replace(" ", "%20")
                                     for name, value in filters.items())
                    self.assertEqual(self.total("&" + query), expected)
        self.assert_counts(self.run_job("cancel", tag=tag), 3, 3)
        self.assert_counts(self.run_job("cancel", text="says " + tag), 2, 2)
        self.assertEqual(self.totals(queue), {"scheduled": 4, "canceled": 5})

    def test_the_tasks_of_a_schedule(self):
        made = self.call("POST", "/v1/schedules", {
            "schedule_kind": "manual", "on_overlap": "allow",
            "task_template": {"task_type": case.unique("q")}}, expect=201)
        for _ in range(3):
            self.call("POST", f"/v1/schedules/{made['id']}/run", {}, expect=201)
        self.assertEqual(self.count("cancel", schedule_id=made["id"]), 3)
        self.assert_counts(self.run_job("cancel", schedule_id=made["id"]), 3, 3)
        self.assertEqual(self.total(f"&schedule_id={made['id']}&status=canceled"), 3)

    def test_calls_that_run_are_stopped(self):
        tag = case.unique("tag")
        self.receiver.on("/held", Plan(hold=True))
        self.create(target=self.receiver.url("/held"), tags=[tag], timeout="PT60S")
        case.wait_until(lambda: self.total(f"&tag={tag}&status=processing"), "the call has begun")
        self.assert_counts(self.run_job("cancel", tag=tag), 1, 1)
        self.assertEqual(self.total(f"&tag={tag}&status=canceled"), 1)


class Orders(BulkCase):
    def test_all_tasks_are_meant_only_when_it_says_so(self):
        client = self.server.client
        for body in ({"action": "delete"}, {"action": "delete", "filter": {}},
                     {"action": "delete", "filter": {}, "dry_run": True},
                     {"action": "delete", "filter": {"tag": "x"}, "all": True}):
            self.assert_problem(client.post("/v1/tasks/bulk", body), 422, "body.all")
        total = self.bulk("delete", expect=200, all=True, dry_run=True)["total"]
        ended = ("completed", "failed", "canceled", "expired", "skipped")
        self.assertEqual(total, sum(self.total(f"&status={each}") for each in ended))

    def test_all_faults_are_told_at_once(self):
        answer = self.server.client.post("/v1/tasks/bulk", {
            "action": "burn", "why": 1, "filter": {"status": "lost", "schedule_id": "x",
                                                   "created_from": "now", "colour": "red"}})
        self.assert_problem(answer, 422, "body.action", "body.why", "body.filter.status",
                            "body.filter.schedule_id", "body.filter.created_from",
                            "body.filter.colour")
        answer = self.server.client.post("/v1/tasks/bulk", {"filter": {"status": ["done", 7]}})
        self.assert_problem(answer, 422, "body.action", "body.filter.status")

    def test_an_unknown_job_is_not_found(self):
        for job in ("job_01890a5d-ac96-774b-bcce-b302099a8057", "nothing"):
            self.call("GET", f"/v1/tasks/bulk/{job}", expect=404)
            self.tell(job, "pause", expect=404)

    def test_a_job_that_is_over_takes_no_requests(self):
        done = self.run_job("cancel", tag=case.unique("nobody"))
        self.assert_counts(done, 0, 0)
        for what in ("pause", "resume", "cancel"):
            self.tell(done["id"], what, expect=409)
        jobs = self.call("GET", "/v1/tasks/bulk?limit=1")
        self.assertEqual(jobs["jobs"][0], done)
        self.assertEqual(jobs["has_more"], jobs["total"] > 1)


class Long(BulkCase):
    """Jobs that are met half way."""

    COUNT = 20_000

    def begin(self, action="cancel", **filters):
        """A job that has done something and has much left."""
        queue = case.unique("q")
        for _ in range(4):
            self.make_many(self.COUNT // 4, task_type=queue)
        job = self.bulk(action, filter={"task_type": queue, **filters})
        self.assertEqual(job["total"], self.COUNT)
        case.wait_until(lambda: self.job(job["id"])["done"] > 0, "a piece is done")
        return queue, job["id"]

    def test_pause_holds_it_and_resume_goes_on(self):
        queue, job = self.begin()
        paused = self.tell(job, "pause")
        self.assertEqual(paused["status"], "paused")
        self.assertLess(paused["done"], self.COUNT)
        self.assertEqual(self.totals(queue)["canceled"], paused["changed"])
        self.assertEqual(self.tell(job, "pause"), paused)
        late = self.create(task_type=queue, execute_after="P7D")["id"]
        self.server.restart()
        self.assertEqual(self.job(job), paused)
        self.assertEqual(self.totals(queue)["canceled"], paused["changed"])
        self.assertEqual(self.tell(job, "resume")["status"], "running")
        self.assert_counts(self.finished({"id": job}), self.COUNT, self.COUNT)
        self.assertEqual(self.totals(queue), {"scheduled": 1, "canceled": self.COUNT})
        self.assertEqual(self.task(late)["status"], "scheduled")

    def test_cancel_ends_it_and_leaves_the_rest(self):
        queue, job = self.begin()
        ended = self.tell(job, "cancel")
        self.assertEqual(ended["status"], "canceled")
        self.assertLess(ended["done"], self.COUNT)
        self.assertEqual(self.tell(job, "cancel"), ended)
        self.tell(job, "resume", expect=409)
        self.server.restart()
        self.assertEqual(self.job(job), ended)
        self.assertEqual(self.totals(queue), {"canceled": ended["changed"],
                                              "scheduled": self.COUNT - ended["changed"]})

    def test_kills_on_the_way_lose_and_repeat_nothing(self):
        queue, job = self.begin()
        done = 0
        for _ in range(4):
            self.server.kill()
            self.server.start()
            now = self.job(job)
            self.assertGreaterEqual(now["done"], done)
            done = now["done"]
            case.wait_until(lambda: self.job(job)["done"] > done
                            or self.job(job)["status"] == "completed", "it goes on")
        self.assert_counts(self.finished({"id": job}), self.COUNT, self.COUNT)
        self.assertEqual(self.totals(queue), {"canceled": self.COUNT})

    def test_a_kill_while_it_deletes(self):
        queue, job = self.begin()
        self.finished({"id": job})
        removal = self.bulk("delete", filter={"task_type": queue})
        case.wait_until(lambda: self.job(removal["id"])["done"] > 0, "a piece is gone")
        self.server.kill()
        self.server.start()
        self.assert_counts(self.finished(removal), self.COUNT, self.COUNT)
        self.assertEqual(self.totals(queue), {})

    def test_jobs_take_turns(self):
        queues = [case.unique("q") for _ in range(3)]
        for queue in queues:
            self.make_many(2_000, task_type=queue)
        jobs = [self.bulk("cancel", filter={"task_type": queue}) for queue in queues]
        for job in jobs:
            self.assert_counts(self.finished(job), 2_000, 2_000)


if __name__ == "__main__":
    case.main()
