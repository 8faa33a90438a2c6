"""The checker: compares a journal with what the server shows after the run.

    checker.py JOURNAL DUMP     prints the verdict; exit code 1 if any promise was broken

The invariants are numbered as in the list of promises (I1 exists, I2 maybe, I3 no ghost, I4
monotone, I5 attempts, I6 no lost run, I7 never early, I8 cancel wins, I11 leases, I12 counts, I13
space). A dump is {"at": seconds, "tasks": [...], "totals": {status: n}, "base": resources, "after":
resources}; dump.py makes it.

The server and this journal read the same clock; the server cuts to milliseconds, which makes an
instant of its own look up to a millisecond older than it is, never younger.
"""

import json
import sys

import delivery_checks
import journal
from history import ENDED, History
from instants import to_seconds
from verdict import Verdict

KEPT_FIELDS = ("target", "task_type", "payload", "unique_id", "tags", "priority")
ANSWERED_FIELDS = ("id", "created_at", "scheduled_for")
# Bounds of I13, generous: what a pool, an arena or a cache may keep.
SPARE_FILES, SPARE_THREADS, SPARE_RSS_KIB = 192, 8, 256 * 1024


def check(entries, dump):
    """The Verdict on a run."""
    history = History(entries)
    verdict = Verdict()
    tasks = {task["id"]: task for task in dump["tasks"]}
    created = check_creates(history, dump["tasks"], verdict)
    for task_id, task in tasks.items():
        if task_id not in created:
            continue
        check_states(history, task, verdict)
        delivery_checks.check_task(history, task, created[task_id], dump["at"], verdict)
    for task_id in list(history.arrivals) + [entry["nonce"] for entry in history.stray]:
        if task_id not in tasks:
            verdict.ghost.append(f"{task_id}: delivered, but not in the server")
    check_counts(dump, verdict)
    check_space(dump, verdict)
    return verdict


# -- I1, I2, I3: what is there ---------------------------------------------------------------


def check_creates(history, tasks, verdict):
    """The create of each task in the dump, by the task's id. Each create carries a nonce in its
    payload; repeats of one create carry the same."""
    there = {}
    for task in tasks:
        payload = task["payload"]
        nonce = payload.get("nonce") if isinstance(payload, dict) else None
        there.setdefault(nonce, []).append(task)
    asked = {}
    for create in history.creates:
        asked.setdefault(create.asked["body"]["payload"]["nonce"], []).append(create)
    created = {}
    for nonce, creates in asked.items():
        found = there.pop(nonce, [])
        for task in found:
            created[task["id"]] = creates[0]
        check_create(nonce, creates, found, verdict)
    for nonce, found in there.items():
        verdict.ghost += [f"{task['id']}: nobody asked for it (nonce {nonce})" for task in found]
    return created


def check_create(nonce, creates, found, verdict):
    acked = [create for create in creates if create.done]
    if acked:
        verdict.acked += 1
        names = {create.body["id"] for create in acked}
        if not found:
            verdict.lost.append(f"{nonce}: acknowledged as {sorted(names)}, and not there")
        elif names != {task["id"] for task in found} and len(found) == 1:
            verdict.wrong.append(f"{nonce}: answered as {sorted(names)}, is {found[0]['id']}")
        if found:
            check_fields(acked[0], found[0], verdict)
    elif any(create.maybe for create in creates):
        verdict.recovered += len(found) > 0
        if found:
            check_fields(creates[0], found[0], verdict)
    else:
        verdict.refused += 1
        if found:
            verdict.ghost.append(f"{found[0]['id']}: was refused with {creates[0].status}")
    if len(found) > 1:
        verdict.duplicated.append(f"{nonce}: one create, tasks {[task['id'] for task in found]}")


def check_fields(create, task, verdict):
    body = create.asked["body"]
    for name in KEPT_FIELDS:
        if name in body and task.get(name) != body[name]:
            verdict.lost.append(f"{task['id']}: {name} was {body[name]}, is {task.get(name)}")
    if create.done:
        for name in ANSWERED_FIELDS:
            if task.get(name) != create.body[name]:
                verdict.lost.append(
                    f"{task['id']}: {name} was {create.body[name]}, is {task.get(name)}")
    after = body.get("execute_after", "")
    if after.endswith("Z") and to_seconds(task["scheduled_for"]) != to_seconds(after):
        verdict.lost.append(f"{task['id']}: asked for {after}, is {task['scheduled_for']}")


# -- I4: states move along the graph ---------------------------------------------------------


def check_states(history, task, verdict):
    """What was seen of a task, in the order of time, with the dump as the last."""
    seen = [(request.sent_at, request.answered_at, request.body["status"])
            for request in history.by_task.get(task["id"], []) if request.done]
    seen.append((float("inf"), float("inf"), task["status"]))
    seen.sort()
    retries = [request.sent_at for request in history.asked_for(task["id"], "retry")]
    for index, (_, answered_at, status) in enumerate(seen):
        for sent_at, later_answer, later in seen[index + 1:]:
            # A `retry` reopens a failed task; only what overlaps none is ordered.
            overlapping = sent_at < answered_at
            if overlapping or any(retry <= later_answer for retry in retries):
                continue
            if not may_follow(status, later):
                verdict.undone.append(f"{task['id']}: was {status}, then {later}")


def may_follow(earlier, later):
    """Whether the graph has a way from one status to the other."""
    if earlier in ENDED:
        return later == earlier
    return earlier == "scheduled" or later != "scheduled"


# -- I12, I13: counts and space --------------------------------------------------------------


def check_counts(dump, verdict):
    counted = {}
    for task in dump["tasks"]:
        counted[task["status"]] = counted.get(task["status"], 0) + 1
    for status, total in dump["totals"].items():
        if total != counted.get(status, 0):
            verdict.wrong.append(
                f"the list says {total} {status}, there are {counted.get(status, 0)}")
    if len({task["id"] for task in dump["tasks"]}) != len(dump["tasks"]):
        verdict.wrong.append("a task is listed twice")


def check_space(dump, verdict):
    base, after = dump.get("base"), dump.get("after")
    if not base or not after:
        return
    for name, spare in (("files", SPARE_FILES), ("threads", SPARE_THREADS),
                        ("rss_kib", SPARE_RSS_KIB)):
        if after[name] > base[name] + spare:
            verdict.wrong.append(
                f"{name}: {base[name]} at the start, {after[name]} after the drain")


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as file:
        result = check(journal.read(sys.argv[1]), json.load(file))
    print(result.report())
    sys.exit(1 if result.failed else 0)
