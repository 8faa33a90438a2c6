"""The base of the tests of tenants: each has clients with tokens of its own."""

import re

import case
from token_case import TokenCase

ADMIN_OF_OPERATOR = "this is for the operator of the server alone"


class Tenant:
    """A tenant with a client that may do everything in it."""

    def __init__(self, of, made):
        self.case = of
        self.name = made["tenant"]["name"]
        self.token = made["admin_token"]["token"]
        self.client = of.peer(self.token)

    def call(self, method, path, body=None, expect=200, **options):
        answer = self.client.call(method, path, body, **options)
        self.case.assertEqual(answer.status, expect, f"{self.name} {method} {path}: {answer}")
        return answer.json if answer.body else None

    def create(self, **fields):
        fields.setdefault("retry", case.NO_RETRIES)
        if "target" not in fields:
            fields.setdefault("task_type", "work")
        return self.call("POST", "/v1/tasks", fields, expect=201)

    def task(self, task_id):
        return self.call("GET", f"/v1/tasks/{task_id}")

    def lease(self, queue, wait="PT0S"):
        body = {"max": 10, "wait": wait, "lease": "PT30S", "worker": "w"}
        return self.call("POST", f"/v1/queues/{queue}/lease", body)["tasks"]


class TenantCase(TokenCase):
    def tenant(self, name=None, **fields):
        name = name or case.unique("t")[:30]
        return Tenant(self, self.call("POST", "/v1/tenants", {"name": name, **fields}, expect=201))

    def shown(self, tenant, expect=200):
        return self.call("GET", f"/v1/tenants/{tenant.name}", expect=expect)

    def remove(self, tenant, expect=202):
        return self.call("DELETE", f"/v1/tenants/{tenant.name}?confirm={tenant.name}",
                         expect=expect)

    def wait_removed(self, name, timeout=30.0):
        case.wait_until(lambda: self.server.get(f"/v1/tenants/{name}").status == 404,
                        f"{name} is removed", timeout)


def told(answer, *ids):
    """What an answer says, without what differs from request to request."""
    text = answer.body.decode()
    text = re.sub(r'"request_id":"[^"]*"', "", text)
    for each in ids:
        text = text.replace(each, "ID")
    return answer.status, text
