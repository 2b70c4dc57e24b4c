/** What tests, the replay and the fault harness share. Starts programs by path and imports none of them. */
export { type Chance, createChance, hash32 } from "./chance.ts";
export { type Checker, createChecker } from "./checker/checker.ts";
export { isPublisherRecord, isVendorRecord, type PublisherRecord, type VendorRecord } from "./checker/records.ts";
export { isClean, type TypeCounts, type Verdict, type Violation, type ViolationKind } from "./checker/verdict.ts";
export { createFakeClock, type FakeClock } from "./fake-clock.ts";
export { type History, monotonicUs, openHistory, readHistory, readHistorySync } from "./history.ts";
export { ownPort } from "./own-port.ts";
export { type Exit, type JsonLine, type Program, ProgramEndedError, type ProgramOptions } from "./program.ts";
export { type Ended, runToEnd } from "./run-to-end.ts";
export { type SidePackages, sidePackages } from "./side-packages.ts";
export { type ClaimsToSign, createTokenSigner, type TokenSigner } from "./sign-token.ts";
export { type RunningHub, type StartHubOptions, startHub } from "./start-hub.ts";
export { createSupervisor, type Supervisor } from "./supervisor.ts";
export { createTcpFaultProxy, type TcpFault, type TcpFaultProxy, type TcpFaultProxyOptions } from "./tcp-fault-proxy.ts";
