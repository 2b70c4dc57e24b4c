/** The SDK for Node: all of the browser's, and the outbox in a file. */
export * from "./browser.ts";
export { fileOutbox } from "./file-outbox.ts";
