#!/usr/bin/env node
import "@waybill/options/require-node";

const { runMain } = await import("@waybill/options");
const { token } = await import("../src/token-main.ts");
await runMain(token);
