import type { StartHubOptions } from "@waybill/testkit";
import { openPeer, type Peer, type PeerOptions } from "./peer.ts";
import { startTestHub, type TestHub } from "./test-hub.ts";

/** A hub and those who connect to it; all of them leave at the end of the test that opened them. */
export type Company = AsyncDisposable & {
  readonly hub: TestHub;
  vendor(store: string, options?: MemberOptions): Promise<Peer>;
  driver(name: string, options?: MemberOptions): Promise<Peer>;
  operator(options?: MemberOptions): Promise<Peer>;
  /** A driver who reads the pools of these zones. */
  driverIn(name: string, zones: readonly string[]): Promise<Peer>;
  /** A store's job, taken by the driver: from then on the two have to do with each other. */
  give(vendor: Peer, driver: Peer, job: { store: string; parcel: string }): Promise<void>;
  /** Call it after each test. */
  dismiss(): void;
};
/** `url`: another way to the hub. `subject`: whose token it is. */
export type MemberOptions = PeerOptions & { url?: string; subject?: string; tenant?: string; namespace?: string };

export async function openCompany(options: StartHubOptions = {}): Promise<Company> {
  const hub = await startTestHub(options);
  const peers: Peer[] = [];
  const sign = hub.running.token;
  const join = async (role: string, token: string, { url = hub.url, namespace = `/${role}`, ...rest }: MemberOptions) => {
    const peer = await openPeer(url, namespace, token, rest);
    peers.push(peer);
    return peer;
  };
  const whose = (name: string, { subject = name, tenant = "default" }: MemberOptions) => ({ sub: subject, tenant });
  const driver = (name: string, member: MemberOptions = {}) =>
    join("driver", sign({ role: "driver", driver: name, ...whose(name, member) }), member);
  return {
    hub,
    vendor: (store, member = {}) => join("vendor", sign({ role: "vendor", stores: [store], ...whose(store, member) }), member),
    driver,
    async driverIn(name, zones) {
      const peer = await driver(name);
      for (const zone of zones) await peer.request("subscribe", { queue: `zone/${zone}` });
      return peer;
    },
    operator: (member = {}) => join("admin", sign({ role: "admin", ...whose("operator", member) }), member),
    async give(vendor, driver, job) {
      await vendor.request("ready", { ...job, data: { zone: "north" } });
      const answer = await driver.request("take", { parcel: job.parcel });
      if (answer.outcome !== "yours") throw new Error(`The job was not taken: ${JSON.stringify(answer)}`);
    },
    dismiss() {
      for (const peer of peers.splice(0)) peer.close();
    },
    async [Symbol.asyncDispose]() {
      for (const peer of peers.splice(0)) peer.close();
      await hub[Symbol.asyncDispose]();
    },
  };
}
