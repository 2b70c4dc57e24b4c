/** The contract: schemas of events and wire messages, names, rooms, error codes, limits. Imports nothing but zod. */
export * from "./claim.ts";
export * from "./errors.ts";
export * from "./event-map.ts";
export * from "./frame.ts";
export * from "./limits.ts";
export * from "./names.ts";
export * from "./parcel-events.ts";
export * from "./protocol.ts";
export * from "./wire/admin.ts";
export * from "./wire/deliver.ts";
export * from "./wire/hello.ts";
export * from "./wire/job.ts";
export * from "./wire/live.ts";
export * from "./wire/publish.ts";
export * from "./wire/subscribe.ts";
export * from "./wire/welcome.ts";
