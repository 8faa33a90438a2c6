"""Lists of tasks: pages, filters, order."""

import urllib.parse

import case


class OneOff(case.ServerCase):
    clock = "manual"

    def make(self, **changes):
        body = {"taskType": "x", "payload": {}, "triggeredAt": "2090-01-01T00:00:00Z", **changes}
        return self.call("POST", "/tasks", body, expect=201)["id"]


class OneOffPages(OneOff):
    def test_pages_hold_each_task_once_in_one_order(self):  # AC-008
        made = [self.make() for _ in range(25)]
        pages = [self.call("GET", f"/tasks?limit=10&offset={offset}") for offset in (0, 10, 20)]
        self.assertEqual([len(page["items"]) for page in pages], [10, 10, 5])
        self.assertEqual([page["has_more"] for page in pages], [True, True, False])
        for offset, page in zip((0, 10, 20), pages):
            self.assertEqual((page["total"], page["limit"], page["offset"]), (25, 10, offset))
        listed = [item["id"] for page in pages for item in page["items"]]
        self.assertEqual(sorted(listed), sorted(made))
        again = [item["id"] for item in self.call("GET", "/tasks?limit=50")["items"]]
        self.assertEqual(again, listed)
        self.assertEqual(listed, list(reversed(made)), "newest first")


class OneOffFilters(OneOff):
    def test_a_status_narrows(self):  # AC-009
        kind = case.unique("filter")
        waiting, canceled, triggered = (self.make(taskType=kind) for _ in range(3))
        self.call("POST", f"/tasks/{canceled}/cancel")
        self.call("POST", f"/tasks/{triggered}/trigger")
        for word, wanted in (("SCHEDULED", waiting), ("scheduled", waiting),
                             ("CANCELLED", canceled), ("TRIGGERED", triggered)):
            page = self.call("GET", f"/tasks?status={word}&limit=200")
            self.assertEqual({item["status"] for item in page["items"]}, {word.upper()})
            mine = [item["id"] for item in page["items"] if item["taskType"] == kind]
            self.assertEqual(mine, [wanted], word)

    def test_what_is_out_of_bounds_is_refused(self):
        for query in ("limit=0", "limit=201", "limit=x", "offset=-1", "status=nonsense"):
            with self.subTest(query):
                answer = self.server.get(f"/tasks?{query}")
                self.assert_problem(answer, 422, f"query.{query.split('=')[0]}")

    def test_an_unknown_id_is_not_found(self):  # AC-012
        for task in ("does-not-exist", "00000000-0000-0000-0000-00000000dead"):
            for method, action in (("GET", ""), ("POST", "/trigger"), ("POST", "/cancel")):
                with self.subTest(task=task, action=action):
                    answer = self.server.client.call(method, f"/tasks/{task}{action}")
                    self.assert_problem(answer, 404)

    def test_a_trailing_slash_means_the_same(self):
        self.assertEqual(self.server.get("/tasks/").status, 200)


class NativeLists(case.ServerCase):
    clock = "manual"

    def test_filters_narrow_and_combine(self):
        kind, other = case.unique("kind"), case.unique("other")
        early = self.create(task_type=kind, execute_after="PT1H", tags=["red", "big"])
        late = self.create(task_type=kind, execute_after="PT2H", tags=["red"])
        self.create(task_type=other, execute_after="PT1H", tags=["red"])
        self.act(late["id"], "cancel")

        def listed(query):
            page = self.call("GET", f"/v1/tasks?{query}")
            self.assertEqual(page["total"], len(page["tasks"]))
            return [task["id"] for task in page["tasks"]]

        self.assertEqual(listed(f"task_type={kind}"), [late["id"], early["id"]])
        self.assertEqual(listed(f"task_type={kind}&status=scheduled"), [early["id"]])
        self.assertEqual(listed(f"task_type={kind}&status=canceled"), [late["id"]])
        self.assertEqual(listed(f"task_type={kind}&tag=big"), [early["id"]])
        self.assertEqual(listed(f"task_type={kind}&tag=none"), [])

    def test_a_cursor_walks_all_while_more_arrive(self):
        kind = case.unique("walk")
        made = [self.create(task_type=kind, execute_after="PT1H")["id"] for _ in range(25)]
        seen, query = [], f"/v1/tasks?task_type={kind}&limit=10"
        cursor = ""
        for _ in range(10):
            page = self.call("GET", query + cursor)
            seen += [task["id"] for task in page["tasks"]]
            self.create(task_type=kind, execute_after="PT1H")
            if not page.get("next_cursor"):
                break
            cursor = f"&cursor={page['next_cursor']}"
        self.assertEqual(seen, list(reversed(made)))

    def test_a_link_leads_to_the_next_page(self):
        tag = case.unique("a&b ")
        made = [self.create(task_type="linked", tags=[tag], execute_after="PT1H")["id"]
                for _ in range(3)]
        query = urllib.parse.urlencode({"tag": tag, "limit": 2})
        first = self.server.get(f"/v1/tasks?{query}")
        target, relation = first.headers["link"].split("; ")
        self.assertEqual(relation, 'rel="next"')
        second = self.server.get(target.strip("<>"))
        self.assertEqual([task["id"] for task in first.json["tasks"] + second.json["tasks"]],
                         list(reversed(made)))
        self.assertNotIn("link", second.headers)

    def test_what_is_out_of_bounds_is_refused(self):
        for query in ("limit=0", "limit=100000", "status=SLEEPING", "cursor=rubbish"):
            with self.subTest(query):
                answer = self.server.get(f"/v1/tasks?{query}")
                self.assert_problem(answer, 422, f"query.{query.split('=')[0]}")


if __name__ == "__main__":
    case.main()
