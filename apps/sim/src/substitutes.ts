/**
 * What the shipped sources get instead of what they ask for: the edge of the world (sockets, files), a look at each engine, and
 * no debug lines. Everything else is the shipped code itself. Loaded before any of it.
 */
import { registerHooks } from "node:module";
import { installGlobals } from "./world/globals.ts";

type Substitute = { by: string; of: string; instead: string };

const folderOf = (path: string): string => new URL(path, new URL("../../../", import.meta.url)).href;
const client = folderOf("packages/client/src/");
const hub = folderOf("apps/hub/src/");
const queue = folderOf("packages/queue/src/");
const socketIo = ["socket.io", "socket.io-client", "socket.io-parser"] as const;
const folders: Readonly<Record<string, string>> = {
  client,
  hub,
  queue,
  ...Object.fromEntries(socketIo.map((name) => [name, folderOf(`node_modules/${name}/`)])),
};

const substitutes: readonly Substitute[] = [
  { by: "socket.io-client", of: "engine.io-client", instead: "./world/client-engine.ts" },
  { by: "client", of: "node:fs/promises", instead: "./world/fs-promises.ts" },
  { by: "client", of: "./file-lock.ts", instead: "./world/no-lock.ts" },
  { by: "hub", of: "@waybill/queue", instead: "./world/watched-engine.ts" },
  { by: "hub", of: "./commit/committer.ts", instead: "./bugs/lone-writes.ts" },
  { by: "hub", of: "./publish/admission.ts", instead: "./bugs/hasty-admission.ts" },
  { by: "hub", of: "./pool/claim-table.ts", instead: "./bugs/forgetful-claims.ts" },
  { by: "queue", of: "./passed.ts", instead: "./bugs/forgotten-passes.ts" },
  { by: "hub", of: "./receipt-states.ts", instead: "./bugs/early-receipts.ts" },
  ...socketIo.map((by) => ({ by, of: "debug", instead: "./world/no-debug.ts" })),
];

/** Call it once, first. */
export function substitute(): void {
  installGlobals();
  registerHooks({
    resolve(specifier, context, next) {
      const found = substitutes.find(({ by, of }) => of === specifier && context.parentURL?.startsWith(folders[by] ?? "?") === true);
      return found ? { url: new URL(found.instead, import.meta.url).href, shortCircuit: true } : next(specifier, context);
    },
  });
}
