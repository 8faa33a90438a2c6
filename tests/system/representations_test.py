"""Entity tags, conditional requests, and compressed answers."""

import gzip
import socket

import case
from token_case import TokenCase


class Tags(TokenCase):
    def make_schedule(self):
        return self.call("POST", "/v1/schedules", {
            "name": case.unique(), "cron": "* * * * *", "timezone": "UTC",
            "task_template": {"task_type": "q"}}, expect=201)["id"]

    def tag(self, path):
        answer = self.server.get(path)
        self.assertEqual(answer.status, 200, answer)
        return answer.headers["etag"]

    def test_what_is_known_is_not_sent_again(self):
        made = self.create(task_type="q", execute_after="2100-01-01T00:00:00Z")
        agent = self.call("POST", "/agents", {"name": "bot"}, expect=201)
        self.call("PATCH", "/v1/queues/q", {"concurrency": 5})
        for path in (f"/v1/tasks/{made['id']}", f"/v1/schedules/{self.make_schedule()}",
                     f"/agents/{agent['id']}", "/v1/queues/q"):
            with self.subTest(path):
                tag = self.tag(path)
                self.assertRegex(tag, r'^"[0-9a-f-]+"$')
                for known in (tag, f'"x", W/{tag}', "*"):
                    answer = self.server.client.call("GET", path, headers={"If-None-Match": known})
                    self.assertEqual((answer.status, answer.body), (304, b""))
                    self.assertEqual(answer.headers["etag"], tag)
                answer = self.server.client.call("GET", path, headers={"If-None-Match": '"x"'})
                self.assertEqual(answer.status, 200)
        tag = self.tag(f"/v1/tasks/{made['id']}")
        self.act(made["id"], "cancel")
        self.assertNotEqual(self.tag(f"/v1/tasks/{made['id']}"), tag)

    def test_a_change_is_only_made_to_what_was_seen(self):
        path = f"/v1/schedules/{self.make_schedule()}"
        seen = self.tag(path)

        def patch(match, name):
            return self.server.client.call("PATCH", path, {"name": name},
                                           headers={"If-Match": match})
        first = patch(seen, "first")
        self.assertEqual(first.status, 200, first)
        self.assert_problem(patch(seen, "second"), 412)
        self.assertEqual(self.call("GET", path)["name"], "first")
        self.assertEqual(patch(f'"none", {self.tag(path)}', "third").status, 200)
        self.assert_problem(patch("W/" + self.tag(path), "weak"), 412)
        self.assertEqual(patch("*", "any").status, 200)
        self.assertEqual(patch(patch("*", "told").headers["etag"], "after").status, 200)
        delete = self.server.client.call("DELETE", path, headers={"If-Match": seen})
        self.assert_problem(delete, 412)
        self.assertEqual(self.call("GET", path)["name"], "after")
        delete = self.server.client.call("DELETE", path, headers={"If-Match": self.tag(path)})
        self.assertEqual(delete.status, 200)

    def test_a_schedule_that_only_goes_on_may_be_changed(self):
        path = f"/v1/schedules/{self.make_schedule()}"
        seen = self.tag(path)
        self.server.advance(by="PT5M")
        self.assertNotEqual(self.tag(path), seen)
        answer = self.server.client.call("PATCH", path, {"name": "x"}, headers={"If-Match": seen})
        self.assertEqual(answer.status, 200, answer)

    def test_of_many_who_saw_the_same_one_changes_it(self):
        path = f"/v1/schedules/{self.make_schedule()}"
        headers = {"If-Match": self.tag(path)}
        answers = case.at_once(8, lambda index: self.server.client.call(
            "PATCH", path, {"name": f"by {index}"}, headers=headers))
        self.assertEqual(sorted(each.status for each in answers), [200] + [412] * 7)

    def test_definitions_of_the_other_surface_too(self):
        agent = self.call("POST", "/agents", {"name": "bot"}, expect=201)
        made = self.call("POST", "/tasks", {
            "title": "t", "description": "d", "schedule_kind": "cron",
            "schedule_expr": "0 3 * * *", "payload": {"pipeline": []},
            "created_by": agent["id"]}, expect=201)
        path = f"/tasks/{made['id']}"
        seen = self.tag(path)
        for expect in (200, 412):
            answer = self.server.client.call("PUT", path, {"title": f"n{expect}"},
                                             headers={"If-Match": seen})
            self.assertEqual(answer.status, expect, answer)


class Compression(TokenCase):
    def test_large_answers_are_compressed_for_who_takes_it(self):
        for _ in range(10):
            self.create(task_type="q")
        plain = self.server.get("/v1/tasks?limit=10")
        self.assertEqual(plain.headers["vary"], "Accept-Encoding")
        for accepted, is_taken in (("gzip", True), ("gzip;q=0", False), ("br, gzip;q=0.5", True),
                                   ("*", True), ("*;q=0", False), ("identity, gzip;q=0.5", False),
                                   ("deflate", False), ("GZIP ; q=1.0", True)):
            with self.subTest(accepted):
                answer = self.server.client.call("GET", "/v1/tasks?limit=10",
                                                 headers={"Accept-Encoding": accepted})
                self.assertEqual(answer.headers.get("content-encoding") == "gzip", is_taken)
                body = gzip.decompress(answer.body) if is_taken else answer.body
                self.assertEqual(body, plain.body)
                self.assertTrue(not is_taken or len(answer.body) < len(plain.body) / 2)

    def test_small_answers_and_secrets_are_not(self):
        headers = {"Accept-Encoding": "gzip"}
        for answer in (self.server.client.call("GET", "/v1/clock", headers=headers),
                       self.server.client.call("POST", "/v1/tokens", {
                           "name": "n" * 90, "scopes": [f"worker:{'q' * 240}{at}" for at in
                                                        range(9)]}, headers=headers)):
            self.assertLess(answer.status, 300, answer)
            self.assertNotIn("content-encoding", answer.headers)

    def test_a_compressed_representation_has_a_tag_of_its_own(self):
        made = self.create(task_type="q", payload={"text": "x" * 4000})
        path = f"/v1/tasks/{made['id']}"
        plain = self.server.get(path).headers["etag"]
        small = self.server.client.call("GET", path, headers={"Accept-Encoding": "gzip"})
        self.assertEqual(small.headers["etag"], plain[:-1] + '-gzip"')
        for known in (plain, small.headers["etag"]):
            answer = self.server.client.call("GET", path, headers={
                "Accept-Encoding": "gzip", "If-None-Match": known})
            self.assertEqual(answer.status, 304)

    def test_events_are_sent_as_they_come(self):
        with socket.create_connection(("127.0.0.1", self.server.port), 10.0) as link:
            link.sendall(f"GET /api/runs/stream HTTP/1.1\r\nHost: localhost\r\n"
                         f"Accept-Encoding: gzip\r\nAuthorization: Bearer {self.server.token}"
                         f"\r\n\r\n".encode())
            self.assertNotIn(b"gzip", link.recv(65536))


class Faults(TokenCase):
    def test_what_is_told_of_a_fault_is_short_and_holds_no_secret(self):
        long = "v" * 5000
        answer = self.server.post("/v1/tasks", {"task_type": "q", "priority": long})
        self.assertLessEqual(len(answer.json["errors"][0]["value"]), 256)
        body = {"task_type": 5, "target": [{"headers": {"Authorization": "Bearer sesame"}}],
                "token": "sesame"}
        answer = self.server.post("/v1/tasks", body)
        self.assertEqual(answer.status, 422)
        self.assertNotIn(b"sesame", answer.body)

    def test_nothing_that_is_asked_begins_a_line_of_the_log(self):
        forged = "x%0a%7B%22level%22%3A%22error%22%7D%0aforged-line"
        for path in (f"/v1/tasks/{forged}", f"/{forged}", f"/v1/tasks?status={forged}"):
            self.server.get(path)
        self.server.client.call("GET", "/v1/tasks", headers={"X-Request-Id": "id\\nforged-line"})
        self.server.post("/v1/tasks", {"task_type": "a\nforged-line"})
        for line in self.server.log().splitlines():
            self.assertFalse(line.startswith("forged-line"), line)


if __name__ == "__main__":
    case.main()
