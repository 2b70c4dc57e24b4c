import type { Workload } from "../workload.ts";
import { drain } from "./drain.ts";
import { fanout } from "./fanout.ts";
import { flow } from "./flow.ts";
import { full } from "./full.ts";
import { growth } from "./growth.ts";
import { idle } from "./idle.ts";
import { latency } from "./latency.ts";
import { restart } from "./restart.ts";
import { slow } from "./slow.ts";
import { storm } from "./storm.ts";

export const workloads: Readonly<Record<string, Workload>> = { flow, latency, drain, fanout, idle, storm, restart, slow, full, growth };
