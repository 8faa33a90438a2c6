"""Errors: always problem+json, all faults at once, never 500 (AC-150, AC-018, S-16)."""

import case
from client import Client

GOOD = {"taskType": "x", "payload": {}, "triggeredAt": "2090-01-01T00:00:00Z"}


class Errors(case.ServerCase):
    def anonymous(self, token=None):
        client = Client(self.server.port, token)
        self.addCleanup(client.close)
        return client

    def test_without_a_token_nothing_is_told(self):  # AC-018, AC-139
        # Few enough not to be taken for guessing; every_route_test.py tries all paths.
        for method, path in (("GET", "/tasks"), ("POST", "/v1/tasks"),
                             ("POST", "/v1/queues/q/lease")):
            for token in (None, "", "wrong", self.server.token + "x", self.server.token[:-1]):
                with self.subTest(path=path, token=token and len(token)):
                    self.assert_problem(self.anonymous(token).call(method, path), 401)
        self.assertEqual(self.server.get("/tasks").status, 200)

    def test_the_token_is_not_taken_from_the_query(self):  # AC-139
        path = f"/v1/tasks?api_key={self.server.token}"
        self.assert_problem(self.anonymous().get(path), 401)
        self.assertNotIn(self.server.token, self.server.log())

    def test_all_faults_come_at_once(self):
        answer = self.server.post("/v1/tasks", {
            "target": 5, "priority": 12, "timeout": "quick", "tags": "red", "execute_after": "soon",
            "retry": {"max_retries": -1}, "color": "blue"})
        problem = self.assert_problem(
            answer, 422, "body.target", "body.priority", "body.timeout", "body.tags",
            "body.execute_after", "body.retry.max_retries", "body.color")
        for fault in problem["errors"]:
            self.assertTrue(fault["message"])
        values = {fault["location"]: fault["value"] for fault in problem["errors"]}
        self.assertIn("12", str(values["body.priority"]))

    def test_unknown_fields_are_named(self):  # AC-150
        self.assert_problem(self.server.post("/tasks", {**GOOD, "colour": 1}), 422, "body.colour")

    def test_wrong_types_of_bodies(self):  # AC-150
        self.assert_problem(self.server.post("/tasks", b"x", headers={"Content-Type": "text/csv"}),
                            415)
        for path in ("/tasks", "/v1/tasks"):
            for text in (b"{", b"", b'{"a":1}x', b'{"a":1,"a":2}', b'\xff', b"[1,]", b"{'a':1}"):
                with self.subTest(path=path, text=text):
                    self.assert_problem(self.server.post(path, text), 400)
            for text in (b"[]", b"5", b'"text"', b"null"):
                with self.subTest(path=path, text=text):
                    self.assert_problem(self.server.post(path, text), 422)

    def test_a_deep_body_is_refused(self):
        self.assert_problem(self.server.post("/v1/tasks", b"[" * 100_000), 400)

    def test_a_body_over_the_limit(self):  # AC-150
        body = b'{"taskType":"x","triggeredAt":"2090-01-01T00:00:00Z","payload":"%s"}'
        self.assert_problem(self.server.post("/tasks", body % (b"x" * (1 << 20))), 413)
        head = f"POST /tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.server.token}\r\n" \
               "Content-Type: application/json\r\nContent-Length: 10737418240\r\n\r\n"
        self.assert_problem(self.anonymous().send(head.encode()), 413)

    def test_paths_and_methods(self):  # AC-150
        answer = self.server.client.call("DELETE", "/tasks")
        self.assert_problem(answer, 405)
        allowed = {word.strip() for word in answer.headers["allow"].split(",")}
        self.assertLessEqual({"GET", "POST"}, allowed)
        self.assertNotIn("DELETE", allowed)
        self.assert_problem(self.server.get("/nowhere"), 404)
        for path in ("/tasks/..%2f..%2fetc", "/tasks/a%2Fb", "/tasks/%00", "/v1/tasks/task_%2e%2e"):
            with self.subTest(path):
                answer = self.server.get(path)
                self.assertIn(answer.status, (400, 404))
                self.assert_problem(answer, answer.status)

    def test_a_request_id_goes_in_and_out(self):
        answer = self.server.client.call("GET", "/nowhere", headers={"X-Request-Id": "abc-123"})
        self.assertEqual(answer.headers["x-request-id"], "abc-123")
        self.assertEqual(answer.json["request_id"], "abc-123")
        self.assertTrue(self.server.get("/tasks").headers["x-request-id"])

    def test_an_error_does_not_cost_the_connection(self):
        client = self.server.client
        self.assertEqual(client.post("/tasks", {}).status, 422)
        self.assertEqual(client.get("/tasks").status, 200)

    def test_an_echo_is_cut_short(self):
        answer = self.server.post("/tasks", {**GOOD, "triggeredAt": "y" * 5000})
        self.assert_problem(answer, 422, "body.triggeredAt")
        self.assertLess(len(answer.body), 2000)


if __name__ == "__main__":
    case.main()
