import { expect, test } from "vitest";
import { type DeliveryInput, type DeliveryState, next } from "../src/delivery.ts";

/** Complete by type: a state or an input without its expectation does not compile. `-`: cannot happen. */
const table: Record<DeliveryState, Record<DeliveryInput, DeliveryState | "-">> = {
  waiting: {
    offer: "held",
    ack: "done",
    hold: "-",
    return: "-",
    save: "saving",
    wake: "-",
    rest: "resting",
    stick: "stuck",
    bury: "burying",
    settle: "done",
  },
  held: {
    offer: "-",
    ack: "done",
    hold: "answered",
    return: "waiting",
    save: "saving",
    wake: "-",
    rest: "-",
    stick: "-",
    bury: "burying",
    settle: "done",
  },
  answered: { offer: "-", ack: "done", hold: "-", return: "waiting", save: "-", wake: "-", rest: "-", stick: "-", bury: "-", settle: "-" },
  saving: {
    offer: "-",
    ack: "done",
    hold: "-",
    return: "-",
    save: "-",
    wake: "waiting",
    rest: "resting",
    stick: "stuck",
    bury: "-",
    settle: "done",
  },
  resting: {
    offer: "-",
    ack: "done",
    hold: "-",
    return: "-",
    save: "saving",
    wake: "waiting",
    rest: "-",
    stick: "-",
    bury: "burying",
    settle: "done",
  },
  stuck: {
    offer: "-",
    ack: "done",
    hold: "-",
    return: "-",
    save: "saving",
    wake: "-",
    rest: "-",
    stick: "-",
    bury: "burying",
    settle: "done",
  },
  burying: { offer: "-", ack: "-", hold: "-", return: "-", save: "-", wake: "-", rest: "-", stick: "-", bury: "-", settle: "done" },
  done: { offer: "-", ack: "-", hold: "-", return: "-", save: "-", wake: "-", rest: "-", stick: "-", bury: "-", settle: "-" },
};

const cases = Object.entries(table).flatMap(([state, row]) =>
  Object.entries(row).map(([input, to]) => ({ state: state as DeliveryState, input: input as DeliveryInput, to })),
);

test.each(cases)("[S1] $state, $input: $to", ({ state, input, to }) => {
  if (to === "-") expect(() => next(state, input)).toThrow(`an event that is ${state} cannot ${input}`);
  else expect(next(state, input)).toBe(to);
});
