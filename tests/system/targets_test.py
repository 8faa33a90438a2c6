"""Addresses that no delivery reaches, whatever they are called, and what is no target at all."""

import case

# Loopback, in every spelling that a resolver or a parser somewhere takes for it, and its relatives.
HOSTS = ("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001",
         "0177.0.0.1", "0x7F.0x0.0x0.0x1", "127.0.0.1.", "0.0.0.0", "0", "[::1]", "[::]",
         "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:ffff:7f00:0001]",
         "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]")
NETWORKS = ("10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.1", "192.0.2.1",
            "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
            "240.0.0.1", "255.255.255.255", "[fc00::1]", "[fd00::1]", "[fe80::1]", "[ff02::1]",
            "[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]")
NO_TARGETS = ("http://example.com:0/", "http://example.com:65536/", "http://example.com:-1/",
              "http://user@example.com/", "http://user:word@example.com/",
              "http://example.com@127.0.0.1/", "ftp://example.com/", "file:///etc/passwd",
              "gopher://example.com/", "//example.com/", "http://", "http:///x",
              "http://example.com\\@127.0.0.1/", "http://127.0.0.1%00.example.com/",
              "http://①②⑦.0.0.1/", "http://[fe80::1%25eth0]/", "http://256.0.0.1/")


class Targets(case.ServerCase):
    server_settings = {"allow": None}

    def refused(self, url):
        for body in ({"target": url}, {"target": {"url": url}}):
            answer = self.server.post("/v1/tasks", body)
            at = "body.target" if isinstance(body["target"], str) else "body.target.url"
            self.assert_problem(answer, 422, at)
        answer = self.server.post("/v1/schedules", {
            "cron": "* * * * *", "timezone": "UTC", "task_template": {"target": url}})
        self.assert_problem(answer, 422, "body.task_template.target")

    def test_denied_addresses_are_refused_at_creation(self):
        for host in HOSTS:
            for port in (self.receiver.port, self.server.port):
                with self.subTest(host):
                    self.refused(f"http://{host}:{port}/")
        for host in NETWORKS:
            with self.subTest(host):
                self.refused(f"http://{host}/")
        self.assertEqual(self.receiver.calls(), [])

    def test_what_is_no_target_is_refused_at_creation(self):
        for url in NO_TARGETS:
            with self.subTest(url):
                self.refused(url)

    def test_a_name_of_a_denied_address_is_refused_when_it_is_connected_to(self):
        for port in (self.receiver.port, self.server.port):
            made = self.create(target=f"http://localhost:{port}/v1/tasks")
            task = self.wait_status(made["id"], "failed")
            self.assertRegex(task["attempts"][0]["error"],
                             r"^address (127\.0\.0\.1|::1) is not allowed \(loopback\)$")
            self.assertIsNone(task["attempts"][0]["http_status"])
        self.assertEqual(self.receiver.calls(), [])

    def test_a_step_of_a_pipeline_is_guarded_too(self):
        pipeline = [{"id": "one", "uses": "http.request",
                     "with": {"url": self.receiver.url("/step"), "method": "POST"}}]
        agent = self.call("POST", "/agents", {"name": "x"}, expect=201)
        made = self.call("POST", "/tasks", {
            "title": "x", "description": "x", "schedule_kind": "once",
            "schedule_expr": case.from_now(3600), "payload": {"pipeline": pipeline},
            "max_retries": 0, "created_by": agent["id"]}, expect=201)
        self.call("POST", f"/tasks/{made['id']}/run_now")
        runs = f"/runs?task_id={made['id']}&include_errors=true"

        def error():
            return [run["error"] for run in self.call("GET", runs)["items"] if run["finished_at"]]
        self.assertIn("127.0.0.1 is not allowed", case.wait_until(error, "it has run")[0])
        self.assertEqual(self.receiver.calls(), [])


if __name__ == "__main__":
    case.main()
