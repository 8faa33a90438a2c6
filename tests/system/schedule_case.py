"""The base of the tests of /v1/schedules: the manual clock, definitions that end with a test."""

import case
from case import NO_RETRIES
from instants import to_seconds


def starts_at(moment):
    """The `server_settings` of a class whose clock starts there."""
    return {"environment": {"CARILLON_CLOCK_START": moment}}


class ScheduleCase(case.ServerCase):
    clock = "manual"

    def body(self, **changes):
        """A definition; a field that is ... is left out."""
        work = {"target": self.receiver.url("/job"), "payload": {"key": "value"},
                "retry": NO_RETRIES}
        fields = {"cron": "0 9 * * *", "timezone": "UTC", "task_template": work, **changes}
        return {name: value for name, value in fields.items() if value is not ...}

    def make(self, **changes):
        """A schedule, by cron unless told else; it is canceled after the test."""
        if "schedule_kind" in changes:
            changes.setdefault("cron", ...)
        made = self.call("POST", "/v1/schedules", self.body(**changes), expect=201)
        self.addCleanup(self.server.post, f"/v1/schedules/{made['id']}/cancel")
        return made

    def work(self, path="/job", **fields):
        """A template of tasks for the receiver."""
        return {"target": self.receiver.url(path), "payload": None, "retry": NO_RETRIES, **fields}

    def pull(self, queue, **fields):
        """A template of tasks that wait for a worker."""
        return {"task_type": queue, "retry": NO_RETRIES, **fields}

    def schedule(self, schedule_id):
        return self.call("GET", f"/v1/schedules/{schedule_id}")

    def patch(self, schedule_id, expect=200, **changes):
        return self.call("PATCH", f"/v1/schedules/{schedule_id}", changes, expect=expect)

    def command(self, schedule_id, name, body=None, expect=200):
        return self.call("POST", f"/v1/schedules/{schedule_id}/{name}", body, expect=expect)

    def tasks(self, schedule_id, query=""):
        """Newest first."""
        return self.call("GET", f"/v1/schedules/{schedule_id}/tasks{query}")["tasks"]

    def planned(self, schedule_id, *statuses):
        """The planned times of its tasks, the earliest first, of those with one of the statuses."""
        return sorted(task["scheduled_for"] for task in self.tasks(schedule_id, "?limit=1000")
                      if not statuses or task["status"] in statuses)

    def preview(self, schedule_id, query=""):
        return self.call("GET", f"/v1/schedules/{schedule_id}/preview{query}")

    def upcoming(self, schedule_id, query=""):
        return [moment["at"] for moment in self.preview(schedule_id, query)["moments"]]

    def go(self, moment):
        """Moves the clock there: an instant as text."""
        self.server.advance(to=moment)

    def wait_idle(self, schedule_id, timeout=10.0):
        """Until no task of it is under way at its target."""
        busy = ("queued", "processing")
        case.wait_until(lambda: all(task["status"] not in busy for task in self.tasks(schedule_id)),
                        "no task is under way", timeout)

    def assert_later(self, one, other):
        self.assertGreater(to_seconds(one), to_seconds(other))
