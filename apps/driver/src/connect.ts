import { type ClientOptions, createDriver, type Driver, fileOutbox, memoryOutbox } from "@waybill/client";
import type { Output } from "./output.ts";

export type ConnectOptions = Pick<ClientOptions, "url" | "token" | "reconnectMs" | "reconnectMsMax"> & {
  /** File of the outbox; in memory without. */
  outbox?: string | undefined;
};

/** A driver's client. It connects by itself, and goes on trying. */
export const connectDriver = ({ outbox, ...options }: ConnectOptions): Driver =>
  createDriver({ ...options, outbox: outbox === undefined ? memoryOutbox() : fileOutbox(outbox) });

/** Says what the client notices beside the answers to what it is asked; returns the function that ends it. */
export function sayNotices(driver: Driver, out: Output): () => void {
  const notice = (text: string): void => void out.say(`note: ${text}`, { what: "notice", text });
  const ends = [
    driver.listen("hub-lost", ({ storageId, lanes }) =>
      notice(`the hub was restored from a backup (${storageId}); in ${lanes.length} queues it lost what it had confirmed`),
    ),
    driver.listen("outbox", ({ message }) => notice(message)),
    driver.listen("error", (error) => notice(error.message)),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Works with the driver, and rejects at once when the hub refuses its token, which no waiting mends. */
export function whileWelcome<T>(driver: Driver, work: Promise<T>): Promise<T> {
  const refused = driver.ready().then(() => new Promise<never>(() => undefined));
  return Promise.race([work, refused]);
}
