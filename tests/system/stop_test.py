"""Starting and stopping: signals, the port, the data folder."""

import os
import pathlib
import re
import signal
import stat
import time
import unittest

import case
from carillon import Server
from receiver import Plan, Receiver


def contents(folder):
    """Every file below the folder, by its path."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            found[str(path)] = path.read_bytes()
    return found


class Stopping(unittest.TestCase):
    def setUp(self):
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)
        self.server = Server(case.binary())
        self.addCleanup(self.server.close)
        self.server.start()

    def held_call(self):
        """A task whose call is under way and waits for receiver.release()."""
        self.receiver.on("/held", Plan(200, hold=True))
        made = self.server.post("/v1/tasks", {"target": self.receiver.url("/held")})
        self.assertEqual(made.status, 201, made)
        self.receiver.wait_for(1, "/held")
        return made.json["id"]

    def test_an_idle_server_ends_with_zero(self):
        self.assertEqual(self.server.terminate(5), 0)

    def test_a_running_attempt_may_end(self):
        task_id = self.held_call()
        self.server.signal(signal.SIGTERM)
        time.sleep(0.3)
        self.assertTrue(self.server.alive, "it waits for the attempt")
        self.receiver.release()
        self.assertEqual(self.server.wait(), 0)
        self.server.start()
        task = self.server.get(f"/v1/tasks/{task_id}").json
        self.assertEqual(task["status"], "completed")
        self.assertEqual([entry["outcome"] for entry in task["attempts"]], ["success"])
        self.assertEqual(len(self.receiver.calls("/held")), 1, "no duplicate after a graceful stop")

    def test_a_second_signal_hastens(self):
        task_id = self.held_call()
        self.server.signal(signal.SIGTERM)
        time.sleep(0.3)
        self.assertTrue(self.server.alive)
        self.server.signal(signal.SIGTERM)
        self.server.wait(5)
        self.receiver.release()
        self.server.start()
        path = f"/v1/tasks/{task_id}"
        case.wait_until(lambda: self.server.get(path).json["status"] == "completed",
                        "the attempt that was cut is repeated")

    def test_no_new_work_is_taken_while_it_stops(self):
        self.held_call()
        waiting = self.server.post("/v1/tasks", {"target": self.receiver.url("/late"),
                                                 "execute_after": case.from_now(0.5)})
        self.server.signal(signal.SIGTERM)
        time.sleep(0.9)
        self.receiver.release()
        self.assertEqual(self.server.wait(), 0)
        self.assertEqual(self.receiver.calls("/late"), [])
        self.server.start()
        self.assertEqual(self.receiver.wait_for(1, "/late")[0].task, waiting.json["id"])

    def test_a_long_poll_does_not_hold_the_stop_up(self):
        def poll(_):
            try:
                return self.server.post("/v1/queues/q/lease", {
                    "max": 1, "wait": "PT20S", "lease": "PT1M", "worker": "w"}).status
            except ConnectionError:
                return 0

        def stop(_):
            time.sleep(0.3)
            return self.server.terminate(10)

        results = case.at_once(2, lambda index: (poll, stop)[index](None))
        self.assertEqual(results[1], 0)
        self.assertIn(results[0], (0, 200, 503))


class Starting(unittest.TestCase):
    def server(self, **options):
        made = Server(case.binary(), **options)
        self.addCleanup(made.close)
        return made

    def refused(self, server, *words):
        """The server must end by itself, not with 0, and say why."""
        server.start(wait=False)
        code = server.wait(10)
        self.assertGreater(code, 0, f"an exit code, not a signal\n{server.log()}")
        for word in words:
            self.assertIn(word, server.log())

    def test_a_taken_port_is_said_clearly(self):
        first = self.server().start()
        second = self.server()
        second.port = first.port
        self.refused(second, str(first.port))
        self.assertEqual(first.get("/readyz").status, 200)

    def test_a_taken_data_folder_is_said_clearly(self):
        first = self.server().start()
        second = self.server(data=first.data)
        second.checked = False  # the first one still has it open
        self.refused(second, first.data)
        self.assertEqual(first.get("/readyz").status, 200)

    def test_a_newer_format_of_the_store_is_refused_and_left_alone(self):
        server = self.server().start()
        made = server.post("/v1/tasks", {"task_type": "q", "execute_after": "P1D"}).json
        server.terminate()
        path = os.path.join(server.data, "FORMAT")
        with open(path, encoding="ascii") as file:
            ours = file.read()
        with open(path, "w", encoding="ascii") as file:
            file.write(re.sub(r"\d+", lambda number: str(int(number[0]) + 1), ours, count=1))
        before = contents(server.data)
        self.refused(server, "format", server.data)
        self.assertEqual(contents(server.data), before)
        with open(path, "w", encoding="ascii") as file:
            file.write(ours)
        server.start()
        self.assertEqual(server.get(f"/v1/tasks/{made['id']}").status, 200)

    def test_an_unknown_option_is_refused(self):
        self.refused(self.server(options=["--no-such-option"]), "no-such-option")

    def test_health_needs_no_token(self):
        server = self.server().start()
        server.client.token = None
        for path in ("/healthz", "/readyz"):
            self.assertEqual(server.get(path).status, 200, path)

    def test_the_token_is_for_the_owner_only(self):
        server = self.server().start()
        token = os.path.join(server.data, "admin.token")
        self.assertEqual(stat.S_IMODE(os.stat(token).st_mode) & 0o077, 0)
        self.assertEqual(stat.S_IMODE(os.stat(server.data).st_mode) & 0o077, 0)
        before = server.token
        server.restart()
        self.assertEqual(server.token, before, "a restart keeps it")


if __name__ == "__main__":
    case.main()
