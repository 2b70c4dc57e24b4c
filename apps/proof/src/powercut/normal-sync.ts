/**
 * The negative control, loaded before a program: SQLite is told `synchronous = NORMAL` wherever the storage says FULL. What
 * is confirmed is then not synced, and a power cut loses it. The shipped sources contain no switch for it.
 */
import { DatabaseSync } from "node:sqlite";

const shipped = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function exec(sql: string): void {
  shipped.call(this, sql.replaceAll(/synchronous = FULL/g, "synchronous = NORMAL"));
};
