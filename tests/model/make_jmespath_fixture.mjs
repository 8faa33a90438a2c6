#!/usr/bin/env node
// Makes jmespath_fixture.jsonl: random expressions, and what jmespath.js, the reference by the
// author of JMESPath, answers to them.
//
//   npm install --prefix /tmp/reference jmespath@0.16.0
//   node make_jmespath_fixture.mjs /tmp/reference > jmespath_fixture.jsonl
//
// A line {"document": ...} holds for the lines after it, up to the next one: {"expression",
// "result"}, or {"expression", "error": true}. The seed is fixed: the same reference makes the same
// file.
//
// Where the reference departs from the specification its answer proves nothing. Each departure is a
// repair of its source below; an expression that the repaired source answers differently is left
// out and counted. Nothing else is left out but what is too long, repeated or too much of the same.
import {readFileSync} from "node:fs";
import {join} from "node:path";

const source = readFileSync(join(process.argv[2], "node_modules/jmespath/jmespath.js"), "utf8");
const linesMax = 5200;
const bytesMax = 400;  // of a line

// -- where the reference departs ---------------------------------------------

const replaced = (text, from, to) => {
  if (!text.includes(from)) throw new Error(`the reference has no longer: ${from}`);
  return text.replace(from, () => to);
};
const replacedBody = (text, name, body) => replaced(
    text, `_function${name}: function(resolvedArgs) {`,
    `_function${name}: function(resolvedArgs) { ${body} },\n_was${name}: function(resolvedArgs) {`);
const byCodePoint = `(function (a, b) {
  if (typeof a === "number") return a - b;
  var x = Array.from(a, c => c.codePointAt(0)), y = Array.from(b, c => c.codePointAt(0));
  for (var i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return x[i] - y[i];
  return x.length - y.length; })`;
const extreme = (sign) => `
  var keyOf = this.createKeyFunction(resolvedArgs[1], [TYPE_NUMBER, TYPE_STRING]);
  var keys = resolvedArgs[0].map(keyOf), best = 0;
  if (keys.some(key => typeof key !== typeof keys[0])) throw new Error("TypeError");
  for (var i = 1; i < keys.length; i++)
    if (${sign} * ${byCodePoint}(keys[i], keys[best]) > 0) best = i;
  return keys.length ? resolvedArgs[0][best] : null;`;
const extremeOf = (sign) => `
  var all = resolvedArgs[0].slice().sort((a, b) => -(${sign}) * ${byCodePoint}(a, b));
  return all.length ? all[0] : null;`;

const departures = [
  [
    "<, <=, > and >= order strings, null and others too, and never make null",
    (text) => [">", ">=", "<", "<="].reduce(
        (now, sign) => replaced(
            now, `result = first ${sign} second;`,
            `result = typeof first === "number" && typeof second === "number"
          ? first ${sign} second : null;`),
        text)
  ],
  [
    "sort() orders numbers by their text, and strings by UTF-16",
    (text) => replaced(text, "sortedArray.sort();", `sortedArray.sort(${byCodePoint});`)
  ],
  [
    "max() and min() order strings as the locale does",
    (text) => replacedBody(replacedBody(text, "Max", extremeOf(1)), "Min", extremeOf(-1))
  ],
  [
    "max_by() and min_by() do not find strings, take mixed keys and make nothing of an empty array",
    (text) => replacedBody(replacedBody(text, "MaxBy", extreme(1)), "MinBy", extreme(-1))
  ],
  [
    "sort_by() orders strings by UTF-16",
    (text) => replaced(
        replaced(text, "exprA > exprB", `${byCodePoint}(exprA, exprB) > 0`), "exprA < exprB",
        `${byCodePoint}(exprA, exprB) < 0`)
  ],
  [
    "avg() of an empty array is not null",
    (text) => replacedBody(text, "Avg", `return resolvedArgs[0].length
      ? resolvedArgs[0].reduce((a, b) => a + b, 0) / resolvedArgs[0].length : null;`)
  ],
  [
    "length() and reverse() split characters beyond U+FFFF",
    (text) => replaced(
        replaced(text, "return resolvedArgs[0].length;", `return typeof resolvedArgs[0] === "string"
         ? Array.from(resolvedArgs[0]).length : resolvedArgs[0].length;`),
        "var originalStr = resolvedArgs[0];",
        `return Array.from(resolvedArgs[0]).reverse().join(""); var originalStr = resolvedArgs[0];`)
  ],
  [
    "starts_with() fails when the prefix stands a second time",
    (text) =>
        replacedBody(text, "StartsWith", "return resolvedArgs[0].startsWith(resolvedArgs[1]);")
  ],
  [
    "contains() does not compare arrays and objects by value, and takes what is no string for one",
    (text) => replacedBody(text, "Contains", `var wanted = resolvedArgs[1];
      return typeof resolvedArgs[0] === "string"
        ? typeof wanted === "string" && resolvedArgs[0].includes(wanted)
        : resolvedArgs[0].some(element => strictDeepEqual(element, wanted));`)
  ],
  [
    "to_number() takes text that is no JSON number",
    (text) => replaced(text, "convertedValue = +resolvedArgs[0];", `convertedValue =
      /^-?(0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d+)?$/.test(resolvedArgs[0])
        ? +resolvedArgs[0] : NaN;`)
  ],
  [
    "merge() without arguments is refused",
    (text) => replaced(
        text, "this._validateArgs(name, resolvedArgs, functionEntry._signature);",
        `if (name === "merge" && resolvedArgs.length === 0) return {};
       this._validateArgs(name, resolvedArgs, functionEntry._signature);`)
  ],
  [
    "the types of further arguments of merge() are not checked",
    (text) => replaced(
        text, "for (var i = 0; i < signature.length; i++) {",
        `for (var i = 0; i < args.length; i++) {
         if (i >= signature.length)
           signature = signature.concat([signature[signature.length - 1]]);`)
  ],
  [
    "a parenthesis or an argument that begins with @ ends behind it",
    (text) => replaced(
        replaced(text, "if (this._lookahead(0) === TOK_CURRENT)", "if (false)"),
        "if (this._lookahead(0) === TOK_CURRENT)", "if (false)")
  ],
  [
    "only the first escaped quote of a raw string or literal loses its backslash",
    (text) => replaced(
        replaced(text, `literal.replace("\\\\'", "'")`, `literal.replace(/\\\\'/g, "'")`),
        'literalString.replace("\\\\`", "`")', 'literalString.replace(/\\\\`/g, "`")')
  ],
  // The specification leaves open when these are found. Ours are found when it compiles.
  [
    "a slice with step 0 is an error only where it meets an array",
    (text) => replaced(
        text, `return {
              type: "Slice",`,
        `if (parts[2] === 0) throw new Error("step");
          return {
              type: "Slice",`)
  ],
  [
    "calls that cannot succeed are errors only where they are evaluated",
    (text) => replaced(
        text, `node = {type: "Function", name: name, children: args};`,
        `var entry = new Runtime({}).functionTable[name];
       if (!entry) throw new Error("unknown");
       var wanted = entry._signature;
       if (name !== "merge" && (args.length < wanted.length
           || (args.length > wanted.length && !wanted[wanted.length - 1].variadic)))
         throw new Error("arity");
       wanted.forEach((each, at) => {
         if (args[at] && (args[at].type === "ExpressionReference")
             !== each.types.includes(TYPE_EXPREF)) throw new Error("reference");
       });
       node = {type: "Function", name: name, children: args};`)
  ],
];
// Its parser also takes missing and trailing commas, `()`, `[:::]`, numbers such as 1-2, strings
// that do not end, and & before any expression. So a broken expression counts only if it refuses
// it.

const load = (text) => {
  const module = {};
  new Function("exports", text)(module);
  return module;
};
const reference = load(source);
const repaired = load(departures.reduce((text, [, repair]) => repair(text), source));
const repairedOnce = departures.map(([reason, repair]) => ({reason, module: load(repair(source))}));

const answerOf = (module, document, expression) => {
  try {
    const result = module.search(document, expression);
    return result === undefined ? "nothing" : JSON.stringify(result);
  } catch {
    return "error";
  }
};

// -- chance -------------------------------------------------------------------

let state = 20240229;
const random = () => {  // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
};
const below = (count) => Math.floor(random() * count);
const pick = (choices) => choices[below(choices.length)];
const chance = (share) => random() < share;
const times = (count, make) => Array.from({length: count}, make);

// -- documents ----------------------------------------------------------------

const numbers =
    [0, 1, 2, 3, 5, 8, 10, 21, -1, -7, 0.5, 1.5, 2.25, -3.5, 100, 1e21, 9007199254740991];
const strings = [
  "",     "a",         "b",          "ab",    "ba",          "aba",  "Zoë", "é",
  "𝄞",    "x𝄞y",       "ﬀ",          "10",    "-2.5",        "007",  "1e3", " 1",
  "it's", "back`tick", "say \"hi\"", "tab\t", "back\\slash", "true", "null"
];
const scalar = () =>
    pick([() => pick(numbers), () => pick(strings), () => chance(0.5), () => null])();
const anything = (depth) => {
  if (depth === 0 || chance(0.4)) return scalar();
  return chance(0.5) ?
      times(below(4), () => anything(depth - 1)) :
      Object.fromEntries(
          times(below(4), () => [pick(["a", "b", "c", "k", "n", "s"]), anything(depth - 1)]));
};
const record = () => {
  const made = {n: pick(numbers), s: pick(strings), flag: chance(0.5)};
  if (chance(0.6)) made.k = anything(1);
  if (chance(0.5)) made.tags = times(below(4), () => pick(strings));
  if (chance(0.5)) made.in = {n: pick(numbers), s: pick(strings)};
  if (chance(0.4)) made.rows = times(below(3), () => ({n: pick(numbers), s: pick(strings)}));
  return made;
};
const document = () => ({
  a: anything(2),
  b: anything(3),
  num: pick(numbers),
  str: pick(strings),
  flag: chance(0.5),
  nums: times(below(6), () => pick(numbers)),
  strs: times(below(5), () => pick(strings)),
  mixed: times(below(5), scalar),
  objs: times(1 + below(4), record),
  obj: {x: record(), y: record(), "foo bar": scalar()},
  deep: times(below(4), () => times(below(4), () => chance(0.3) ? [scalar(), scalar()] : scalar())),
});

// -- expressions --------------------------------------------------------------

const names = [
  "a", "b", "num", "str",  "flag", "nums", "strs", "mixed", "objs", "obj",   "deep",
  "n", "s", "k",   "tags", "in",   "rows", "x",    "y",     "c",    "nosuch"
];
const space = () => chance(0.15) ? pick([" ", "  ", "\t", "\n"]) : "";
const name = () =>
    chance(0.06) ? pick(['"foo bar"', '"a"', '"\\u0061"', '"nums"', '"\\u00e9"']) : pick(names);
const index = () => String(below(7) - 3);
const bound = () => chance(0.4) ? "" : String(below(11) - 5);
const slice = () =>
    `${bound()}:${bound()}${chance(0.5) ? `:${pick(["", "1", "2", "-1", "-2", "3", "0"])}` : ""}`;
const literal = () => pick([
  () => `\`${JSON.stringify(pick(numbers))}\``,
  () => `\`${JSON.stringify(pick(strings)).replaceAll("`", "\\`")}\``,
  () => `'${pick(strings).replaceAll("'", "\\'")}'`,
  () => pick([
    "`true`", "`false`", "`null`", "`[]`", "`{}`", "`[1, 2, 3]`", '`{"a": {"b": 1}}`', "` [\"a\"]`",
    "`old`", "`2024-05`", "`\"\\u00e9\"`", "'\\d+'"
  ]),
])();
const comparison = (depth) => `${chain(depth - 1)}${space()}${pick([
  "==", "!=", "<", "<=", ">", ">="
])}${space()}${chance(0.6) ? literal() : chain(depth - 1)}`;
const condition = (depth) => pick([
  () => comparison(depth),
  () => comparison(depth),
  () => `${comparison(depth)} ${pick(["&&", "||"])} ${comparison(depth)}`,
  () => `!${name()} ${pick(["&&", "||"])} ${comparison(depth)}`,
  () => `${pick(["s", "n", "flag", "k", "@"])} ${pick(["&&", "||"])} !${name()}`,
  () => expression(depth - 1),
  () => call(depth - 1),
])();
const list = (depth) => `[${times(1 + below(3), () => expression(depth - 1)).join(`,${space()}`)}]`;
const hash = (depth) =>
    `{${times(1 + below(3), () => `${name()}:${space()}${expression(depth - 1)}`).join(", ")}}`;
const signatures = [
  ["abs", "num"],
  ["avg", "nums"],
  ["ceil", "num"],
  ["contains", "strs", "any"],
  ["contains", "str", "str"],
  ["contains", "mixed", "any"],
  ["ends_with", "str", "str"],
  ["floor", "num"],
  ["join", "str", "strs"],
  ["keys", "obj"],
  ["length", "strs"],
  ["length", "obj"],
  ["length", "str"],
  ["map", "&", "objs"],
  ["max", "nums"],
  ["max", "strs"],
  ["max_by", "objs", "&"],
  ["merge", "obj"],
  ["merge", "obj", "obj"],
  ["min", "nums"],
  ["min", "strs"],
  ["min_by", "objs", "&"],
  ["not_null", "any"],
  ["not_null", "any", "any", "any"],
  ["reverse", "deep"],
  ["reverse", "str"],
  ["sort", "strs"],
  ["sort", "nums"],
  ["sort_by", "objs", "&"],
  ["starts_with", "str", "str"],
  ["sum", "nums"],
  ["to_array", "any"],
  ["to_number", "any"],
  ["to_string", "any"],
  ["type", "any"],
  ["values", "obj"]
];
const sources = {
  num: ["num", "n", "`-1.5`", "length(strs)", "objs[0].n", "sum(nums)"],
  nums: ["nums", "objs[*].n", "mixed[?type(@) == 'number']", "rows[].n", "nums[1:]", "@"],
  str: ["str", "s", "'ab'", "strs[0]", "to_string(num)", "objs[0].s", "@", "type(@)"],
  strs: [
    "strs", "tags", "objs[].s", "objs[*].in.s", "keys(obj)", "strs[::-1]", "@",
    "map(&to_string(@), mixed)"
  ],
  obj: ["obj", "objs[0]", "obj.x", "in", "`{\"z\": 1}`", "@", "{a: a, s: str}"],
  objs: ["objs", "rows", "objs[?flag]", "values(obj)[:2]", "objs[].rows[]", "@"],
  deep: ["deep", "deep[0]", "objs", "mixed"],
  mixed: ["mixed", "deep", "nums", "objs[].in"],
};
const argument = (wanted, depth) => {
  if (wanted === "&")
    return `&${
        chance(0.7) ? pick(["n", "s", "in.n", "k", "length(s)", "@", "n || `0`", "to_number(s)"]) :
                      expression(depth - 1)}`;
  if (wanted === "any" || chance(0.12)) return expression(depth - 1);
  return pick(sources[wanted]);
};
const call = (depth) => {
  const [callee, ...wanted] = pick(signatures);
  const given = wanted.map((one) => argument(one, depth));
  if (chance(0.015)) given.pop();
  return `${chance(0.01) ? "nosuch" : callee}(${given.join(`,${space()}`)})`;
};
const first = (depth) => pick([
  name,
  name,
  name,
  name,
  () => "@",
  () => "*",
  () => "[*]",
  () => "[]",
  () => `[${index()}]`,
  () => `[${slice()}]`,
  () => `[?${condition(depth)}]`,
  literal,
  () => list(depth),
  () => hash(depth),
  () => call(depth),
  () => `(${expression(depth - 1)})`,
  () => `!${chain(depth - 1)}`,
])();
const next = (depth) => pick([
  () => `.${name()}`,
  () => `.${name()}`,
  () => `.${name()}`,
  () => ".*",
  () => "[*]",
  () => "[]",
  () => `[${index()}]`,
  () => `[${slice()}]`,
  () => `[?${condition(depth)}]`,
  () => `.${list(depth)}`,
  () => `.${hash(depth)}`,
  () => `.${call(depth)}`,
])();
const chain = (depth) =>
    depth <= 0 ? name() : `${first(depth)}${times(below(4), () => next(depth)).join("")}`;
const expression = (depth) => {
  if (depth <= 0) return chance(0.85) ? name() : literal();
  const operator = pick(["||", "&&", "|", "||", "&&", "|", "==", "!=", "<"]);
  return pick([
    () => chain(depth),
    () => chain(depth),
    () => call(depth),
    () => `${call(depth)}${next(depth)}`,
    () => `${expression(depth - 1)} ${operator} ${expression(depth - 1)}`,
    () => `${chain(depth)} | ${chain(depth - 1)}`,
    () => `${pick(["objs", "deep", "obj.*", "objs[].rows", "values(obj)"])}${next(depth)}${
        next(depth)}${chance(0.4) ? ` | ${first(depth - 1)}` : ""}`,
  ])();
};
const broken = (text) => {
  const letters = Array.from(text);  // no half of a surrogate pair
  const at = below(letters.length + 1);
  pick([
    () => letters.splice(at, 1 + below(2)),
    () => letters.splice(at, 0, pick([...".,:*@!&|=<>()[]{}?'`\"#-"])),
    () => letters.splice(at),
  ])();
  return letters.join("");
};

// -- the file -----------------------------------------------------------------

// No more of one kind of answer than this share of the lines.
const shares = {
  null: 0.1,
  "[]": 0.08,
  true: 0.06,
  false: 0.06,
  error: 0.1,
  broken: 0.08,
  other: 1
};
const counts = Object.fromEntries(Object.keys(shares).map((kind) => [kind, 0]));
const leftOut = new Map();
const seen = new Set();
const lines = [];
let answered = 0;
let given;

const refuses = (text) => {
  try {
    reference.compile(text);
    return false;
  } catch {
    return true;
  }
};
const reasonFor = (answer, text) =>
    repairedOnce.find(({module}) => answerOf(module, given, text) !== answer)?.reason ??
    "several of these";

while (answered < linesMax) {
  if (answered % 40 === 0 && (given === undefined || !lines.at(-1).startsWith('{"document"'))) {
    given = document();
    lines.push(JSON.stringify({document: given}));
  }
  let text = expression(1 + below(3));
  const isBroken = chance(0.15);
  if (isBroken) text = broken(text);
  if (seen.has(text) || (isBroken && !refuses(text))) continue;
  seen.add(text);
  const answer = answerOf(reference, given, text);
  if (answer !== answerOf(repaired, given, text)) {
    const reason = reasonFor(answer, text);
    leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
    continue;
  }
  const kind = isBroken ? "broken" : answer in shares ? answer : "other";
  const line = answer === "error" ? JSON.stringify({expression: text, error: true}) :
                                    `{"expression":${JSON.stringify(text)},"result":${answer}}`;
  if (line.length > bytesMax || counts[kind] >= shares[kind] * linesMax) continue;
  counts[kind] += 1;
  answered += 1;
  lines.push(line);
}
console.log(lines.join("\n"));
console.error(counts, "left out:", Object.fromEntries(leftOut));
