/** Writes docs/errors.md and the tables of docs/PROTOCOL.md from the sources: `npm run docs -w @waybill/events`. */
import { readFileSync, writeFileSync } from "node:fs";
import { errorPage, withTables } from "./pages.ts";

const docs = new URL("../../../docs/", import.meta.url);
writeFileSync(new URL("errors.md", docs), errorPage());
const protocol = new URL("PROTOCOL.md", docs);
writeFileSync(protocol, withTables(readFileSync(protocol, "utf8")));
