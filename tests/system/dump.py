"""Waits until a server has nothing more to do, and takes down all it shows."""

import time

import case
from history import ENDED

OPEN = ("queued", "processing", "retrying")
PAGE = 200
READERS = 4


def drain(server, last_due, timeout=60.0):
    """Until nothing is due and open. `last_due`: seconds, when the last near task is due."""
    time.sleep(max(0.0, last_due - time.time()))
    deadline = time.monotonic() + timeout
    while any(total(server, status) for status in OPEN):
        if time.monotonic() > deadline:
            break  # the checker names what is stuck
        time.sleep(0.1)


def total(server, status):
    answer = server.get(f"/v1/tasks?status={status}&limit=1")
    if answer.status != 200:
        server.fail(f"listing answered {answer}")
    return answer.json["total"]


def take(server, base=None):
    """The dump that the checker reads."""
    at = time.time()
    tasks = with_attempts(server, list(pages(server)))
    return {"at": at, "tasks": tasks,
            "totals": {status: total(server, status) for status in ("scheduled", *OPEN, *ENDED)},
            "base": base, "after": server.resources()}


def pages(server):
    path = f"/v1/tasks?limit={PAGE}"
    cursor = None
    while True:
        answer = server.get(path + (f"&cursor={cursor}" if cursor else ""))
        if answer.status != 200:
            server.fail(f"listing answered {answer}")
        yield from answer.json["tasks"]
        cursor = answer.json.get("next_cursor")
        if not cursor:
            return


def with_attempts(server, tasks):
    """Lists may leave the attempts and the payload out; then each task is read by itself."""
    if all("attempts" in task and "payload" in task for task in tasks):
        return tasks

    def read(index):
        found = [server.get(f"/v1/tasks/{task['id']}") for task in tasks[index::READERS]]
        return [answer.json for answer in found if answer.status == 200]

    return [task for share in case.at_once(READERS, read) for task in share]
