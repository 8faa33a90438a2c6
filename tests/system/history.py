"""A journal, arranged for the checker: by task, with requests and answers joined."""

import dataclasses
from collections import defaultdict

from instants import to_seconds

ENDED = ("completed", "failed", "canceled", "expired", "skipped")


@dataclasses.dataclass
class Request:
    op: str
    sent_at: float
    asked: dict
    status: int = 0  # 0: no answer
    body: object = None
    answered_at: float = None

    @property
    def done(self):
        return 200 <= self.status < 300

    @property
    def maybe(self):
        """It may have happened, or not."""
        return self.status == 0 or self.status >= 500


@dataclasses.dataclass
class Grant:
    """A lease as its worker knows it."""

    task: str
    attempt: int
    token: str
    at: float
    expires_at: float
    # What ended it, or tried to (complete, fail, release): (Request, status of the entry).
    ends: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Arrival:
    """A delivery of either kind."""

    task: str
    attempt: int
    at: float
    status: int  # what the target answered; 0 for a lease
    grant: Grant = None


class History:
    def __init__(self, entries):
        self.requests = []
        self.creates = []
        self.by_task = defaultdict(list)  # get, cancel, trigger, retry, by the task's id
        self.grants = defaultdict(list)
        self.lost_polls = []  # lease requests without an answer: they may have been granted
        self.arrivals = defaultdict(list)
        self.kills = []
        self.stray = []  # deliveries that name no task
        self._read(entries)

    def _read(self, entries):
        open_requests = {}
        by_token = {}
        for entry in entries:
            kind = entry["kind"]
            if kind == "request":
                asked = {name: value for name, value in entry.items()
                         if name not in ("kind", "n", "at", "op")}
                request = Request(entry["op"], entry["at"], asked)
                open_requests[entry["n"]] = request
                self.requests.append(request)
            elif kind == "answer":
                request = open_requests[entry["n"]]
                request.status, request.body = entry["status"], entry["body"]
                request.answered_at = entry["at"]
            elif kind == "delivery":
                self._arrived(entry)
            elif kind == "kill":
                self.kills.append(entry["at"])
        for request in self.requests:
            self._file(request, by_token)
        for arrivals in self.arrivals.values():
            arrivals.sort(key=lambda arrival: (arrival.at, arrival.attempt))

    def _arrived(self, entry):
        if not entry["task"]:
            self.stray.append(entry)
            return
        self.arrivals[entry["task"]].append(
            Arrival(entry["task"], entry["attempt"], entry["at"], entry["status"] or 0))

    def _file(self, request, by_token):
        if request.op == "create":
            self.creates.append(request)
        elif request.op == "lease":
            self._granted(request, by_token)
        elif "leases" in request.asked:
            self._settled(request, by_token)
        else:
            self.by_task[request.asked["task"]].append(request)

    def _granted(self, request, by_token):
        if request.maybe:
            self.lost_polls.append(request)
        for item in (request.body or {}).get("tasks", []) if request.done else []:
            grant = Grant(item["task_id"], item["attempt"], item["token"], request.answered_at,
                          to_seconds(item["lease_expires_at"]))
            by_token[grant.task, grant.token] = grant
            self.grants[grant.task].append(grant)
            self.arrivals[grant.task].append(
                Arrival(grant.task, grant.attempt, grant.at, 0, grant))

    def _settled(self, request, by_token):
        """Files an end of a lease with its grant; a heartbeat moves the grant's end."""
        results = request.body["results"] if request.done else []
        for index, lease in enumerate(request.asked["leases"]):
            grant = by_token.get((lease["task_id"], lease["token"]))
            if grant is None:
                continue
            result = results[index] if index < len(results) else {}
            if request.op != "heartbeat":
                grant.ends.append((request, result.get("status", 0)))
            elif result.get("status") == 200 and result.get("lease_expires_at"):
                grant.expires_at = to_seconds(result["lease_expires_at"])

    def killed_between(self, begin, end):
        return any(begin <= kill <= end for kill in self.kills)

    def asked_for(self, task, op):
        """The requests `op` of a task that happened or may have."""
        return [request for request in self.by_task.get(task, [])
                if request.op == op and (request.done or request.maybe)]
