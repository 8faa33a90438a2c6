#!/usr/bin/env node
// Makes rrule_js_fixture.jsonl: the moments that rrule.js finds for the rules of rrule_compare.py.
//
//   npm install rrule@2.8.1
//   rrule_compare.py --rules 2500 --seed 2 | node make_rrule_fixture.mjs > rrule_js_fixture.jsonl
//
// A rule that costs rrule.js more than half a second is dropped: it looks for what never comes up to
// the year 9999. The number of dropped rules is told at the end.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import vm from "node:vm";

const { rrulestr } = createRequire(`${process.cwd()}/`)("rrule");
const momentsMax = 6;
const patience = 500; // ms

const written = (date) => date.toISOString().replace(/[-:]|\.000Z/g, "");

// The first moments of one rule that are not before `from`.
function momentsOf(start, rule, from) {
  const found = [];
  rrulestr(`DTSTART:${start}Z\nRRULE:${rule}`).all((date) => {
    if (written(date) >= from) found.push(written(date));
    return found.length < momentsMax;
  });
  return found;
}

function answer({ start, rule, from, reference }) {
  globalThis.ask = () => reference.flatMap((one) => momentsOf(start, one, from));
  const moments = [...new Set(vm.runInThisContext("ask()", { timeout: patience }))].sort();
  return { start, rule, from, moments: moments.slice(0, momentsMax).join(" ") };
}

let dropped = 0;
for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify(answer(JSON.parse(line))));
  } catch (error) {
    if (error.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    dropped += 1;
  }
}
console.error(`${dropped} dropped`);
