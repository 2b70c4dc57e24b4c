import type { Workload } from "../workload.ts";
import { drain } from "./drain.ts";
import { flow } from "./flow.ts";
import { full } from "./full.ts";
import { latency } from "./latency.ts";
import { restart } from "./restart.ts";
import { slow } from "./slow.ts";

export const workloads: Readonly<Record<string, Workload>> = { flow, latency, drain, restart, slow, full };
