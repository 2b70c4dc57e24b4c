/**
 * One event of one subscription, from its loading to its settlement. States and what leaves each:
 *
 *   waiting   not in hand, may be offered    ── offer ──► held   ── rest ──► resting (delayed [D1], when it was loaded)
 *   held      in a consumer's hand           ── ack ──► done   ── hold ──► answered   ── return ──► waiting   ── save ──► saving
 *   answered  acked before its turn [O2]     ── ack ──► done   ── return ──► waiting
 *   saving    its row is not committed [R3]  ── wake ──► waiting   ── rest ──► resting   ── stick ──► stuck
 *   resting   backs off, or is delayed       ── wake ──► waiting
 *   stuck     attempts are used up [B1]      ── save ──► saving (retried by hand)
 *   burying   its dead letter is not committed ── settle ──► done
 *   done      settled [S1]: nothing leaves
 *
 * Whatever nobody has in hand can also be acked late [T3], settled by its claim [K3], or buried [B7].
 */
export type DeliveryState = "waiting" | "held" | "answered" | "saving" | "resting" | "stuck" | "burying" | "done";
export type DeliveryInput = "offer" | "ack" | "hold" | "return" | "save" | "wake" | "rest" | "stick" | "bury" | "settle";

/** `null`: cannot happen; whoever asks has broken an invariant. */
type Row = Readonly<Record<DeliveryInput, DeliveryState | null>>;

const nothing: Row = {
  offer: null,
  ack: null,
  hold: null,
  return: null,
  save: null,
  wake: null,
  rest: null,
  stick: null,
  bury: null,
  settle: null,
};

const transitions: Readonly<Record<DeliveryState, Row>> = {
  // `save`, `rest`, `stick`: what its row, or its own time, says when it was loaded.
  waiting: { ...nothing, offer: "held", ack: "done", save: "saving", rest: "resting", stick: "stuck", bury: "burying", settle: "done" },
  held: { ...nothing, ack: "done", hold: "answered", return: "waiting", save: "saving", bury: "burying", settle: "done" },
  answered: { ...nothing, ack: "done", return: "waiting" },
  saving: { ...nothing, ack: "done", wake: "waiting", rest: "resting", stick: "stuck", settle: "done" },
  resting: { ...nothing, ack: "done", wake: "waiting", save: "saving", bury: "burying", settle: "done" },
  stuck: { ...nothing, ack: "done", save: "saving", bury: "burying", settle: "done" },
  burying: { ...nothing, settle: "done" },
  done: nothing,
};

/** Pure. Throws when the input cannot happen in this state. */
export function next(state: DeliveryState, input: DeliveryInput): DeliveryState {
  const to = transitions[state][input];
  if (to === null) throw new Error(`Broken invariant: an event that is ${state} cannot ${input}.`);
  return to;
}
