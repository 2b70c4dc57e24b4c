/** Restores one folder into another: `restore-child.ts restore TARGET SOURCE`. It is killed. */
import { restoreFolder } from "@waybill/storage";

const [, to, from] = process.argv.slice(2);
if (to === undefined || from === undefined) throw new Error("usage: restore-child.ts restore TARGET SOURCE");
restoreFolder({ from, to });
