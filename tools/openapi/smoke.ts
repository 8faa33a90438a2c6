// A day of a client that was generated from the document, against a running server:
//   node smoke.js http://127.0.0.1:8080 TOKEN
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Task = components["schemas"]["Task"];

declare const process: { argv: string[] };
const [baseUrl = "", token = ""] = process.argv.slice(2);
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

function expect(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Error(what);
}

/// What a call gave, when it was not refused.
function given<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  expect(answer.data !== undefined, `${answer.response.url}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

const queue = "typed";
const schedule = given(await api.POST("/v1/schedules", {
  body: { cron: "0 9 * * *", timezone: "Europe/Berlin", task_template: { task_type: queue, payload: { to: "ada" } } },
}));
expect(schedule.status === "active" && schedule.next_execution_at !== null, "the schedule is active");

const made: Task = given(await api.POST("/v1/schedules/{id}/run", { params: { path: { id: schedule.id } } }));
expect(made.schedule_id === schedule.id, "the task is the schedule's");

const { tasks: leased } = given(await api.POST("/v1/queues/{queue}/lease", {
  params: { path: { queue } },
  body: { max: 1, wait: "5s", lease: "30s", worker: "smoke" },
}));
const [mine] = leased;
expect(mine !== undefined && mine.task_id === made.id, "the task is leased");

const { results } = given(await api.POST("/v1/leases/complete", {
  body: { leases: [{ task_id: mine.task_id, token: mine.token, result: { sent: true } }] },
}));
expect(results[0]?.task_status === "completed", "the task is completed");

const once = given(await api.POST("/v1/tasks", { body: { task_type: queue, execute_after: "1h", tags: ["typed"] } }));
const page = given(await api.GET("/v1/tasks", { params: { query: { task_type: [queue], status: ["completed", "scheduled"], limit: 10 } } }));
expect(page.total === 2 && page.tasks.some((task) => task.id === once.id), "both tasks are listed");

const refused = await api.POST("/v1/tasks", { body: { task_type: queue, priority: 10 } });
expect(refused.response.status === 422 && refused.error !== undefined, "a priority of 10 is refused");
expect(refused.error.errors?.[0]?.location === "body.priority", "the fault names its place");

const absent = await api.GET("/v1/tasks/{id}", { params: { path: { id: "task_01890a5d-ac96-774b-bcce-b302099a8057" } } });
expect(absent.error?.status === 404, "what is not there is a problem");

const gone = await api.DELETE("/v1/tasks/{id}", { params: { path: { id: made.id } } });
expect(gone.response.status === 204, "what has ended can be removed");
console.log("the typed client got what the document promises");
