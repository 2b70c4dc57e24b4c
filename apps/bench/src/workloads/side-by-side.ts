import { isOwn } from "../peers/catalogue.ts";
import type { Peer } from "../peers/peer.ts";
import { type Measures, noAccount, type Row, type Setting, type Workload } from "../workload.ts";

type RunOn = (peer: Peer, setting: Setting) => Promise<Measures>;

/** A run on each peer, one after the other. Another's that breaks off is told as a row without figures; the others go on. */
export const sideBySide =
  (runOn: RunOn): Workload["run"] =>
  async (setting) => {
    const rows: Row[] = [];
    for (const peer of setting.peers) {
      setting.say(`  ${peer.name}\n`);
      const { name, how: at, durable } = peer;
      const measured = await runOn(peer, setting).catch((error: unknown) => {
        if (isOwn(name)) throw error;
        return { values: {}, account: { ...noAccount, missing: setting.events }, faults: [`broke off: ${String(error)}`] };
      });
      rows.push({ peer: name, at, durable, ...measured });
    }
    return rows;
  };
