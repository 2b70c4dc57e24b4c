import { adminRequests, clientNotices, driverNotices, driverRequests, hubNotices, vendorNotices, vendorRequests } from "./protocol.ts";

/** Socket.IO gives these a meaning of its own on one side or the other; `error` without a listener ends a Node process. */
const socketIoNames: ReadonlySet<string> = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
  "error",
]);
/** Both are frames: their bodies are bytes, so they stand in no table. */
const frameNames = ["publish", "deliver", "delivers"] as const;

const reservedNames: ReadonlySet<string> = new Set([
  ...socketIoNames,
  ...frameNames,
  ...[driverRequests, vendorRequests, adminRequests, clientNotices, driverNotices, vendorNotices, hubNotices].flatMap(Object.keys),
]);

export const isSocketIoName = (name: string): boolean => socketIoNames.has(name);

/** Names that no event type may ever have. */
export const isReservedName = (name: string): boolean => reservedNames.has(name);
