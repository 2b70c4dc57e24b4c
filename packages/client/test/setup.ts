import { onTestFinished } from "vitest";
import type { Client, CreateOptions, Driver, NewEvent, Vendor } from "../src/index.ts";
import { createDriver, createVendor } from "../src/index.ts";
import { FakeHub } from "./fake-hub.ts";
import type { Faults } from "./fake-lanes.ts";

const quick = { token: "t", reconnectMs: 5, reconnectMsMax: 20 };

export async function startHub(faults: Faults = {}): Promise<FakeHub> {
  const hub = new FakeHub();
  hub.faults = faults;
  await hub.listen();
  onTestFinished(() => hub.close());
  return hub;
}

export function newDriver(hub: FakeHub, options: Partial<CreateOptions> = {}): Driver {
  return closed(createDriver({ url: hub.url, ...quick, ...options }));
}

export function newVendor(hub: FakeHub, options: Partial<CreateOptions> = {}): Vendor {
  return closed(createVendor({ url: hub.url, ...quick, ...options }));
}

function closed<C extends Client>(client: C): C {
  onTestFinished(() => client.close({ drainMs: 0 }));
  return client;
}

export const delivered = (parcel: string, store = "acme"): NewEvent => ({ type: "delivered", parcel, store });

/** Something that happens once. */
export function once<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  return Promise.withResolvers<T>();
}
