// Shows /openapi.json. Nothing is loaded from elsewhere, and no text of it becomes markup.
"use strict";

let api;

/// An element with these properties and children; texts are children, too.
function make(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return made;
}

/// The words of a text, with `code` as such.
function words(text) {
  return text.split("`").map((part, at) => (at % 2 ? make("code", {}, part) : part));
}

/// Paragraphs and lists of a small Markdown.
function prose(text) {
  return text.trim().split(/\n\n+/).map((block) => {
    if (!block.startsWith("- ")) return make("p", {}, words(block));
    const entries = block.slice(2).split(/\n- /);
    return make("ul", {}, entries.map((entry) => make("li", {}, words(entry))));
  });
}

function resolve(node) {
  if (!node || !node.$ref) return node;
  return node.$ref.slice(2).split("/").reduce((at, key) => at[key], api);
}

// -- schemas ---------------------------------------------------------------------------------------

const nameOf = (schema) => (schema.$ref ? schema.$ref.split("/").pop() : "");

function bounds(schema) {
  const [least, most] = schema.type === "string" || schema.maxLength !== undefined
    ? [schema.minLength, schema.maxLength] : [schema.minimum, schema.maximum];
  if (least === undefined && most === undefined) return "";
  return ` ${least ?? ""}..${most ?? ""}`;
}

/// "string 1..255 or null", "list of Task"
function typeText(schema) {
  if (schema.$ref) return nameOf(schema);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((word) => (word === null ? "null" : word)).join(" | ");
  if (schema.anyOf) return schema.anyOf.map(typeText).join(" or ");
  if (schema.type === "array") return `list of ${typeText(schema.items ?? {})}`;
  if (!schema.type) return "any JSON";
  const format = schema.format && schema.format !== "int64" ? ` (${schema.format})` : "";
  return [schema.type].flat().join(" or ") + bounds(schema) + format;
}

/// The schemas inside that have fields of their own.
function inner(schema) {
  if (schema.anyOf) return schema.anyOf.flatMap(inner);
  if (schema.type === "array") return inner(schema.items ?? {});
  const target = resolve(schema);
  if (schema.$ref && !target.properties) return inner(target).length ? [schema] : [];
  return target.properties ? [schema] : [];
}

function fieldRow(name, schema, isRequired) {
  const text = schema.description ?? (schema.$ref ? resolve(schema).description : "");
  const row = make("div", {},
    make("span", { className: "name" }, name), " ",
    make("span", { className: "type" }, typeText(schema)), " ",
    isRequired ? make("span", { className: "must" }, "required") : null,
    schema.default !== undefined ? make("span", { className: "type" }, ` default ${JSON.stringify(schema.default)}`) : null,
    text ? make("div", { className: "type" }, words(text)) : null);
  for (const each of inner(schema)) row.append(lazy(nameOf(each) || "its fields", () => fields(each)));
  return row;
}

/// What an object holds; of something else its type.
function fields(schema) {
  const target = resolve(schema);
  if (!target.properties) {
    const parts = inner(target);
    return make("div", { className: "schema" }, typeText(target),
      parts.map((each) => lazy(nameOf(each) || "its fields", () => fields(each))));
  }
  const required = target.required ?? [];
  return make("div", { className: "schema" },
    Object.entries(target.properties).map(([name, each]) => fieldRow(name, each, required.includes(name))));
}

/// Made when it is opened: schemas may lead back to themselves.
function lazy(title, build) {
  const made = make("details", {}, make("summary", { className: "type" }, title));
  made.addEventListener("toggle", () => made.append(build()), { once: true });
  return made;
}

/// The example of a kind of answer, if it has one.
function exampleOf(schema) {
  const example = schema.$ref ? resolve(schema).examples?.[0] : undefined;
  return example === undefined ? null : lazy("example", () => make("pre", {}, JSON.stringify(example, null, 2)));
}

function contents(content) {
  return Object.entries(content ?? {}).map(([kind, { schema }]) =>
    make("div", {}, make("span", { className: "type" }, `${kind}: ${typeText(schema)}`), exampleOf(schema),
      inner(schema).map((each) => fields(each))));
}

// -- operations ------------------------------------------------------------------------------------

function curl({ method, path, operation }) {
  const example = operation.requestBody?.content["application/json"]?.example;
  const lines = [`curl -s "$B${path}"`];
  if (method !== "get" && (method !== "post" || example === undefined)) lines[0] += ` -X ${method.toUpperCase()}`;
  else if (method === "post" && example === undefined) lines[0] += " -X POST";
  if (operation.security.length) lines.push('-H "Authorization: Bearer $TOKEN"');
  if (example !== undefined) lines.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(example)}'`);
  return make("pre", {}, lines.join(" \\\n  "));
}

function parameterTable(parameters) {
  const rows = parameters.map((each) => make("tr", {},
    make("td", { className: "name" }, each.name, each.required ? make("div", { className: "must" }, "required") : null),
    make("td", {}, each.in),
    make("td", { className: "type" }, typeText(each.schema), each.schema.default !== undefined ? `, default ${each.schema.default}` : ""),
    make("td", {}, words(each.description ?? ""))));
  return make("table", {}, make("tr", {}, ["Name", "In", "Type", ""].map((title) => make("th", {}, title))), rows);
}

function answerEntry(status, given) {
  const answer = resolve(given);
  const made = make("details", { className: "answer", open: status < "300" },
    make("summary", {}, make("b", {}, status), " ", words(answer.description)));
  const headers = Object.keys(answer.headers ?? {});
  if (headers.length) made.append(make("div", { className: "type" }, `Headers: ${headers.join(", ")}`));
  made.append(...contents(answer.content));
  return made;
}

function details(entry) {
  const { operation } = entry;
  const made = make("div", {});
  if (operation.description) made.append(make("p", {}, words(operation.description)));
  made.append(make("p", { className: "scope" }, "Needs: ", make("code", {}, operation["x-required-scope"])), curl(entry));
  if (operation.parameters) made.append(make("h3", {}, "Parameters"), parameterTable(operation.parameters));
  if (operation.requestBody) made.append(make("h3", {}, "Body"), ...contents(operation.requestBody.content));
  made.append(make("h3", {}, "Answers"), ...Object.entries(operation.responses).map((each) => answerEntry(...each)));
  return made;
}

function show(entry) {
  const { method, path, operation } = entry;
  entry.box = make("details", { className: "operation", id: operation.operationId },
    make("summary", {}, make("span", { className: `method ${method}` }, method.toUpperCase()),
      make("span", { className: "path" }, path), make("span", {}, operation.summary)));
  entry.box.addEventListener("toggle", () => entry.box.append(details(entry)), { once: true });
  entry.link = make("li", {}, make("a", { href: `#${operation.operationId}` },
    make("b", {}, method.toUpperCase()), ` ${operation.summary}`));
  entry.words = [method, path, operation.operationId, operation.summary, operation.description,
    operation["x-required-scope"], operation.tags[0]].join(" ").toLowerCase();
}

function openHash() {
  const box = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!(box instanceof HTMLDetailsElement)) return;
  box.open = true;
  box.scrollIntoView();
}

function render() {
  const all = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })));
  all.forEach(show);
  document.getElementById("head").append(
    make("p", { className: "about" }, `${api.info.summary}. Version ${api.info.version}, OpenAPI ${api.openapi}: `,
      make("a", { href: "/openapi.json" }, "openapi.json")), ...prose(api.info.description));
  const sections = api.tags.map((tag) => {
    const mine = all.filter((entry) => entry.operation.tags[0] === tag.name);
    const section = make("section", {}, make("h2", {}, tag.name),
      make("p", { className: "about" }, words(tag.description)), mine.map((entry) => entry.box));
    const index = make("div", {}, make("h2", {}, tag.name), make("ul", {}, mine.map((entry) => entry.link)));
    return { mine, section, index };
  });
  document.getElementById("operations").replaceChildren(...sections.map(({ section }) => section));
  document.getElementById("index").replaceChildren(...sections.map(({ index }) => index));
  document.getElementById("search").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase().split(/\s+/);
    for (const { mine, section, index } of sections) {
      for (const entry of mine) {
        const isShown = wanted.every((word) => entry.words.includes(word));
        entry.box.classList.toggle("none", !isShown);
        entry.link.classList.toggle("none", !isShown);
      }
      const isEmpty = mine.every((entry) => entry.box.classList.contains("none"));
      section.classList.toggle("none", isEmpty);
      index.classList.toggle("none", isEmpty);
    }
  });
  addEventListener("hashchange", openHash);
  openHash();
}

fetch("/openapi.json").then((answer) => answer.json()).then((document) => {
  api = document;
  render();
});
