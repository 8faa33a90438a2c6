#!/usr/bin/env node
// A worker for pull tasks: several at a time, as promises. Node 18, no packages.
//
// The handler is a module of yours with a default export, `async (task) => result`. It has
// task.payload, task.id and task.attempt; what it gives (any JSON) is the result. An error fails
// the attempt, which is tried again unless the error has `retryable: false`. A long handler calls
// task.progress(percent, message) and gives up when task.lost, an AbortSignal, is aborted: somebody
// else has the task then. It must not block the thread, or there are no heartbeats.
//
// A task may come twice: a worker can die after the work and before it told. What must happen only
// once needs a key: task.id, which is the same in all attempts. task.id + task.attempt is the key
// of what belongs to one attempt, such as a temporary file or a call that a later one makes anew.
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const USAGE = `Does the pull tasks of a queue.

worker.mjs --token-file FILE --queue NAME --handler FILE.mjs
  --url URL      of the server (http://127.0.0.1:8080)
  --slots N      tasks at a time (4)
  --batch N      tasks in one lease, no more than slots are free (4)
  --lease S      seconds (60)
  --wait S       seconds of a poll, at most 60 (30)
  --grace S      seconds for work to end in after SIGTERM (25)
  --name NAME    of this worker (host and process)`;
const text = (value) => ({ type: "string", default: value });
const { values: options } = parseArgs({ options: {
  url: text("http://127.0.0.1:8080"), "token-file": text(), queue: text(), handler: text(),
  slots: text("4"), batch: text("4"), lease: text("60"), wait: text("30"), grace: text("25"),
  name: text(`${hostname()}-${process.pid}`), help: { type: "boolean" } } });
if (options.help || !options["token-file"] || !options.queue || !options.handler) {
  console.log(USAGE);
  process.exit(options.help ? 0 : 2);
}
const REQUEST_SECONDS = 10; // for each request; a poll has its wait on top
const [slots, batch, wait, grace] = [+options.slots, +options.batch, +options.wait, +options.grace];
const lease = `${options.lease}s`;
const third = options.lease / 3;
const handle = (await import(pathToFileURL(resolve(options.handler)))).default;
const held = new Map(); // task -> the promise of its work
const stop = new AbortController();

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const stopped = new Promise((done) => stop.signal.addEventListener("abort", done));
// 1, 2, 4 ... 30 s, each less up to a half, so that workers do not come back all at once.
const waitOf = (round) => Math.min(30, 2 ** round) * (0.5 + Math.random() / 2);
const short = (value) => Buffer.from(String(value).slice(0, 1365)).toString(); // 4096 bytes at most

// The JSON of the answer to a body. An error that is `refused` would be the same the next time.
async function post(path, body, seconds = REQUEST_SECONDS, signal = undefined) {
  const token = (await readFile(options["token-file"], "ascii")).trim(); // each time: it may change
  const ended = new AbortController(); // Node 18 has no AbortSignal.any
  const end = () => ended.abort();
  const timer = setTimeout(end, seconds * 1000);
  signal?.addEventListener("abort", end);
  try {
    const answer = await fetch(options.url.replace(/\/$/, "") + path, {
      method: "POST", body, signal: ended.signal,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" } });
    if (answer.ok) return await answer.json();
    const refused = answer.status < 500 && answer.status !== 408 && answer.status !== 429;
    throw Object.assign(new Error(`${answer.status}: ${await answer.text()}`), { refused });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}

const entry = (task, more = {}) => ({ task_id: task.id, token: task.token, ...more });

// Says it until the server has heard; of a lost task nobody wants to hear.
async function report(task, action, news) {
  const body = JSON.stringify({ leases: [entry(task, news)] });
  for (let round = 0; !task.lost.aborted; ++round) {
    try {
      const answer = await post(`/v1/leases/${action}`, body);
      if (answer.results[0].status !== 503) return; // 200; or 409, stale: it is in other hands
    } catch (error) {
      if (error.refused) throw error;
      console.error(`${task.id}: ${action} must wait: ${error.cause ?? error}`);
    }
    await sleep(waitOf(round));
  }
}

async function work(task) {
  try {
    await report(task, "complete", { result: (await handle(task)) ?? null });
  } catch (error) { // of the handler; or its result is no JSON, or is refused
    const message = short(error?.message ?? error);
    console.error(`${task.id}: attempt ${task.attempt} failed: ${message}`);
    const retryable = Boolean(error?.retryable ?? !error?.refused);
    await report(task, "fail", { error: message, retryable });
  }
}

function begin(grant) {
  const lost = new AbortController();
  const task = { id: grant.task_id, token: grant.token, attempt: grant.attempt,
    payload: grant.payload, lost: lost.signal, lose: () => lost.abort(), news: {},
    // The next heartbeat says it.
    progress(percent, message = "") {
      task.news = { progress: Math.min(100, Math.max(0, percent)), message: short(message) };
    } };
  held.set(task, work(task) // what cannot be reported comes again after the lease
    .catch((error) => console.error(`${task.id}: cannot report: ${error}`))
    .finally(() => held.delete(task)));
}

// Heartbeats for all that is held, three to a lease: one may fail.
async function beat() {
  for (;;) {
    await sleep(third);
    const tasks = [...held.keys()];
    if (tasks.length === 0) continue;
    const leases = tasks.map((task) => entry(task, { lease, ...task.news }));
    const body = JSON.stringify({ leases });
    await post("/v1/leases/heartbeat", body, Math.max(1, Math.min(third, REQUEST_SECONDS)))
      .then(({ results }) => results.forEach(({ status }, at) => {
        if (status === 404 || status === 409) tasks[at].lose();
      })).catch((error) => console.error(`no heartbeat: ${error.cause ?? error}`));
  }
}

process.on("SIGTERM", () => stop.abort());
process.on("SIGINT", () => stop.abort());
beat();
for (let round = 0; !stop.signal.aborted;) {
  if (held.size >= slots) {
    await Promise.race([stopped, ...held.values()]);
    continue;
  }
  try {
    const max = Math.min(batch, slots - held.size);
    const body = JSON.stringify({ max, lease, wait: `${wait}s`, worker: options.name });
    const path = `/v1/queues/${encodeURIComponent(options.queue)}/lease`;
    (await post(path, body, wait + REQUEST_SECONDS, stop.signal)).tasks.forEach(begin);
    round = 0;
  } catch (error) {
    if (stop.signal.aborted) break;
    console.error(`no work: ${error.cause ?? error}`);
    await Promise.race([stopped, sleep(waitOf(round++))]);
  }
}
await Promise.race([Promise.all(held.values()), sleep(grace)]);
const left = [...held.keys()].map((task) => entry(task));
if (left.length > 0) // so that nobody waits for their leases to run out
  await post("/v1/leases/release", JSON.stringify({ leases: left })).catch(console.error);
process.exit(0); // and with it what was released
