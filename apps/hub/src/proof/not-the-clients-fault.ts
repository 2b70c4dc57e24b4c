import { HubError, toHubError } from "@waybill/events";
import type { Proof } from "../hub-parts.ts";

type Fault = Pick<Proof, "fault">;

/**
 * What a client is told when it was the hub that failed. A data folder that does not read (a disk that fails for a moment looks the
 * same) says nothing against what was asked: refused for good, a publisher would put its event aside, and a consumer would never
 * come back. So both try again later, and the log says why.
 */
function notTheClientsFault(error: unknown, proof: Fault, words: { what: string; advice: string }): HubError {
  const hubError = toHubError(error);
  if (hubError.code !== "DATA_DAMAGED") return hubError;
  proof.fault(words.what, error);
  const message = `The hub could not read its data folder; its log says why. ${words.advice}`;
  return new HubError("STORAGE_FAILED", message, { cause: error });
}

export const notTheEventsFault = (error: unknown, proof: Proof): HubError =>
  notTheClientsFault(error, proof, {
    what: "a publish could not be decided",
    advice: "Nothing of this was stored: keep it, and send it again later.",
  });

/** Of what a client asked or said by this name. */
export const notTheAskersFault = (name: string, error: unknown, proof: Fault): HubError =>
  notTheClientsFault(error, proof, { what: `"${name}" could not be answered`, advice: "Ask again later." });

/** The same handler, whose client is never refused for good because the hub could not read. */
export function triedAgain<R, S extends { parts: { proof: Proof } }, A>(
  name: string,
  handler: (request: R, session: S) => Promise<A>,
): (request: R, session: S) => Promise<A> {
  return async (request, session) => {
    try {
      return await handler(request, session);
    } catch (error) {
      throw notTheAskersFault(name, error, session.parts.proof);
    }
  };
}
