"""Hosts that hang, lie or are gone, beside one that works."""

import socket
import threading
import unittest

import case
from carillon import Server
from receiver import Plan, Receiver

AT_ONCE = 64  # calls of one host under way, by default


class Liar:
    """Answers each connection with some bytes that are no HTTP answer, and keeps it open."""

    def __init__(self, lie):
        self._lie = lie
        self._open = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            each.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
                connection.recv(65536)
                connection.sendall(self._lie)
                self._open.append(connection)
            except OSError:
                return


class HostsCase(case.ServerCase):
    def host(self, port):
        return self.call("GET", f"/v1/hosts/127.0.0.1:{port}")

    def create_many(self, url, count, **fields):
        def create_some(thread):
            for _ in range(thread, count, 8):
                self.create(target=url, **fields)
        case.at_once(8, create_some)

    def count(self, *statuses, **fields):
        return self.total("".join(f"&{name}={value}" for name, value in fields.items())
                          + f"&status={','.join(statuses)}")

    def another(self, made):
        self.addCleanup(made.close)
        return made


class OneBadHost(HostsCase):
    def test_a_good_host_gets_its_tasks_while_others_hang_lie_and_are_gone(self):
        hanging = self.another(Receiver())
        hanging.on("/ok", Plan(200, hold=True))
        mute = self.another(Liar(b"HTTP/1.1 200 OK\r\nContent-Len"))
        liar = self.another(Liar(b"220 mail.example ESMTP\r\n"))
        gone = Receiver()
        gone.close()
        for bad in (hanging, mute, liar, gone):
            self.create_many(bad.url(), 200, tags=["bad"], timeout="PT10M")
        hanging.wait_for(AT_ONCE)

        self.create_many(self.receiver.url(), 500, tags=["good"])
        case.wait_until(lambda: self.count("completed", tag="good") == 500, "all 500 are completed",
                        timeout=60)
        self.assertEqual(len(self.receiver.calls()), 500)
        self.assertEqual(self.count("completed", tag="bad"), 0)
        self.assertEqual(len(hanging.calls()), AT_ONCE)

        host = self.host(hanging.port)
        self.assertEqual(host["state"], "closed")
        self.assertEqual(host["in_flight"], AT_ONCE)
        self.assertTrue(host["has_waiting_tasks"])
        self.assertEqual(self.host(mute.port)["in_flight"], AT_ONCE)
        for bad in (liar, gone):
            host = case.wait_until(
                lambda bad=bad: (found := self.host(bad.port))["state"] != "closed" and found,
                "a host that fails is left alone")
            self.assertGreaterEqual(host["consecutive_failures"], 10)
            self.assertTrue(host["last_failure"])

        hanging.release()
        case.wait_until(lambda: self.count("completed", tag="bad") == 200,
                        "the tasks of the host that hung are completed", timeout=60)


class Breaker(HostsCase):
    clock = "manual"  # cool-downs end when the test says so

    def setUp(self):
        self.bad = self.another(Receiver())
        self.tag = case.unique()

    def now(self, *statuses):
        """How many tasks of this test have one of the statuses."""
        return self.count(*statuses, tag=self.tag)

    def open_breaker(self):
        """40 tasks of a host that answers 503; how many of them have failed."""
        self.bad.on("/ok", Plan(503))
        self.create_many(self.bad.url(), 40, tags=[self.tag])
        case.wait_until(self.is_open, "the breaker is open and no call under way")
        return self.now("failed")

    def is_open(self):
        found = self.host(self.bad.port)
        return found["state"] == "open" and found["in_flight"] == 0 and self.now("processing") == 0

    def wait_completed(self, count):
        case.wait_until(lambda: self.now("completed") == count, "what waited is completed")

    def test_tasks_of_a_host_that_is_down_wait_and_burn_no_attempts(self):
        failed = self.open_breaker()
        self.assertGreaterEqual(failed, 10)
        self.assertLess(failed, 40)
        self.assertEqual(self.now("queued"), 40 - failed)
        host = self.host(self.bad.port)
        self.assertEqual(host["state"], "open")
        self.assertEqual(host["last_failure"], "answered 503")
        self.assertTrue(host["open_until"])
        self.assertEqual(len(self.bad.calls()), failed)

    def test_a_probe_that_succeeds_lets_the_others_through(self):
        failed = self.open_breaker()
        self.bad.on("/ok", Plan(200))
        self.server.advance(by="PT1S")
        self.wait_completed(40 - failed)
        self.assertEqual(self.host(self.bad.port)["state"], "closed")

    def test_a_probe_that_fails_is_the_only_call(self):
        failed = self.open_breaker()
        self.server.advance(by="PT1S")
        case.wait_until(lambda: self.now("failed") == failed + 1, "the probe failed")
        case.wait_until(self.is_open, "the breaker is open again")
        self.assertEqual(len(self.bad.calls()), failed + 1)

    def test_an_operator_closes_a_breaker(self):
        failed = self.open_breaker()
        self.bad.on("/ok", Plan(200))
        host = self.call("POST", f"/v1/hosts/127.0.0.1:{self.bad.port}/reset")
        self.assertEqual(host["state"], "closed")
        self.wait_completed(40 - failed)

    def test_a_restart_begins_with_closed_breakers(self):
        failed = self.open_breaker()
        self.bad.on("/ok", Plan(200))
        self.server.restart()
        self.wait_completed(40 - failed)


class Surface(HostsCase):
    def test_hosts_are_listed_by_name_page_by_page(self):
        others = sorted(f"127.0.0.{last}:{self.receiver.port}" for last in (1, 2, 3, 10))
        for last in (1, 2, 3, 10):
            self.create(target=f"http://127.0.0.{last}:{self.receiver.port}/ok")
        case.wait_until(lambda: self.call("GET", "/v1/hosts")["total"] == 4, "all are known")
        page = self.call("GET", "/v1/hosts?limit=3")
        self.assertEqual([host["host"] for host in page["hosts"]], others[:3])
        self.assertTrue(page["has_more"])
        rest = self.call("GET", f"/v1/hosts?limit=3&cursor={page['next_cursor']}")
        self.assertEqual([host["host"] for host in rest["hosts"]], others[3:])
        self.assertIsNone(rest["next_cursor"])

    def test_what_is_unknown_is_refused(self):
        get = self.server.get
        self.assert_problem(get("/v1/hosts/nowhere:80"), 404)
        self.assert_problem(self.server.post("/v1/hosts/nowhere:80/reset"), 404)
        self.assert_problem(get("/v1/hosts?state=ajar"), 422, "query.state")


class Settings(unittest.TestCase):
    def test_an_operator_sets_how_many_calls_a_host_gets_at_once(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        receiver.on("/ok", Plan(200, hold=True))
        server = Server(case.binary(), environment={"CARILLON_DELIVERY_PER_HOST_CONCURRENCY": "3"})
        self.addCleanup(server.close)
        server.start()
        for _ in range(10):
            server.post("/v1/tasks", {"target": receiver.url()})
        receiver.wait_for(3)
        path = f"/v1/hosts/127.0.0.1:{receiver.port}"
        self.assertEqual(server.get(path).json["in_flight"], 3)
        receiver.release()
        receiver.wait_for(10)


if __name__ == "__main__":
    case.main()
