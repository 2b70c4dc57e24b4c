/** What a simulated driver does, as it happens: one line each. */
export type Said =
  | { what: "took"; parcel: string; store: string; zone: string }
  | { what: "lost-job"; parcel: string; why: string }
  | { what: "told"; parcel: string; store: string; type: string; outcome: "stored" | "duplicate" | "outbox"; offset: number | null }
  | { what: "refused"; parcel: string; store: string; type: string; why: string }
  | { what: "handed-back"; parcel: string; reason: string }
  | { what: "cancelled"; parcel: string; store: string; reason: string | null }
  | { what: "message"; parcel: string; store: string; text: string }
  | { what: "offline"; forS: number }
  | { what: "online"; pending: number }
  | { what: "stopped"; carrying: number; pending: number };

/** The same for people. */
export function describeSaid(said: Said): string {
  switch (said.what) {
    case "took":
      return `took ${said.parcel} of ${said.store} in ${said.zone}`;
    case "lost-job":
      return `${said.parcel} is not mine: ${said.why}`;
    case "told":
      return said.outcome === "outbox"
        ? `${said.type} ${said.parcel} (in the outbox)`
        : `${said.type} ${said.parcel} → store/${said.store}#${said.offset ?? "?"}`;
    case "refused":
      return `${said.type} ${said.parcel} was refused: ${said.why}`;
    case "handed-back":
      return `handed ${said.parcel} back: ${said.reason}`;
    case "cancelled":
      return `${said.store} cancelled ${said.parcel}${said.reason ? `: ${said.reason}` : ""}`;
    case "message":
      return `${said.store} writes about ${said.parcel}: ${said.text}`;
    case "offline":
      return `lost its network for ${said.forS} s of the day`;
    case "online":
      return said.pending === 0 ? "is online" : `is online, ${said.pending} in the outbox`;
    case "stopped":
      return `stopped with ${said.carrying} jobs in hand, ${said.pending} in the outbox`;
  }
}
