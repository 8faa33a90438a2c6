"""What can be read of a store over HTTP, in a form that no version may change."""

STATUSES = ("scheduled", "queued", "processing", "retrying", "completed", "failed", "canceled",
            "expired", "skipped")


def facts_of(server):
    def get(path):
        answer = server.get(path)
        assert answer.status == 200, (path, answer)
        return answer.json

    batch = get("/v1/batches")["batches"][0]
    return {
        "now": get("/v1/clock")["now"],
        "tasks": {status: sorted(task["id"] for task
                                 in get(f"/v1/tasks?status={status}&limit=200")["tasks"])
                  for status in STATUSES},
        "schedules": sorted([one["name"], one["status"], one["next_execution_at"]]
                            for one in get("/v1/schedules")["schedules"]),
        "batch": {name: batch[name] for name in ("id", "status", "counts")},
        "events": sorted([one["event_id"], one["topic"]] for one in get("/v1/events")["events"]),
        "group": get("/v1/url-groups/mirrors")["urls"],
        "secrets": [one["id"] for one in get("/v1/secrets")["secrets"]],
        "sources": [one["name"] for one in get("/v1/event-sources")["event_sources"]],
        "queue": get("/v1/queues/waits"),
    }
