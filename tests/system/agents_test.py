"""/agents: who may be named as the creator of a definition."""

import case
from definition_case import DefinitionCase

UNKNOWN = "00000000-0000-0000-0000-00000000dead"


class Agents(DefinitionCase):
    def make(self, **fields):
        return self.call("POST", "/agents", {"name": "bot", **fields}, expect=201)

    def test_an_agent_has_a_name_and_scopes(self):
        answer = self.server.post("/agents", {"name": "mail bot", "scopes": ["tasks:create"]})
        self.assertEqual(answer.status, 201, answer)
        made = answer.json
        self.assertEqual((made["name"], made["scopes"]), ("mail bot", ["tasks:create"]))
        self.assertEqual(answer.headers["location"], f"/agents/{made['id']}")
        self.assertEqual(self.call("GET", f"/agents/{made['id']}"), made)
        listed = self.call("GET", "/agents")
        self.assertIn(made, listed["items"])
        self.assertEqual(listed["total"], len(listed["items"]))

    def test_it_may_bring_its_id(self):
        mine = "0B8A2C9E-6F64-4B8B-9D53-1E36D3E27A11"
        self.assertEqual(self.make(id=mine)["id"], mine.lower())
        self.refused(409, path="/agents", body={"name": "other", "id": mine.lower()})
        self.assertEqual(self.call("GET", f"/agents/{mine}")["name"], "bot")

    def test_what_is_wrong_is_refused(self):
        for body, location in (({}, "body.name"), ({"name": ""}, "body.name"),
                               ({"name": "x" * 101}, "body.name"), ({"name": 5}, "body.name"),
                               ({"name": "x", "scopes": "all"}, "body.scopes"),
                               ({"name": "x", "scopes": [1]}, "body.scopes[0]"),
                               ({"name": "x", "id": "me"}, "body.id"),
                               ({"name": "x", "foo": 1}, "body.foo")):
            with self.subTest(body):
                self.refused(422, location, path="/agents", body=body)

    def test_a_change_leaves_the_rest(self):
        made = self.make(scopes=["tasks:read", "runs:read"])
        self.server.advance(by="PT1H")
        changed = self.call("PUT", f"/agents/{made['id']}", {"name": "renamed"})
        self.assertEqual((changed["name"], changed["scopes"]), ("renamed", ["tasks:read", "runs:read"]))
        self.assertEqual(changed["created_at"], made["created_at"])
        self.assertGreater(changed["updated_at"], made["updated_at"])
        cleared = self.call("PUT", f"/agents/{made['id']}", {"scopes": None})
        self.assertEqual((cleared["name"], cleared["scopes"]), ("renamed", []))
        self.refused(422, "body.name", method="PUT", path=f"/agents/{made['id']}",
                     body={"name": None})

    def test_one_that_is_not_there_is_not_found(self):
        for agent in (UNKNOWN, "me"):
            for method, body in (("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)):
                with self.subTest(agent=agent, method=method):
                    self.refused(404, method=method, path=f"/agents/{agent}", body=body)

    def test_a_definition_outlives_its_creator(self):
        made = self.make()
        task = self.define(created_by=made["id"])
        gone = self.call("DELETE", f"/agents/{made['id']}")
        self.assertEqual(gone, {"id": made["id"], "status": "deleted"})
        self.assertEqual(self.definition(task["id"])["created_by"], made["id"])
        self.refused(422, "body.created_by", body=self.body(created_by=made["id"]))

    def test_agents_survive_a_crash(self):
        kept, gone = self.make(name="kept"), self.make(name="gone")
        self.call("DELETE", f"/agents/{gone['id']}")
        self.server.restart()
        self.assertEqual(self.call("GET", f"/agents/{kept['id']}"), kept)
        self.call("GET", f"/agents/{gone['id']}", expect=404)


if __name__ == "__main__":
    case.main()
