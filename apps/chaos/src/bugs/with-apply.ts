import type { Engine } from "@waybill/queue";

/** The same engine, whose turns go another way. Its own methods stand on its class: a copy of the object would lose them. */
export const withApply = (engine: Engine, apply: Engine["apply"]): Engine => ({
  apply,
  hasUnwritten: () => engine.hasUnwritten(),
  landSilently: (commit) => engine.landSilently(commit),
  view: () => engine.view(),
  entries: () => engine.entries(),
  gaps: (firstKept) => engine.gaps(firstKept),
  explain: (event, nowMs) => engine.explain(event, nowMs),
});
