import { type ClientOptions, createDriver, type Driver, fileOutbox, memoryOutbox } from "@waybill/client";
import { HubError } from "@waybill/events";
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
    driver.listen("error", (error) => {
      if (driver.status !== "closed") notice(error.message);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Says when the hub is not reached, and when it is again: a program that waits must say what for. */
export function sayConnection(driver: Pick<Driver, "listen">, out: Output): void {
  let isAway = false;
  driver.listen("status", (status, why) => {
    if (status === "waiting" && !isAway) {
      isAway = true;
      void out.say(`note: no connection to the hub, trying again: ${why}`, { what: "waiting", why });
    } else if (status === "connected" && isAway) {
      isAway = false;
      void out.say("note: connected", { what: "connected" });
    }
  });
}

/** Rejects when the client ends for good by itself, e.g. because its token expired; with what it ended with. */
export function endOf(driver: Pick<Driver, "listen">): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  let cause: Error | undefined;
  driver.listen("error", (error) => {
    cause = error;
  });
  driver.listen("status", (status, why) => {
    // The client tells the status first and then the error that it ended with.
    if (status === "closed") setImmediate(() => reject(cause ?? new HubError("CLOSED", why)));
  });
  return promise;
}

/** Works with the driver, and rejects at once when the hub refuses its token, which no waiting mends. */
export function whileWelcome<T>(driver: Driver, work: Promise<T>): Promise<T> {
  const refused = driver.ready().then(() => new Promise<never>(() => undefined));
  return Promise.race([work, refused]);
}
