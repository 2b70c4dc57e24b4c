#!/usr/bin/env node
import "@waybill/options/require-node";

await import("../src/main.ts");
