"""The base of the tests of pipelines: definitions that run at once, and what their steps gave."""

import json

import case
from definition_case import DefinitionCase
from receiver import Plan


class PipelineCase(DefinitionCase):
    server_settings = {"environment": {"CARILLON_COMMANDS_ALLOW_API": "true"}}

    def post(self, path="/job", **more):
        """The arguments of a call of the receiver."""
        return {"method": "POST", "url": self.receiver.url(path), **more}

    def answers(self, path, *values):
        """The path answers these as JSON, in order; the last one repeats."""
        self.receiver.on(path, *[Plan(body=json.dumps(value).encode()) for value in values])

    def start(self, *steps, params=..., **changes):
        """The native id of the task of a run of these steps that has begun."""
        payload = {"pipeline": list(steps)}
        if params is not ...:
            payload["params"] = params
        made = self.define(schedule_kind="manual", schedule_expr="", payload=payload,
                           **{"max_retries": 0, **changes})
        return "task_" + self.op(made["id"], "run_now")["details"]["run_id"]

    def run_steps(self, *steps, status="completed", timeout=20.0, **more):
        """The task of a run of these steps, once it has ended so."""
        task = self.wait_status(self.start(*steps, **more), *case.ENDED, timeout=timeout)
        self.assertEqual(task["status"], status, task)
        return task

    def output_of(self, *steps, **more):
        """What the last of the steps gave."""
        return self.step(self.run_steps(*steps, **more), steps[-1]["id"])["output"]

    def step(self, task, name):
        return next(part for part in task["components"] if part["name"] == name)

    def children(self, task_id):
        """Of the task, the oldest first."""
        found = []
        cursor = ""
        while cursor is not None:
            page = self.call("GET", f"/v1/tasks?limit=200{cursor}")
            found += [each for each in page["tasks"] if each.get("parent_id") == task_id]
            cursor = f"&cursor={page['next_cursor']}" if page.get("next_cursor") else None
        return sorted(found, key=lambda each: each["id"])

    def wait_step(self, task_id, name, *statuses, timeout=10.0):
        def look():
            task = self.task(task_id)
            return task if self.step(task, name)["status"] in statuses else None
        return case.wait_until(look, f"step {name} of {task_id} is {statuses}", timeout)

    def wait_topic(self, task_id, topic):
        """Until the task waits for the topic."""
        case.wait_until(lambda: self.task(task_id).get("waits_for", {}).get("topic") == topic,
                        f"{task_id} waits for {topic}")

    def advance_until(self, task_id, *statuses, by="PT1S"):
        """Lets time pass until the task has one of the statuses. It stands still while something
        is under way, which takes real time."""
        def only_waits(task):
            waits = task.get("waits_for", {})
            children = [self.task(child)["status"] for child in waits.get("tasks", [])]
            return (task["status"] in ("scheduled", "retrying") or bool(waits.get("until"))
                    or bool(children) and set(children) <= {"scheduled", "retrying"})

        def look():
            task = self.task(task_id)
            if task["status"] in statuses:
                return task
            if only_waits(task):
                self.server.advance(by=by)
            return None
        return case.wait_until(look, f"{task_id} is {' or '.join(statuses)}", 30)


def echo(name, **arguments):
    return {"id": name, "uses": "test.echo", "with": arguments}


def call(name, arguments, **more):
    return {"id": name, "uses": "http.request", "with": arguments, **more}
