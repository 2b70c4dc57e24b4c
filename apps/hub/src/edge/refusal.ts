import type { HubError, HubErrorBody } from "@waybill/events";

/** A middleware's error as Socket.IO sends it: `data` is what the client finds in `err.data`. Final for that client. */
export function refusal(error: HubError): Error & { data: HubErrorBody } {
  return Object.assign(new Error(error.message), { data: error.toBody() });
}
