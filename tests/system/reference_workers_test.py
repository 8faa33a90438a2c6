"""The workers of docs/workers: each does its tasks, in good days and bad ones."""

import collections
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import case

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "docs/workers"
FAST = {"max_retries": 2, "backoff": "fixed", "delay": "50ms"}
TIMEOUT = 60.0  # seconds; a bound against hanging, not a goal

# One handler, three times: it notes that it began, then fails, or waits for a file and squares.
SHELL_HANDLER = r"""
payload=$(cat)
of() { jq -r ".$1 // empty" <<<"$payload"; }
echo "$TASK_ID $TASK_ATTEMPT" >>"$JOURNAL"
if [[ $(of fail) ]]; then
  of fail >&2
  [[ $(jq .final <<<"$payload") == true ]] && exit 100
  exit 1
fi
echo 40 >"$PROGRESS_FILE"
until [[ -z $(of gate) || -e $(of gate) ]]; do sleep 0.02; done
jq -c '{square: (.n * .n)}' <<<"$payload"
"""
PYTHON_HANDLER = r"""
import os

def handle(task):
    with open(os.environ["JOURNAL"], "a") as journal:
        journal.write(f"{task.id} {task.attempt}\n")
    if "fail" in task.payload:
        error = RuntimeError(task.payload["fail"])
        error.retryable = not task.payload.get("final", False)
        raise error
    task.progress(40, "under way")
    while "gate" in task.payload and not os.path.exists(task.payload["gate"]):
        if task.lost.wait(0.02):
            return None
    return {"square": task.payload["n"] ** 2}
"""
NODE_HANDLER = r"""
import { appendFileSync, existsSync } from "node:fs";

export default async function (task) {
  appendFileSync(process.env.JOURNAL, `${task.id} ${task.attempt}\n`);
  const { n, gate, fail, final } = task.payload;
  if (fail) throw Object.assign(new Error(fail), { retryable: !final });
  task.progress(40, "under way");
  while (gate && !existsSync(gate) && !task.lost.aborted)
    await new Promise((done) => setTimeout(done, 20));
  return { square: n * n };
}
"""


class Behaviour:
    """What is asked of every worker; a subclass says how one is started."""

    needs = ()
    script: str
    one_at_a_time = ()  # options

    @classmethod
    def setUpClass(cls):
        for program in cls.needs:
            if shutil.which(program) is None:
                raise case.unittest.SkipTest(f"{program} is not installed")
        super().setUpClass()

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="carillon-worker-"))
        self.addCleanup(shutil.rmtree, self.home, True)
        (self.home / "journal").touch()
        self.queue = case.unique("queue")

    def handler(self, name, text):
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def start(self, *options, lease=30):
        """A worker of the test's queue, killed at the latest when the test ends."""
        options, command = self.arguments(list(options))
        log = open(self.home / "log", "ab")
        self.addCleanup(log.close)
        worker = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL",  # should the tests themselves be killed
             *self.program(), "--url", f"http://127.0.0.1:{self.server.port}",
             "--token-file", os.path.join(self.server.data, "admin.token"),
             "--queue", self.queue, "--lease", str(lease), "--wait", "10", *options, *command],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "JOURNAL": str(self.home / "journal")}, start_new_session=True)
        self.addCleanup(self.kill, worker)
        return worker

    def kill(self, worker):
        worker.kill()
        worker.wait()

    def log(self):
        return (self.home / "log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def begun(self):
        """{task id: [numbers of its attempts]} of what the handlers noted."""
        found = collections.defaultdict(list)
        for line in (self.home / "journal").read_text(encoding="ascii").splitlines():
            task_id, attempt = line.split()
            found[task_id].append(int(attempt))
        return found

    def make(self, **payload):
        return self.create(task_type=self.queue, payload=payload, retry=FAST)["id"]

    def gated(self, name="gate", **payload):
        """A task whose handler waits until the gate is there; the id and the gate."""
        gate = self.home / name
        return self.make(gate=str(gate), n=3, **payload), gate

    def wait_begun(self, task_id, attempts=1):
        case.wait_until(lambda: len(self.begun()[task_id]) >= attempts,
                        f"attempt {attempts} of {task_id} begins", TIMEOUT)

    def done(self, task_id, status="completed"):
        try:
            return self.wait_status(task_id, status, timeout=TIMEOUT)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.task(task_id)}\n{self.log()}") from error

    def ended(self, worker):
        return worker.wait(TIMEOUT)

    def outcomes(self, task):
        return [attempt["outcome"] for attempt in task["attempts"]]

    # -- the tests -------------------------------------------------------------------------

    def test_help_names_the_options(self):
        text = subprocess.run([*self.program(), "--help"], capture_output=True, check=True,
                              timeout=TIMEOUT).stdout.decode()
        for option in ("--url", "--token-file", "--queue", "--batch", "--lease", "--grace"):
            self.assertIn(option, text)

    def test_fifty_tasks_are_done_once_each(self):
        made = {self.make(n=n): n for n in range(25)}
        workers = [self.start("--batch", "5") for _ in range(2)]
        made.update({self.make(n=n): n for n in range(25, 50)})
        for task_id, n in made.items():
            task = self.done(task_id)
            self.assertEqual(task["result"], {"square": n * n})
            self.assertEqual(self.outcomes(task), ["success"])
        self.assertEqual(self.begun(), {task_id: [1] for task_id in made})
        # One that is still starting does not hear the signal yet: each must have worked.
        seen = {self.done(task_id)["attempts"][0]["worker"] for task_id in made}
        while len(seen) < 2:
            seen.add(self.done(self.make(n=0))["attempts"][0]["worker"])
        for worker in workers:
            worker.terminate()
        self.assertEqual([self.ended(worker) for worker in workers], [0, 0], self.log())

    def test_what_fails_is_retried_and_then_failed(self):
        message = 'no "space" left, naïve\\'
        again, final = self.make(fail=message), self.make(fail=message, final=True)
        self.start()
        task = self.done(again, "failed")
        self.assertEqual([attempt["error"] for attempt in task["attempts"]], [message] * 3)
        self.assertEqual(task["reason"], "error")
        task = self.done(final, "failed")
        self.assertEqual([attempt["error"] for attempt in task["attempts"]], [message])

    def test_what_a_killed_worker_held_is_done_by_another(self):
        task_id, gate = self.gated()
        first = self.start(lease=1)
        self.wait_begun(task_id)
        self.kill(first)
        gate.touch()
        self.start()
        task = self.done(task_id)
        *before, last = self.outcomes(task)
        self.assertEqual((set(before), last), ({"lease_lost"}, "success"))
        self.assertEqual(task["result"], {"square": 9})

    def test_heartbeats_keep_a_slow_task_and_tell_its_progress(self):
        task_id, gate = self.gated()
        self.start(lease=3)
        self.wait_begun(task_id)

        def beats():
            return [entry for entry in self.task(task_id)["events"] if entry["progress"] == 40]
        case.wait_until(beats, "a heartbeat with the progress", TIMEOUT)
        first_end = self.task(task_id)["lease_expires_at"]
        case.wait_until(lambda: self.server.get("/v1/clock").json["now"] > first_end,
                        "the first lease would be over", TIMEOUT)
        gate.touch()
        self.assertEqual(self.outcomes(self.done(task_id)), ["success"])

    def test_what_waits_in_a_batch_keeps_its_lease_too(self):
        first, gate = self.gated()
        second = self.make(n=2)
        self.start("--batch", "2", *self.one_at_a_time, lease=3)
        self.wait_begun(first)
        lease_end = self.task(first)["lease_expires_at"]
        case.wait_until(lambda: self.server.get("/v1/clock").json["now"] > lease_end,
                        "the first lease would be over", TIMEOUT)
        gate.touch()
        for task_id in (first, second):
            self.assertEqual(self.outcomes(self.done(task_id)), ["success"])

    def test_a_task_that_is_lost_is_dropped(self):
        task_id, _ = self.gated()
        worker = self.start(*self.one_at_a_time, lease=2)
        self.wait_begun(task_id)
        self.act(task_id, "cancel")
        self.assertEqual(self.done(self.make(n=4))["result"], {"square": 16})
        self.assertEqual(self.task(task_id)["status"], "canceled")
        self.assertIsNone(worker.poll(), self.log())

    def test_sigterm_ends_an_idle_worker(self):
        worker = self.start("--wait", "60")
        self.done(self.make(n=1))  # so that it is up, and polls again
        worker.terminate()
        self.assertEqual(worker.wait(20), 0, self.log())

    def test_sigterm_lets_the_task_at_hand_end_and_takes_no_more(self):
        task_id, gate = self.gated()
        worker = self.start(*self.one_at_a_time)
        self.wait_begun(task_id)
        worker.send_signal(signal.SIGTERM)
        later = self.make(n=5)
        gate.touch()
        self.assertEqual(self.ended(worker), 0, self.log())
        task = self.task(task_id)
        self.assertEqual((task["status"], task["result"]), ("completed", {"square": 9}))
        self.assertEqual(self.task(later)["status"], "queued")

    def test_what_does_not_end_in_the_grace_time_is_released(self):
        task_id, _ = self.gated()
        waits = self.make(n=2)
        worker = self.start("--grace", "1", "--batch", "2", *self.one_at_a_time)
        self.wait_begun(task_id)
        worker.send_signal(signal.SIGTERM)
        self.assertEqual(self.ended(worker), 0, self.log())
        for released in (task_id, waits):
            task = self.task(released)
            self.assertEqual(task["status"], "queued")
            self.assertIn(self.outcomes(task), (["released"], []))
        self.assertEqual(self.outcomes(self.task(task_id)), ["released"])

    def test_a_restart_of_the_server_loses_nothing(self):
        made = {self.make(n=n): n for n in range(30)}
        workers = [self.start("--batch", "2", lease=3) for _ in range(2)]
        case.wait_until(lambda: len(self.begun()) >= 5, "some tasks have begun", TIMEOUT)
        self.server.kill()
        self.server.start()
        for task_id, n in made.items():
            self.assertEqual(self.done(task_id)["result"], {"square": n * n})
        self.assertEqual([worker.poll() for worker in workers], [None, None], self.log())


class Shell(Behaviour, case.ServerCase):
    needs = ("bash", "curl", "jq")

    def program(self):
        return ["bash", str(FOLDER / "worker.sh")]

    def arguments(self, options):
        return options, ["--", "bash", self.handler("handler.sh", SHELL_HANDLER)]


class Python(Behaviour, case.ServerCase):
    one_at_a_time = ("--slots", "1")

    def program(self):
        return [case.sys.executable, "-B", str(FOLDER / "worker.py")]

    def arguments(self, options):
        return options, ["--handler", self.handler("handler.py", PYTHON_HANDLER)]


class Node(Behaviour, case.ServerCase):
    needs = ("node",)
    one_at_a_time = ("--slots", "1")

    def program(self):
        return ["node", str(FOLDER / "worker.mjs")]

    def arguments(self, options):
        return options, ["--handler", self.handler("handler.mjs", NODE_HANDLER)]


if __name__ == "__main__":
    case.main()
