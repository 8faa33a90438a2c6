"""A random but bounded load: clients that create, trigger, cancel and look; workers that lease,
complete, fail, give back and sometimes lie. Every step goes through the journal."""

import random
import threading
import time

from client import Client
from instants import to_text
from receiver import Plan

CLIENTS, WORKERS = 4, 2
CLIENT_RATE = 250.0  # requests a second and client, at most
QUEUES = ("reports", "mails", "images")
IDLE_QUEUE = "nobody"  # its tasks expire
FAR = 24 * 3600.0  # seconds; far tasks stay scheduled for the whole run
SOON_MAX = 2.0
LEASE = "PT1.5S"
ENDS = ("complete", "fail", "release")
KNOWN_MAX = 400  # tasks that a client remembers to act on


def plan_for(call):
    """The receiver's answer, by the path of the target."""
    if call.path == "/flaky":
        return Plan(500 if call.attempt == 1 else 200)
    return {"/bad": Plan(500), "/slow": Plan(200, delay=0.15)}.get(call.path, Plan(200))


PATHS = ("/ok", "/ok", "/ok", "/slow", "/flaky", "/bad")


class Load:
    """Runs against one life of the server; what the clients know outlives it."""

    def __init__(self, server, receiver, journal, seed):
        self.server = server
        self.receiver = receiver
        self.journal = journal
        self.seed = seed
        self.made = 0
        self.steps = 0
        self._stop = threading.Event()
        self._known = [[] for _ in range(CLIENTS)]  # (id, create body) of each client
        self._held = [[] for _ in range(WORKERS)]  # leases that a worker sits on
        self._forgotten = {}  # task: a lease that is ended only once the task has a new holder
        for path in set(PATHS):
            receiver.on(path, plan_for)

    def start(self, round_number):
        """Starts the threads; stop() joins them."""
        self._stop.clear()
        self._threads = [
            threading.Thread(target=self._client, args=(index, round_number))
            for index in range(CLIENTS)]
        self._threads += [
            threading.Thread(target=self._worker, args=(index, round_number, False))
            for index in range(WORKERS)]
        for thread in self._threads:
            thread.start()

    def start_draining(self):
        """Workers only, and honest ones."""
        self._stop.clear()
        self._threads = [threading.Thread(target=self._worker, args=(index, "drain", True))
                         for index in range(WORKERS)]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    # -- clients -----------------------------------------------------------------------------

    def _client(self, index, round_number):
        rng = random.Random(f"{self.seed}/{round_number}/client{index}")
        client = Client(self.server.port, self.server.token, timeout=10.0)
        serial = 0
        while not self._stop.is_set():
            begin = time.monotonic()
            choice = rng.random()
            if choice < 0.6 or not self._known[index]:
                serial += 1
                self._create(client, index, self._new_body(rng, f"{round_number}-{index}-{serial}"))
            elif choice < 0.64:  # a client that does not trust its first answer
                self._create(client, index, rng.choice(self._known[index])[1], again=True)
            else:
                task = rng.choice(self._known[index])[0]
                op = rng.choices(("trigger", "cancel", "get", "retry"), (3, 3, 2, 1))[0]
                self._act(client, op, task)
            self._pace(begin)
        client.close()

    def _pace(self, begin):
        self.steps += 1
        left = 1 / CLIENT_RATE - (time.monotonic() - begin)
        if left > 0:
            time.sleep(left)

    def _new_body(self, rng, nonce):
        body = {"payload": {"nonce": f"{self.seed}-{nonce}", "n": rng.randrange(1 << 60)},
                "tags": rng.sample(["red", "green", "blue"], rng.randrange(3)),
                "priority": rng.randrange(1, 10)}
        if rng.random() < 0.7:
            body["unique_id"] = body["payload"]["nonce"]
        wait = rng.choices((None, rng.uniform(0, SOON_MAX), FAR), (3, 4, 2))[0]
        if wait is not None:
            body["execute_after"] = to_text(time.time() + wait)
        if rng.random() < 0.6:
            body["target"] = self.receiver.url(rng.choice(PATHS))
        elif wait in (None, FAR) or rng.random() < 0.9:
            body["task_type"] = rng.choice(QUEUES)
        else:
            body["task_type"] = IDLE_QUEUE
            body["expires_after"] = to_text(time.time() + wait + 0.5)
        body["retry"] = {"max_retries": 0}
        if rng.random() < 0.7:
            body["retry"] = {"max_retries": rng.randrange(1, 4), "delay": "PT0.1S",
                             "backoff": rng.choice(("fixed", "linear", "exponential_jitter"))}
        return body

    def _create(self, client, index, body, again=False):
        if again and "unique_id" not in body:
            return
        status, task = self._call(client, "create", "/v1/tasks", body, {"body": body})
        known = self._known[index]
        if status in (200, 201) and not again:
            known.append((task["id"], body))
            self.made += 1
        elif status == 0 and "unique_id" in body:
            # Asked again in the next life, as a client with an idempotency key would.
            known.append((None, body))
        del known[:-KNOWN_MAX]

    def _act(self, client, op, task):
        if task is None:
            return
        path = f"/v1/tasks/{task}"
        if op == "get":
            self._call(client, op, path, None, {"task": task})
        else:
            self._call(client, op, f"{path}/{op}", None, {"task": task})

    def _call(self, client, op, path, body, asked):
        """Status and (slim) JSON of a journaled request; 0 when there was no answer."""
        number = self.journal.request(op, **asked)
        try:
            answer = client.get(path) if op == "get" else client.post(path, body)
        except ConnectionError:
            self.journal.answer(number, 0)
            return 0, None
        slim = None
        if answer.status < 300:
            slim = slim_task(answer.json) if "task" in asked or op == "create" else answer.json
        self.journal.answer(number, answer.status, slim)
        return answer.status, slim

    # -- workers -----------------------------------------------------------------------------

    def _worker(self, index, round_number, honest):
        rng = random.Random(f"{self.seed}/{round_number}/worker{index}")
        client = Client(self.server.port, self.server.token, timeout=10.0)
        held = self._held[index]
        while not self._stop.is_set():
            queue = rng.choice(QUEUES)
            status, answer = self._call(
                client, "lease", f"/v1/queues/{queue}/lease",
                {"max": rng.randrange(1, 20), "wait": "PT0.1S", "lease": LEASE,
                 "worker": f"worker{index}"}, {"queue": queue})
            granted = answer["tasks"] if status == 200 else []
            held += [{"task_id": grant["task_id"], "token": grant["token"]} for grant in granted]
            rng.shuffle(held)
            stale = [self._forgotten.pop(grant["task_id"], None) for grant in granted]
            taken, held[:] = (held[:], []) if honest else (held[:20], held[20:])
            piles = [(rng.choice(ENDS), [lease for lease in stale if lease])]
            for op, leases in piles + self._deal(rng, taken, index, honest):
                if leases:
                    body = {"leases": leases}
                    self._call(client, op, f"/v1/leases/{op}", body, body)
        client.close()

    def _deal(self, rng, taken, index, honest):
        """Splits leases over what is done with them. The dishonest part: some are forgotten, some
        are ended twice or only after they are lost, some are kept and ended in a later life."""
        if honest:
            return [("complete", taken)]
        piles = {"complete": [], "fail": [], "release": [], "heartbeat": []}
        for lease in taken:
            choice = rng.random()
            if choice < 0.60:
                piles["complete"].append(lease)
            elif choice < 0.72:
                piles["fail"].append({**lease, "error": "planned", "retryable": choice < 0.70})
            elif choice < 0.78:
                piles["release"].append(lease)
            elif choice < 0.85:
                piles["heartbeat"].append({**lease, "progress": 50, "lease": LEASE})
                self._held[index].append(lease)
            elif choice < 0.93:
                self._held[index].append(lease)
            elif choice < 0.98:
                self._forgotten[lease["task_id"]] = lease
        twice = [lease for lease in piles["complete"] if rng.random() < 0.05]
        return list(piles.items()) + [("complete", twice)]


def slim_task(task):
    """What the checker needs of a task in an answer."""
    slim = {name: task[name] for name in ("id", "status", "created_at", "scheduled_for")}
    slim["attempts"] = len(task["attempts"])
    return slim
