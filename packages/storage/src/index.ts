/** What survives a crash: the port, SQLite behind it, and a model in memory. */
export { createMemoryDisk, type MemoryDisk } from "./memory/memory-disk.ts";
export { type MemoryStorageOptions, openMemoryStorage } from "./memory/open-memory-storage.ts";
export * from "./port.ts";
export { type FolderState, folderState } from "./sqlite/folder-state.ts";
export { openSqliteStorage, type SqliteStorageOptions } from "./sqlite/open-sqlite-storage.ts";
export { type Restored, type RestoreOptions, restoreFolder } from "./sqlite/restore.ts";
export { describeReport } from "./sqlite/verify/describe-report.ts";
export { checks as verifyChecks, type Finding } from "./sqlite/verify/findings.ts";
export { type VerifyCounts, type VerifyReport, verifyFolder } from "./sqlite/verify/verify-folder.ts";
