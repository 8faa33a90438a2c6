"""Batches: streamed creation, cut connections, kills, ends that are told once, cancel, retry."""

import json
import random
import socket
import threading
import time

import case
from client import Client

NDJSON = {"Content-Type": "application/x-ndjson"}


def lines_of(header, tasks):
    return "".join(json.dumps(line) + "\n" for line in [header, *tasks]).encode()


class BatchCase(case.ServerCase):
    def stream(self, header, tasks, expect=200):
        """The lines of the answer."""
        answer = self.server.client.call("POST", "/v1/batches", lines_of(header, tasks),
                                         headers=NDJSON)
        self.assertEqual(answer.status, expect, answer)
        return [json.loads(line) for line in answer.body.splitlines()]

    def header(self, **fields):
        self.queue = case.unique("q")
        fields.setdefault("task_template", {"task_type": self.queue, "retry": case.NO_RETRIES})
        return {"name": "night", **fields}

    def make(self, count, **fields):
        """A whole batch by stream; its id."""
        told = self.stream(self.header(**fields), [{"payload": at} for at in range(count)])
        self.assertTrue(told[-1]["sealed"], told)
        return told[0]["batch_id"]

    def batch(self, batch_id):
        return self.call("GET", f"/v1/batches/{batch_id}")

    def work(self, most=1_000_000, fail=lambda payload: False):
        """Leases and ends what waits in the queue, at most so many."""
        ended = 0
        while ended < most:
            leased = self.lease(self.queue, maximum=min(100, most - ended))
            if not leased:
                break
            for grants, action in (([each for each in leased if fail(each["payload"])], "fail"),
                                   ([each for each in leased if not fail(each["payload"])],
                                    "complete")):
                if grants:
                    self.settle(action, *({"task_id": each["task_id"], "token": each["token"]}
                                          for each in grants))
            ended += len(leased)
        return ended

    def wait_ended(self, batch_id, completions=1):
        def look():
            batch = self.batch(batch_id)
            return batch if batch["finished_at"] and batch["completions"] >= completions else None
        return case.wait_until(look, f"{batch_id} has ended", 30)

    def children(self, batch_id, query=""):
        """All of them, page by page."""
        found, cursor = [], ""
        while True:
            page = self.call("GET", f"/v1/batches/{batch_id}/tasks?limit=200{query}{cursor}")
            found += page["tasks"]
            if not page["has_more"]:
                self.assertEqual(page["total"], len(found))
                return found
            cursor = f"&cursor={page['next_cursor']}"


class Streams(BatchCase):
    def test_a_batch_runs_and_its_end_is_told_once(self):
        header = self.header(on_complete=self.receiver.url("/done"), metadata={"n": 1})
        told = self.stream(header, [{"payload": at} for at in range(250)])
        batch_id = told[0]["batch_id"]
        self.assertTrue(told[0]["is_new"])
        self.assertEqual([line["acknowledged"] for line in told if "acknowledged" in line][-1], 250)
        self.assertEqual(told[-1], {"total": 250, "added": 250, "refused": 0, "sealed": True})
        running = self.batch(batch_id)
        self.assertEqual((running["status"], running["counts"]["queued"]), ("running", 250))
        self.assertEqual(self.work(100), 100)
        self.assertEqual(self.batch(batch_id)["percent"], 40)
        self.work()
        ended = self.wait_ended(batch_id)
        self.assertEqual((ended["status"], ended["percent"]), ("completed", 100))
        call = self.receiver.wait_for(1, "/done")[0]
        told = json.loads(call.body)
        self.assertEqual(told["type"], "batch.completed")
        self.assertEqual(told["batch_id"], batch_id)
        self.assertEqual(told["counts"]["completed"], 250)
        self.assertEqual(told["metadata"], {"n": 1})
        self.assertEqual(ended["notices"], [call.task])
        self.assert_quiet(1, "/done")

    def test_the_template_is_what_a_line_leaves_out(self):
        header = self.header(task_template={"task_type": "t", "priority": 3, "tags": ["a"],
                                            "payload": "none"})
        told = self.stream(header, [{}, {"priority": 7}, {"tags": None, "payload": None},
                                    {"execute_after": "PT1H"}])
        shown = self.children(told[0]["batch_id"])
        self.assertEqual([each["priority"] for each in shown], [3, 7, 3, 3])
        self.assertEqual([each["tags"] for each in shown], [["a"], ["a"], [], ["a"]])
        self.assertEqual([each["payload"] for each in shown], ["none", "none", None, "none"])
        self.assertEqual([each["batch_line"] for each in shown], [0, 1, 2, 3])
        self.assertEqual({each["batch_id"] for each in shown}, {told[0]["batch_id"]})
        self.assertEqual([each["status"] for each in shown], ["queued"] * 3 + ["scheduled"])

    def test_refused_lines_leave_the_batch_open_to_be_mended(self):
        header = self.header(idempotency_key=case.unique())
        bad = {"priority": 10, "foo": 1}
        told = self.stream(header, [{"payload": 0}, bad, {"payload": 2}, {"unique_id": "x"}])
        refused = [line for line in told if "line" in line]
        self.assertEqual([(line["line"], line["status"]) for line in refused], [(1, 422), (3, 422)])
        self.assertEqual([fault["location"] for fault in refused[0]["errors"]],
                         ["body.priority", "body.foo"])
        self.assertFalse(told[-1]["sealed"])
        self.assertEqual((told[-1]["total"], told[-1]["refused"]), (2, 2))
        self.assertEqual(self.batch(told[0]["batch_id"])["status"], "open")
        again = self.stream(header, [{"payload": at} for at in range(4)])
        self.assertEqual(again[0], {"batch_id": told[0]["batch_id"], "status": "open",
                                    "is_new": False, "known": 2, "next_line": 1})
        self.assertEqual(again[-1], {"total": 4, "added": 2, "refused": 0, "sealed": True})
        self.assertEqual([each["payload"] for each in self.children(told[0]["batch_id"])],
                         [0, 1, 2, 3])
        sealed = self.stream(header, [{"payload": at} for at in range(4)])
        self.assertEqual(sealed[-1], {"total": 4, "added": 0, "refused": 0, "sealed": True})

    def test_an_open_batch_is_sealed_by_hand(self):
        told = self.stream(self.header(), [{"payload": 0}, {"priority": 10}])
        batch_id = told[0]["batch_id"]
        self.work()
        self.assertEqual(self.batch(batch_id)["status"], "open")
        self.call("POST", f"/v1/batches/{batch_id}/seal")
        self.assertEqual(self.wait_ended(batch_id)["counts"]["completed"], 1)
        self.call("POST", f"/v1/batches/{batch_id}/seal")

    def test_a_bad_header_makes_nothing(self):
        before = self.call("GET", "/v1/batches")["total"]
        wrong = {"name": "", "foo": 1, "on_complete": ["ftp://x", {"url": "http://127.0.0.1/a", "b": 1}],
                 "task_template": {"priority": 10, "unique_id": "x"}, "first_line": -1}
        answer = self.server.client.call("POST", "/v1/batches", lines_of(wrong, [{}]),
                                         headers=NDJSON)
        self.assert_problem(answer, 422, "body.name", "body.foo", "body.on_complete[0]",
                            "body.on_complete[1].b", "body.task_template.priority",
                            "body.task_template.unique_id", "body.first_line")
        for text, status in ((b"", 400), (b"[]\n", 422), (b"{\n", 400)):
            answer = self.server.client.call("POST", "/v1/batches", text, headers=NDJSON)
            self.assert_problem(answer, status)
        self.assertEqual(self.call("GET", "/v1/batches")["total"], before)

    def test_a_client_may_begin_where_it_left_off(self):
        header = self.header(idempotency_key=case.unique())
        told = self.stream(header, [{"payload": 0}, {"priority": 10}])
        rest = self.stream({**header, "first_line": 1}, [{"payload": 1}, {"payload": 2}])
        self.assertEqual(rest[-1], {"total": 3, "added": 2, "refused": 0, "sealed": True})
        self.assertEqual([each["payload"] for each in self.children(told[0]["batch_id"])],
                         [0, 1, 2])

    def test_a_line_may_be_a_pipeline(self):
        step = {"id": "a", "uses": "test.echo", "with": "${params.n}"}
        told = self.stream(self.header(task_template={"pipeline": [step]}),
                           [{"params": {"n": 1}}, {"params": {"n": 2}}, {"task_type": "x"}])
        self.assertEqual((told[-1]["added"], told[-1]["refused"]), (2, 1))
        self.call("POST", f"/v1/batches/{told[0]['batch_id']}/seal")
        self.wait_ended(told[0]["batch_id"])
        self.assertEqual([each["result"] for each in self.children(told[0]["batch_id"])],
                         [{"a": 1}, {"a": 2}])

    def test_an_empty_batch_has_ended_at_once(self):
        told = self.stream(self.header(on_complete=self.receiver.url("/empty")), [])
        self.assertEqual(told[-1]["total"], 0)
        self.assertEqual(self.wait_ended(told[0]["batch_id"])["percent"], 100)
        self.receiver.wait_for(1, "/empty")


class Cuts(BatchCase):
    """A connection that is cut, and a server that is killed, in the middle of a stream."""

    def start_stream(self, header, mark="next_line"):
        """A socket on which the header is answered."""
        line = socket.create_connection(("127.0.0.1", self.server.port), 30)
        self.addCleanup(line.close)
        head = ("POST /v1/batches HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                f"Content-Type: application/x-ndjson\r\nAuthorization: Bearer {self.server.token}"
                "\r\n\r\n")
        line.sendall(head.encode())
        self.send(line, json.dumps(header) + "\n")
        self.read_until(line, mark)
        return line

    def send(self, line, text):
        line.sendall(f"{len(text):x}\r\n{text}\r\n".encode())

    def read_until(self, line, mark):
        seen = ""
        while mark not in seen:
            piece = line.recv(65536)
            self.assertTrue(piece, f"cut off before {mark}: {seen}")
            seen += piece.decode()
        return seen

    def resume(self, header, count):
        told = self.stream(header, [{"payload": at} for at in range(count)])
        self.assertTrue(told[-1]["sealed"], told[-1])
        self.assertEqual(told[-1]["total"], count)
        shown = self.children(told[0]["batch_id"])
        self.assertEqual([each["payload"] for each in shown], list(range(count)))
        return told

    def test_who_repeats_a_cut_request_makes_no_task_twice(self):
        header = self.header(idempotency_key=case.unique())
        line = self.start_stream(header)
        self.send(line, "".join(f'{{"payload":{at}}}\n' for at in range(300)) + '{"payl')
        self.read_until(line, '"acknowledged":300')
        line.close()
        told = self.resume(header, 500)
        self.assertEqual((told[0]["known"], told[0]["next_line"]), (300, 300))
        self.assertEqual(told[-1]["added"], 200)

    def test_a_second_client_takes_over_from_one_that_hangs(self):
        header = self.header(idempotency_key=case.unique())
        line = self.start_stream(header)
        self.send(line, '{"payload":0}\n')
        self.read_until(line, '"acknowledged":1')
        self.resume(header, 3)
        self.send(line, '{"payload":1}\n')
        self.assertIn('"sealed":false', self.read_until(line, '"sealed"'))

    def test_who_repeats_a_sealed_batch_is_heard_out(self):
        header = self.header(idempotency_key=case.unique())
        self.resume(header, 3)
        line = self.start_stream(header, '"sealed":true')
        self.send(line, '{"payload":0}\n')
        line.sendall(b"0\r\n\r\n")
        self.read_until(line, "0\r\n\r\n")
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        self.read_until(line, "HTTP/1.1 200")

    def test_kills_in_the_middle_lose_and_double_nothing(self):
        header = self.header(idempotency_key=case.unique(),
                             on_complete=self.receiver.url("/killed"))
        count = 6_000
        dice = random.Random(7)
        body = lines_of(header, [{"payload": at} for at in range(count)])
        for _ in range(4):
            client = Client(self.server.port, self.server.token)
            killer = threading.Timer(dice.uniform(0.02, 0.25), self.server.process.kill)
            killer.start()
            try:
                client.call("POST", "/v1/batches", body, headers=NDJSON)
            except ConnectionError:
                pass
            killer.join()
            self.server.kill()
            self.server.start()
        told = self.resume(header, count)
        batch_id = told[0]["batch_id"]
        self.work(count // 2, fail=lambda payload: payload % 10 == 0)
        self.server.restart()
        self.work(fail=lambda payload: payload % 10 == 0)
        ended = self.wait_ended(batch_id)
        self.assertEqual(ended["counts"]["total"], count)
        self.assertEqual(ended["counts"]["failed"], count // 10)
        self.assertEqual(ended["counts"]["completed"], count - count // 10)
        self.receiver.wait_for(1, "/killed")
        self.server.restart()
        time.sleep(case.QUIET)
        # A kill may come between a call and the note of it: then the same one comes again.
        told = {call.headers["webhook-id"] for call in self.receiver.calls("/killed")}
        self.assertEqual(len(told), 1)
        self.assertEqual(self.batch(batch_id)["completions"], 1)


class Changes(BatchCase):
    def test_a_canceled_batch_ends_and_what_ran_before_stays(self):
        batch_id = self.make(700, on_complete=self.receiver.url("/canceled"))
        self.work(50)
        answered = self.call("POST", f"/v1/batches/{batch_id}/cancel")
        self.assertEqual(answered["status"], "canceled")
        ended = self.wait_ended(batch_id)
        self.assertEqual((ended["counts"]["completed"], ended["counts"]["canceled"]), (50, 650))
        self.assertEqual(self.lease(self.queue), [])
        call = self.receiver.wait_for(1, "/canceled")[0]
        self.assertEqual(json.loads(call.body)["status"], "canceled")
        self.call("POST", f"/v1/batches/{batch_id}/cancel")
        self.call("POST", f"/v1/batches/{batch_id}/retry_failed", expect=409)

    def test_a_cancellation_that_meets_a_kill_goes_on(self):
        batch_id = self.make(5_000, on_complete=self.receiver.url("/both"))
        self.call("POST", f"/v1/batches/{batch_id}/cancel")
        self.server.restart()
        self.assertEqual(self.wait_ended(batch_id)["counts"]["canceled"], 5_000)
        self.receiver.wait_for(1, "/both")
        self.assert_quiet(1, "/both")

    def test_a_retry_of_the_failed_runs_them_alone(self):
        batch_id = self.make(30, on_complete=self.receiver.url("/twice"))
        self.work(fail=lambda payload: payload < 10)
        first = self.wait_ended(batch_id)
        self.assertEqual(first["counts"]["failed"], 10)
        failed = self.children(batch_id, "&status=failed")
        self.assertEqual([each["batch_line"] for each in failed], list(range(10)))
        again = self.call("POST", f"/v1/batches/{batch_id}/retry_failed")
        self.assertEqual((again["status"], again["finished_at"]), ("running", None))
        case.wait_until(lambda: self.batch(batch_id)["counts"]["queued"] == 10, "ten wait")
        self.assertEqual(self.work(), 10)
        second = self.wait_ended(batch_id, completions=2)
        self.assertEqual(second["counts"]["completed"], 30)
        calls = self.receiver.wait_for(2, "/twice")
        self.assertEqual([json.loads(call.body)["completion"] for call in calls], [1, 2])
        self.call("POST", f"/v1/batches/{batch_id}/retry_failed")
        self.assert_quiet(2, "/twice")

    def test_schedules_that_listen_run_once_for_each_end(self):
        queue = case.unique("listener")
        made = self.call("POST", "/v1/schedules",
                         {"schedule_kind": "event", "schedule_expr": "batch.completed",
                          "on_overlap": "allow", "task_template": {"task_type": queue}},
                         expect=201)
        self.addCleanup(lambda: self.call("DELETE", f"/v1/schedules/{made['id']}"))
        batch_id = self.make(3)
        self.work()
        self.wait_ended(batch_id)
        case.wait_until(lambda: self.total(f"&schedule_id={made['id']}") == 1, "the schedule ran")
        self.server.restart()
        self.assertEqual(self.total(f"&schedule_id={made['id']}"), 1)

    def test_a_small_batch_is_one_request(self):
        body = self.header(idempotency_key=case.unique(),
                           tasks=[{"payload": 0}, {"payload": 1, "priority": 1}])
        made = self.call("POST", "/v1/batches", body, expect=201)
        self.assertEqual((made["status"], made["counts"]["queued"]), ("running", 2))
        self.assertEqual(self.call("POST", "/v1/batches", body)["id"], made["id"])
        self.assertEqual(self.work(), 2)
        self.wait_ended(made["id"])
        wrong = self.header(tasks=[{"priority": 10}, 1])
        before = self.call("GET", "/v1/batches")["total"]
        self.assert_problem(self.server.post("/v1/batches", wrong), 422,
                            "body.tasks[0].priority", "body.tasks[1]")
        self.assertEqual(self.call("GET", "/v1/batches")["total"], before)
        other = {**body, "name": "another"}
        self.assertEqual(self.server.post("/v1/batches", other).status, 409)

    def test_batches_are_listed_newest_first(self):
        made = [self.make(1, name=f"n{at}") for at in range(3)]
        page = self.call("GET", "/v1/batches?limit=2")
        self.assertEqual([each["id"] for each in page["batches"]], made[:0:-1])
        rest = self.call("GET", f"/v1/batches?limit=1&cursor={page['next_cursor']}")
        self.assertEqual(rest["batches"][0]["id"], made[0])
        everything = self.call("GET", "/v1/batches?limit=200")
        self.assertEqual(everything["total"], len(everything["batches"]))

    def test_what_is_unknown_is_told(self):
        unknown = "batch_01a1ffee-cb5d-7baa-832e-9c1a9ed49702"
        for method, path in (("GET", ""), ("GET", "/tasks"), ("POST", "/cancel"), ("POST", "/seal"),
                             ("POST", "/retry_failed")):
            self.call(method, f"/v1/batches/{unknown}{path}", expect=404)
            self.call(method, f"/v1/batches/none{path}", expect=404)
        batch_id = self.make(1)
        self.call("GET", f"/v1/batches/{batch_id}/tasks?status=odd", expect=422)
        self.call("GET", f"/v1/batches/{batch_id}/tasks?cursor=x", expect=422)


if __name__ == "__main__":
    case.main()
