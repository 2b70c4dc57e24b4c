import { adminRequests, clientNotices, driverNotices, driverRequests, hubNotices, vendorNotices, vendorRequests } from "./protocol.ts";

/** Socket.IO gives these a meaning of its own on one side or the other; `error` without a listener ends a Node process. */
const socketIoNames = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener", "error"] as const;
/** Both are frames: their bodies are bytes, so they stand in no table. */
const frameNames = ["publish", "deliver", "delivers"] as const;

const reservedNames: ReadonlySet<string> = new Set([
  ...socketIoNames,
  ...frameNames,
  ...[driverRequests, vendorRequests, adminRequests, clientNotices, driverNotices, vendorNotices, hubNotices].flatMap(Object.keys),
]);

/** Names that no event type may ever have. */
export const isReservedName = (name: string): boolean => reservedNames.has(name);
