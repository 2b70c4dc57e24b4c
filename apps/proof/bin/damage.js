#!/usr/bin/env node
import "@waybill/options/require-node";

await import("../src/damage/main.ts");
