#!/usr/bin/env node
// Receives webhooks and does each once. Node 18, no packages.
//
// The handler is a module of yours whose default export is a function (id, body); the body is a
// Buffer. When it returns, the delivery is done (200); when it throws, the sender will try again
// (500). `verify` can be imported and used with any framework: give it the body as it came, byte for
// byte.
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const TOLERANCE = 300; // seconds between the sender's clock and ours
const BODY_BYTES_MAX = 1 << 20;
const IDS_KEPT = 100_000;

export class Refused extends Error {}

/** The id of a delivery that one of the secrets has signed, within five minutes.
 *  `headers`: names in lower case. */
export function verify(secrets, headers, body, now = Date.now() / 1000) {
  const [id, stamp, given] =
    ["id", "timestamp", "signature"].map((name) => headers[`webhook-${name}`] ?? "");
  if (!id || !given || !/^\d{1,12}$/.test(stamp))
    throw new Refused("a header is missing, or is none of a webhook");
  if (Math.abs(now - Number(stamp)) > TOLERANCE)
    throw new Refused("the timestamp is more than five minutes away");
  let isRight = false;
  for (const secret of secrets) {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    const digest = createHmac("sha256", key).update(`${id}.${stamp}.`).update(body).digest("base64");
    const wanted = Buffer.from(`v1,${digest}`);
    for (const each of given.split(" ")) {
      const signature = Buffer.from(each);
      if (signature.length === wanted.length && timingSafeEqual(signature, wanted)) isRight = true;
    }
  }
  if (!isRight) throw new Refused("no signature is right");
  return id;
}

/** What is under way (false) and what is done (true). Memory is enough against replays: later on
 *  their timestamp gives them away. Against a repeat after a restart of this program, keep the ids
 *  in your database, written in the transaction of the work. */
const isDone = new Map();

async function receive(secrets, handle, request) {
  const pieces = [];
  let length = 0;
  for await (const piece of request) {
    if ((length += piece.length) > BODY_BYTES_MAX) return 413;
    pieces.push(piece);
  }
  const body = Buffer.concat(pieces);
  let id;
  try {
    id = verify(secrets, request.headers, body);
  } catch (why) {
    console.error(`refused: ${why.message}`);
    return 401;
  }
  if (isDone.has(id)) return isDone.get(id) ? 200 : 409; // 409: come again, it may fail yet
  isDone.set(id, false);
  try {
    await handle(id, body);
  } catch (error) {
    console.error(`${id} failed: ${error.message}`);
    isDone.delete(id);
    return 500;
  }
  isDone.set(id, true);
  if (isDone.size > IDS_KEPT) isDone.delete(isDone.keys().next().value);
  return 200;
}

async function main() {
  const { values } = parseArgs({
    options: {
      secrets: { type: "string" }, // a file with one whsec_... a line
      handler: { type: "string" }, // a module
      port: { type: "string", default: "9000" },
    },
  });
  const secrets = readFileSync(values.secrets, "ascii").split(/\s+/).filter(Boolean);
  const { default: handle } = await import(pathToFileURL(resolve(values.handler)));
  createServer(async (request, response) => {
    let status = 400; // the sender has gone
    try {
      status = await receive(secrets, handle, request);
    } catch {}
    response.writeHead(status, status === 413 ? { connection: "close" } : {}).end();
  }).listen(Number(values.port), "127.0.0.1");
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) main();
