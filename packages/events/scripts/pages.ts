import { readFileSync } from "node:fs";
import { z } from "zod";
import { eventData, eventTypes, hubErrors, limits, publishers } from "../src/index.ts";

/** docs/errors.md, whole. */
export function errorPage(): string {
  const rows = Object.entries(hubErrors).map(([code, { retry, advice }]) => `| \`${code}\` | ${retry} | ${advice} |`);
  return `# Errors

Every refusal crosses the wire as \`{ code, retry, message, issues? }\`. \`message\` says what was found, why it is refused and what to do;
it is for people and may change. Programs look at \`retry\`, and at \`code\` where they can do something about it:

- \`never\`: the same again cannot help.
- \`backoff\`: the same again, later, with growing waits.
- \`reconnect\`: the same again, on a new connection.

A client that meets a code it does not know still knows how to retry. \`issues\` (at most eight) are \`{ path, message }\`: where a message breaks its schema.

| code | retry | what it means and what to do |
|---|---|---|
${rows.join("\n")}

This page is written from packages/events/src/errors.ts by \`npm run docs -w @waybill/events\`; a test holds them equal.
`;
}

/** The table of limits; reasons are the comments of limits.ts, so that each stands in one place. */
export function limitsTable(): string {
  const source = readFileSync(new URL("../src/limits.ts", import.meta.url), "utf8");
  const rows = Object.entries(limits).map(([name, value]) => {
    const reason = new RegExp(`/\\*\\* ([^\\n]*) \\*/\\n  ${name}: `).exec(source)?.[1];
    if (!reason) throw new Error(`limits.${name} has no reason: write a comment of one line above it`);
    return `| \`${name}\` | ${value.toLocaleString("en-US")} | ${reason} |`;
  });
  return ["| limit | value | reason → what answers it |", "|---|---|---|", ...rows].join("\n");
}

type DataSchema = z.core.JSONSchema.JSONSchema;

/** The table of event types with their payloads, read from the schemas. */
export function eventTypesTable(): string {
  const rows = eventTypes.map((type) => {
    const { properties, required }: DataSchema = z.toJSONSchema(eventData[type]);
    const fields = Object.entries(properties ?? {}).map(
      ([name, property]) => `\`${name}${required?.includes(name) ? "" : "?"}\` ${words(name, property)}`,
    );
    const by = publishers[type].join(", ") || "the hub alone";
    return `| \`${type}\` | ${by} | ${fields.join(" · ")} |`;
  });
  return ["| event type | published by | fields of `data` (`?`: may be left out) |", "|---|---|---|", ...rows].join("\n");
}

function words(name: string, property: DataSchema | boolean): string {
  if (typeof property === "boolean") throw new Error(`${name}: a schema of its own was expected`);
  if (name === "extra") return "your own fields";
  if (name === "zone" || name === "driver") return "name";
  if (property.enum) return property.enum.join(" / ");
  if (property.format === "date-time") return "time";
  if (property.type === "integer") return "whole number from 1";
  if (property.type === "number") return `${property.minimum} to ${property.maximum}`;
  return `text, at most ${property.maxLength?.toLocaleString("en-US")}`;
}

const tables = { limits: limitsTable, "event types": eventTypesTable };

/** The page with the generated tables between their marks written anew. */
export function withTables(page: string): string {
  let out = page;
  for (const [name, render] of Object.entries(tables)) {
    const [start, end] = [`<!-- ${name}: written by npm run docs -w @waybill/events -->`, `<!-- end of ${name} -->`];
    const [from, to] = [out.indexOf(start), out.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the page has no marks "${start}" and "${end}"`);
    out = `${out.slice(0, from + start.length)}\n${render()}\n${out.slice(to)}`;
  }
  return out;
}
