#!/usr/bin/env node
import "@waybill/options/require-node";

const { runMain } = await import("@waybill/options");
const { hub, adviceOn } = await import("../src/main.ts");
await runMain(hub, { advise: adviceOn });
