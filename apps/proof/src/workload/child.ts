/** Runs one script on a data folder and writes its history: `child.ts SCRIPT FOLDER HISTORY`. It is killed, or its writes are recorded. */
import { RecordedStorage } from "./recorded-storage.ts";
import { scriptNames, scripts } from "./scripts.ts";

const [name, folder, history] = process.argv.slice(2);
const script = scriptNames.find((known) => known === name);
if (script === undefined || folder === undefined || history === undefined) throw new Error("usage: child.ts SCRIPT FOLDER HISTORY");
const recorded = await RecordedStorage.open(folder, history);
await scripts[script](recorded);
await recorded.close();
