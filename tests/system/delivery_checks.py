"""The checker's part about one task's runs: I5 attempts, I6 no lost run, I7 never early, I8 cancel
wins, I11 leases."""

from history import ENDED
from instants import to_seconds

LATE_START_GRACE = 1.0  # seconds after a start in which lateness is downtime, not ours
KILL_SLACK = 1.0  # seconds by which a kill may be noted before the process is gone
CRASHES_MAX = 3
RETRIES_DEFAULT = 24  # of native tasks
LOST_LEASES_MAX = 10


def check_task(history, task, create, dumped_at, verdict):
    arrivals = history.arrivals.get(task["id"], [])
    check_attempts(history, task, arrivals, verdict)
    check_repeats(history, task, arrivals, verdict)
    check_run(history, task, arrivals, dumped_at, verdict)
    check_end(history, task, create, verdict)
    check_time(history, task, arrivals, verdict)
    check_cancel(history, task, arrivals, verdict)
    check_leases(history, task, verdict)


# -- I5: attempts seen = attempts recorded ---------------------------------------------------


def check_attempts(history, task, arrivals, verdict):
    name, attempts = task["id"], task["attempts"]
    numbers = [entry["number"] for entry in attempts]
    if numbers != list(range(1, len(numbers) + 1)):
        verdict.wrong.append(f"{name}: attempts are numbered {numbers}")
    for arrival in arrivals:
        if arrival.attempt not in numbers:
            # The start is recorded before the call; so an unrecorded one was never allowed out.
            verdict.lost.append(f"{name}: attempt {arrival.attempt} arrived and is not recorded")
    seen = {arrival.attempt for arrival in arrivals}
    for entry in attempts:
        if entry["number"] not in seen and not may_be_unseen(history, task, entry):
            verdict.wrong.append(
                f"{name}: attempt {entry['number']} ({entry['outcome']}) never arrived")


def may_be_unseen(history, task, entry):
    """A call cut by a kill, or a grant whose answer was."""
    started = to_seconds(entry["started_at"])
    if task.get("task_type") and not task.get("target"):
        return any(poll.sent_at - 0.001 <= started and (
            poll.answered_at is None or started <= poll.answered_at) for poll in history.lost_polls)
    return entry["outcome"] in ("crashed", "canceled", "timeout") or not entry.get("http_status")


def check_repeats(history, task, arrivals, verdict):
    """A further delivery after one that the target had finished is a duplicate. It is allowed when
    the server could not know (a kill, a timeout, a lease end), never when it recorded success."""
    outcomes = {entry["number"]: entry["outcome"] for entry in task["attempts"]}
    for earlier, later in zip(arrivals, arrivals[1:]):
        text = f"{task['id']}: attempts {earlier.attempt} and {later.attempt}"
        outcome = outcomes.get(earlier.attempt)
        if later.attempt == earlier.attempt:
            if history.killed_between(earlier.at - KILL_SLACK, later.at):
                verdict.duplicated_allowed.append(text)
            else:
                verdict.duplicated.append(text + ", the same number twice with no kill between")
        elif outcome == "success":
            verdict.duplicated.append(text + ", though the first is recorded as a success")
        elif outcome == "crashed" and not history.killed_between(
                earlier.at - KILL_SLACK, later.at):
            verdict.duplicated.append(text + ", a crash is recorded, and nothing was killed")
        elif outcome in ("crashed", "timeout", "lease_lost"):
            verdict.duplicated_allowed.append(text)
        elif outcome == "error" and 200 <= earlier.status < 300:
            verdict.duplicated.append(text + ", the first had been answered with success")


# -- I6: no lost run -------------------------------------------------------------------------


def check_run(history, task, arrivals, dumped_at, verdict):
    name, status = task["id"], task["status"]
    if status not in ENDED:
        if status != "scheduled" or to_seconds(task["scheduled_for"]) <= dumped_at:
            verdict.lost.append(f"{name}: due at {task['scheduled_for']}, is still {status}")
        return
    if status == "completed" and not was_done(history, task, arrivals):
        verdict.lost.append(f"{name}: completed, but nobody did it")
    if status == "completed" and last_outcome(task) != "success":
        verdict.wrong.append(f"{name}: completed, but its last attempt is no success")
    if status == "canceled" and not history.asked_for(name, "cancel"):
        verdict.lost.append(f"{name}: canceled, and nobody asked")
    if status == "skipped":
        verdict.lost.append(f"{name}: skipped ({task.get('reason')}), a one-off task never is")


def last_outcome(task):
    return task["attempts"][-1]["outcome"] if task["attempts"] else None


def was_done(history, task, arrivals):
    if task.get("target"):
        return any(200 <= arrival.status < 300 for arrival in arrivals)
    return any(request.op == "complete" and status in (0, 200)
               for grant in history.grants.get(task["id"], []) for request, status in grant.ends)


def check_end(history, task, create, verdict):
    """Failed and expired need a cause; attempts stay inside the policy."""
    name, body = task["id"], create.asked["body"]
    outcomes = [entry["outcome"] for entry in task["attempts"]]
    rounds = 1 + len(history.asked_for(name, "retry"))
    tries = rounds * (1 + body.get("retry", {}).get("max_retries", RETRIES_DEFAULT))
    failures = sum(outcome in ("error", "timeout") for outcome in outcomes)
    if failures > tries:
        verdict.wrong.append(f"{name}: {failures} failed attempts, {tries} allowed")
    if task["status"] == "expired" and ("expires_after" not in body or outcomes):
        verdict.lost.append(f"{name}: expired without a cause")
    if task["status"] == "failed":
        final = any(not lease.get("retryable", True)
                    for grant in history.grants.get(name, []) for request, _ in grant.ends
                    for lease in request.asked["leases"] if lease["task_id"] == name)
        explained = (final or failures >= tries or outcomes.count("crashed") >= CRASHES_MAX
                     or outcomes.count("lease_lost") >= LOST_LEASES_MAX)
        if not explained and rounds == 1:
            verdict.lost.append(f"{name}: failed after {outcomes}, {tries} tries were allowed")


# -- I7: never early, and how late -----------------------------------------------------------


def check_time(history, task, arrivals, verdict):
    if not arrivals:
        return
    due = to_seconds(task["scheduled_for"])
    hurried = history.asked_for(task["id"], "trigger") + history.asked_for(task["id"], "retry")
    allowed = min([due] + [request.sent_at for request in hurried])
    first = arrivals[0]
    if first.at < allowed:
        verdict.early.append(f"{task['id']}: due {task['scheduled_for']}, "
                             f"arrived {(allowed - first.at) * 1000:.1f} ms before")
    # A task that was created overdue is late by its client's choice.
    due = max(due, to_seconds(task["created_at"]))
    if not hurried and first.grant is None and not history.killed_between(
            due - LATE_START_GRACE, first.at):
        verdict.late.append(max(0.0, first.at - due))


# -- I8: cancel wins -------------------------------------------------------------------------


def check_cancel(history, task, arrivals, verdict):
    name = task["id"]
    if history.asked_for(name, "retry"):
        return
    started = {entry["number"]: to_seconds(entry["started_at"]) for entry in task["attempts"]}
    for cancel in history.by_task.get(name, []):
        if cancel.op != "cancel" or not cancel.done:
            continue
        if task["status"] != "canceled" and cancel.body["status"] == "canceled":
            verdict.undone.append(f"{name}: the cancel was acknowledged, it is {task['status']}")
        if cancel.body.get("attempts") == 0 and arrivals:
            verdict.undone.append(f"{name}: canceled before any attempt, and it was delivered")
        late = [number for number, at in started.items() if at > cancel.answered_at]
        if late:
            verdict.undone.append(f"{name}: attempts {late} started after the acknowledged cancel")


# -- I11: one holder at a time, stale tokens are refused -------------------------------------


def check_leases(history, task, verdict):
    name = task["id"]
    grants = sorted(history.grants.get(name, []), key=lambda grant: grant.attempt)
    if len({grant.token for grant in grants}) != len(grants):
        verdict.wrong.append(f"{name}: a token was given twice")
    outcomes = {entry["number"]: entry["outcome"] for entry in task["attempts"]}
    freed = [request.sent_at
             for op in ("cancel", "retry") for request in history.asked_for(name, op)]
    for grant, following in zip(grants, grants[1:]):
        ended = [request.sent_at for request, _ in grant.ends] + freed
        free = outcomes.get(grant.attempt) == "timeout" or any(at <= following.at for at in ended)
        if following.at < grant.expires_at and not free:
            verdict.duplicated.append(
                f"{name}: attempt {following.attempt} was granted while {grant.attempt} was held")
        for request, status in grant.ends:
            if status == 200 and request.sent_at > following.at:
                verdict.wrong.append(f"{name}: the stale token of attempt {grant.attempt} was "
                                     f"accepted by {request.op}")
    for grant in grants:
        check_settled(task, grant, verdict)


def check_settled(task, grant, verdict):
    """What a worker was told must be what is recorded."""
    accepted = [request.op for request, status in grant.ends if status == 200]
    if len(accepted) > 1:
        verdict.wrong.append(f"{task['id']}: attempt {grant.attempt} was ended by {accepted}")
    outcomes = {entry["number"]: entry["outcome"] for entry in task["attempts"]}
    wanted = {"complete": "success", "fail": "error", "release": "released"}
    for op in accepted:
        if outcomes.get(grant.attempt) != wanted[op]:
            verdict.undone.append(f"{task['id']}: {op} of attempt {grant.attempt} was "
                                  f"acknowledged, it is recorded as {outcomes.get(grant.attempt)}")
