/**
 * The chat of Socket.IO's tutorial, on Waybill. This program hands out the page, and a token to whoever says a name; it also reads along and
 * prints what is said. The pages talk to the hub alone, which keeps each message until everybody has read it.
 */
import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createVendor } from "@waybill/client";

const { WAYBILL_URL = "http://127.0.0.1:3000", WAYBILL_DATA = "./data", PORT = "3001" } = process.env;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const files = new Map([
  ["/", { path: here("index.html"), type: "text/html" }],
  ["/chat.css", { path: here("chat.css"), type: "text/css" }],
  ["/chat.js", { path: here("chat.js"), type: "text/javascript" }],
  ["/socket.io.js", { path: here("../../node_modules/socket.io-client/dist/socket.io.min.js"), type: "text/javascript" }],
]);

/** The chat is a store called `lobby`, and those who talk are its people. A real page would ask who is there before it gives a token away. */
async function tokenFor(subject: string, store = "lobby"): Promise<string> {
  const flags = ["--role", "vendor", "--store", store, "--subject", subject, "--data", WAYBILL_DATA];
  return (await promisify(execFile)(process.execPath, [here("../../apps/hub/bin/token.js"), ...flags])).stdout.trim();
}

createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://chat");
  const file = files.get(pathname);
  const name = searchParams.get("name") ?? "";
  if (file) {
    response.setHeader("content-type", `${file.type}; charset=utf-8`);
    createReadStream(file.path).pipe(response);
  } else if (pathname === "/enter" && /^[a-z0-9][a-z0-9-]{0,23}$/.test(name)) {
    response.setHeader("content-type", "application/json").end(JSON.stringify({ url: WAYBILL_URL, token: await tokenFor(name) }));
  } else {
    response.writeHead(404).end();
  }
}).listen(Number(PORT), "127.0.0.1", () => console.log(`The chat is at http://127.0.0.1:${PORT}`));

const lobby = createVendor({ url: WAYBILL_URL, token: () => tokenFor("the-lobby", "*") });
lobby.on("message", ({ data }) => console.log(`${data.from}: ${data.text}`));
await lobby.start({ queues: ["store/lobby"], types: ["message"] });
