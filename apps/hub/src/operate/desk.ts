import { HubError, MAIN_GROUP, type Queue, queueParts } from "@waybill/events";
import type { SubscriptionKey, SubscriptionRow } from "@waybill/storage";
import type { Identity } from "../auth/tokens.ts";
import type { Runner } from "../dispatch/runner.ts";
import type { SessionParts } from "../sessions/session-parts.ts";

export type SubscriptionName = { queue: Queue; group?: string | undefined };

/** What all requests of one operator need. */
export type Desk = {
  readonly parts: SessionParts;
  readonly tenant: string;
  /** Role and name, for dead letters. */
  readonly by: string;
  keyOf(name: SubscriptionName): SubscriptionKey;
  /** Throws UNKNOWN_STORE and the like for a queue of nobody. */
  checkName(queue: Queue): Promise<void>;
  /** Throws UNKNOWN_STORE and the like for a queue of nobody, UNKNOWN_GROUP. */
  row(name: SubscriptionName): Promise<SubscriptionRow>;
  /** Running, also where nobody reads it: it leaves memory again when it has been idle. */
  runner(name: SubscriptionName): Promise<Runner>;
  audit(action: string, key: SubscriptionKey, detail: string): void;
};

export function createDesk(parts: SessionParts, { tenant, subject }: Identity): Desk {
  const { storage, registry, names } = parts;
  const keyOf = ({ queue, group = MAIN_GROUP }: SubscriptionName): SubscriptionKey => ({ tenant, queue, group });

  /** To look is not to make known, also in an open hub. */
  const checkName = async (queue: Queue): Promise<void> => {
    const { kind, id } = queueParts(queue);
    const [isKnown] = await storage.hasNames(tenant, kind, [id]);
    if (!isKnown) throw names.error(kind, id);
  };

  const row = async (name: SubscriptionName): Promise<SubscriptionRow> => {
    const key = keyOf(name);
    await checkName(key.queue);
    const found = await storage.subscription(key);
    if (!found) throw new HubError("UNKNOWN_GROUP", `${key.queue} has no group "${key.group}".`);
    return found;
  };

  return {
    parts,
    tenant,
    by: `admin ${subject}`,
    keyOf,
    checkName,
    row,
    async runner(name) {
      const { key } = await row(name);
      const runner = registry.obtain(key);
      await runner.opened();
      return runner;
    },
    audit: (action, { queue, group }, detail) => storage.audit(tenant, subject, action, `${queue} ${group}: ${detail}`),
  };
}
