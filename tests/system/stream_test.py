"""GET /v1/stream: all that changes, filtered, resumed, by right, at the reader's speed."""

import json
import re
import socket
import threading
import time

import case
from case import unique, wait_until
from event_reader import read_events
from token_case import TokenCase


class Reader:
    """Reads a stream of events on a thread of its own."""

    def __init__(self, server, query="", last=None, token=None):
        self.events = []  # (id, name, data)
        self.status = None
        self.link = socket.create_connection(("127.0.0.1", server.port), 30)
        head = f"Last-Event-ID: {last}\r\n" if last is not None else ""
        self.link.sendall(f"GET /v1/stream{query} HTTP/1.0\r\nHost: 127.0.0.1\r\n"
                          f"Authorization: Bearer {token or server.token}\r\n{head}\r\n".encode())
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        wait_until(lambda: self.events or self.status not in (None, 200), "the stream begins")

    def _read(self):
        stream = self.link.makefile("rb")
        try:
            self.status = int(stream.readline().split()[1])
            while stream.readline().strip():
                pass
            for number, name, data in read_events(stream):
                if name not in (None, "ping"):
                    self.events.append((number, name, json.loads(data)))
        except OSError:
            pass

    def close(self):
        try:
            self.link.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.link.close()

    def names(self):
        return [name for _, name, _ in self.events]

    def of(self, key, value):
        """The names of the events whose data say so."""
        return [name for _, name, data in self.events if data.get(key) == value]

    def wait_for(self, name, key=None, value=None):
        def look():
            for number, found, data in self.events:
                if found == name and (key is None or data.get(key) == value):
                    return number, data
            return None
        return wait_until(look, f"{name} {value or ''} in {self.names()}")


class Stream(TokenCase):
    def read(self, query="", **options):
        reader = Reader(self.server, query, **options)
        self.addCleanup(reader.close)
        return reader

    def work(self, queue, fail=False):
        lease = self.lease(queue, maximum=1, wait="PT5S")[0]
        entry = {"task_id": lease["task_id"], "token": lease["token"]}
        if fail:
            self.settle("fail", {**entry, "error": "boom", "retryable": False})
        else:
            self.settle("complete", entry)

    def test_the_life_of_a_task_and_its_reports(self):
        queue = unique("q")
        reader = self.read(f"?task_type={queue}")
        self.assertEqual(reader.names(), ["hello"])
        task = self.create(task_type=queue, tags=["red"])["id"]
        reader.wait_for("task.created", "task_id", task)
        self.work(queue)
        _, data = reader.wait_for("task.completed", "task_id", task)
        self.assertEqual((data["status"], data["reason"], data["attempt"], data["tags"]),
                         ("completed", "success", 1, ["red"]))
        self.assertEqual(reader.names(), ["hello", "task.created", "task.started",
                                          "task.completed"])
        parts = self.create(task_type=queue, components=["pdf"])["id"]
        self.call("POST", f"/v1/tasks/{parts}/events",
                  {"component": "pdf", "type": "progress", "progress": 40, "message": "page 2"},
                  expect=202)
        _, data = reader.wait_for("task.report", "task_id", parts)
        self.assertEqual(data["report"], {"type": "progress", "component": "pdf",
                                          "message": "page 2", "progress": 40})
        self.server.client.call("DELETE", f"/v1/tasks/{task}")
        reader.wait_for("task.removed", "task_id", task)

    def test_schedules_queues_batches_and_bulk_jobs(self):
        queue = unique("q")
        reader = self.read("?kind=schedule,queue,batch,bulk")
        schedule = self.call("POST", "/v1/schedules", {
            "cron": "* * * * *", "timezone": "UTC", "name": "minutely",
            "task_template": {"task_type": queue}}, expect=201)["id"]
        reader.wait_for("schedule.created", "schedule_id", schedule)
        self.server.advance(by="PT1M")
        reader.wait_for("schedule.decided", "schedule_id", schedule)
        for action, word in (("pause", "paused"), ("resume", "resumed")):
            self.call("POST", f"/v1/schedules/{schedule}/{action}")
            reader.wait_for(f"schedule.{word}", "schedule_id", schedule)
        self.call("DELETE", f"/v1/schedules/{schedule}")
        reader.wait_for("schedule.deleted", "schedule_id", schedule)
        self.call("POST", f"/v1/queues/{queue}/pause")
        _, data = reader.wait_for("queue.changed", "queue", queue)
        self.assertEqual(data["status"], "paused")
        batch = self.call("POST", "/v1/batches", {"tasks": [{"task_type": queue}]},
                          expect=201)["id"]
        reader.wait_for("batch.created", "batch_id", batch)
        reader.wait_for("batch.sealed", "batch_id", batch)
        job = self.call("POST", "/v1/tasks/bulk",
                        {"action": "cancel", "filter": {"task_type": queue}}, expect=202)
        self.assertIn("id", job)
        reader.wait_for("bulk.created")
        reader.wait_for("bulk.completed")
        reader.wait_for("batch.finished", "batch_id", batch)
        self.assertFalse([name for name in reader.names() if name.startswith("task.")])

    def test_filters(self):
        one, other = unique("q"), unique("q")
        readers = {
            "tag": self.read("?tag=blue"), "status": self.read("?status=failed,canceled"),
            "type": self.read(f"?task_type={one}")}
        first = self.create(task_type=one, tags=["blue"])["id"]
        self.work(one)
        second = self.create(task_type=other)["id"]
        by_id = self.read(f"?task_id={second}")
        self.work(other, fail=True)
        readers["status"].wait_for("task.failed", "task_id", second)
        by_id.wait_for("task.failed", "task_id", second)
        readers["tag"].wait_for("task.completed", "task_id", first)
        readers["type"].wait_for("task.completed", "task_id", first)
        self.assertEqual(readers["tag"].of("task_id", second), [])
        self.assertEqual(readers["type"].of("task_id", second), [])
        self.assertEqual(readers["status"].names(), ["hello", "task.failed"])
        schedule = self.call("POST", "/v1/schedules", {
            "cron": "* * * * *", "timezone": "UTC", "task_template": {"task_type": one}}, expect=201)["id"]
        mine = self.read(f"?schedule_id={schedule}")
        self.create(task_type=one)
        self.server.advance(by="PT1M")
        mine.wait_for("task.queued", "schedule_id", schedule)
        self.assertEqual({data["schedule_id"] for _, name, data in mine.events if name != "hello"},
                         {schedule})
        self.call("DELETE", f"/v1/schedules/{schedule}")

    def test_bad_filters_are_named_all_at_once(self):
        answer = self.server.get("/v1/stream?kind=x&status=y&task_id=z&batch_id=b&nope=1"
                                 "&last_event_id=-2")
        self.assert_problem(answer, 422, "query.kind", "query.status", "query.task_id",
                            "query.batch_id", "query.nope", "query.last_event_id")

    def test_it_goes_on_behind_the_last_event(self):
        queue = unique("q")
        reader = self.read(f"?task_type={queue}")
        first = self.create(task_type=queue)["id"]
        number, _ = reader.wait_for("task.created", "task_id", first)
        reader.close()
        second = self.create(task_type=queue)["id"]
        for options in ({"last": number}, {"query": f"&last_event_id={number}"}):
            again = self.read(f"?task_type={queue}" + options.pop("query", ""), **options)
            again.wait_for("task.created", "task_id", second)
            self.assertEqual(again.names(), ["hello", "task.created"])
            again.close()

    def test_a_number_of_another_life_leads_to_a_reset(self):
        reader = self.read()
        self.create(task_type=unique("q"))
        number, _ = reader.wait_for("task.created")
        self.server.restart()
        for last in (number, "1", str(2 ** 60)):
            again = self.read(last=last)
            again.wait_for("reset")
            task = self.create(task_type=unique("q"))["id"]
            again.wait_for("task.created", "task_id", task)
            self.assertEqual(again.names()[:2], ["hello", "reset"])

    def test_a_slow_reader_holds_nobody_up_and_is_told_to_read_anew(self):
        queue = unique("slow")
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(("127.0.0.1", self.server.port))
        self.addCleanup(link.close)
        link.sendall(f"GET /v1/stream HTTP/1.0\r\nHost: 127.0.0.1\r\n"
                     f"Authorization: Bearer {self.server.token}\r\n\r\n".encode())
        time.sleep(0.2)
        lines = "".join(json.dumps({"task_type": queue, "tags": ["x" * 100, "y" * 100]}) + "\n"
                        for _ in range(30_000))
        answer = self.server.client.call("POST", "/v1/tasks", lines.encode(), headers={
            "Content-Type": "application/x-ndjson"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(self.total(f"&task_type={queue}"), 30_000)
        link.settimeout(30)
        seen = b""
        while b"event: reset" not in seen and (piece := link.recv(1 << 20)):
            seen += piece
        if b"event: reset" not in seen:  # cut off, since it took nothing for too long
            last = re.findall(rb"^id: (\d+)$", seen, re.MULTILINE)[-1].decode()
            self.read(last=last).wait_for("reset")

    def test_who_may_not_read_sees_nothing(self):
        for scopes in (["tasks:create"], ["worker:*"], ["runs:read"]):
            self.assert_scope_missing(self.having(*scopes).get("/v1/stream"), "tasks:read")
        self.assertEqual(self.peer().get("/v1/stream").status, 401)
        reader = Reader(self.server, token=self.make("tasks:read")["token"])
        self.addCleanup(reader.close)
        task = self.create(task_type=unique("q"))["id"]
        reader.wait_for("task.created", "task_id", task)

    def test_a_token_that_is_revoked_ends_its_streams(self):
        made = self.make("tasks:read")
        reader = Reader(self.server, token=made["token"])
        self.addCleanup(reader.close)
        self.assertEqual(self.server.client.call("DELETE", f"/v1/tokens/{made['id']}").status, 204)
        self.create(task_type=unique("q"))
        wait_until(lambda: not reader.thread.is_alive() or not self.create(task_type=unique("q")),
                   "the stream has ended")
        self.assertEqual(reader.names()[0], "hello")


if __name__ == "__main__":
    case.main()
