"""The base of the tests of 001's definitions: the manual clock and an agent to create them."""

import case
from instants import to_seconds

ECHO = [{"id": "say", "uses": "test.echo", "with": {"text": "hello"}}]
FAIL = [{"id": "f", "uses": "test.fail"}]


class DefinitionCase(case.ServerCase):
    clock = "manual"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.server.post("/agents", {"name": "tester", "scopes": ["tasks:create"]})
        assert made.status == 201, made
        cls.agent = made.json["id"]

    def body(self, **changes):
        """A definition; a field that is ... is left out."""
        fields = {"title": "t", "description": "d", "schedule_kind": "cron",
                  "schedule_expr": "0 8 * * *", "payload": {"pipeline": []},
                  "created_by": self.agent, **changes}
        return {name: value for name, value in fields.items() if value is not ...}

    def define(self, **changes):
        """The answer to a POST of it, which must be accepted."""
        return self.call("POST", "/tasks", self.body(**changes), expect=201)

    def pull(self, **changes):
        """A schedule whose tasks are leased by workers, made at /v1/schedules; its bare UUID."""
        queue = case.unique("pull")
        body = {"cron": "0 8 * * *", "timezone": "UTC", "on_overlap": "queue",
                "task_template": {"task_type": queue, "retry": case.NO_RETRIES}, **changes}
        made = self.call("POST", "/v1/schedules", body, expect=201)
        return made["id"].removeprefix("schedule_"), queue

    def complete(self, held):
        """Ends a leased run well."""
        self.settle("complete", {"task_id": held["task_id"], "token": held["token"]})

    def definition(self, task_id, expect=200):
        return self.call("GET", f"/tasks/{task_id}", expect=expect)

    def put(self, task_id, expect=200, **changes):
        return self.call("PUT", f"/tasks/{task_id}", changes, expect=expect)

    def op(self, task_id, verb, body=None, expect=200):
        return self.call("POST", f"/tasks/{task_id}/{verb}", body, expect=expect)

    def refused(self, status, *locations, method="POST", path="/tasks", body=None):
        return self.assert_problem(self.server.client.call(method, path, body), status, *locations)

    def runs(self, task_id, query=""):
        """Newest first."""
        return self.call("GET", f"/runs?task_id={task_id}&limit=200{query}")["items"]

    def run_row(self, run_id):
        return self.call("GET", f"/runs/{run_id}")

    def wait_run(self, run_id, *statuses):
        """The run, once it has one of the statuses."""
        def look():
            run = self.run_row(run_id)
            return run if run["status"] in statuses else None
        return case.wait_until(look, f"{run_id} is {' or '.join(statuses)}")

    def wait_runs(self, task_id, count):
        """The runs of a definition, once `count` of them have finished."""
        def look():
            runs = self.runs(task_id)
            return runs if sum(bool(run["finished_at"]) for run in runs) >= count else None
        return case.wait_until(look, f"{count} runs of {task_id} have finished")

    def planned(self, task_id):
        """The planned moments of its tasks, the earliest first: a crash makes another attempt."""
        return sorted(run["scheduled_for"] for run in self.runs(task_id) if run["attempt"] == 1)

    def go(self, moment):
        self.server.advance(to=moment)

    def next_run(self, task_id):
        return to_seconds(self.definition(task_id)["next_run_at"])
