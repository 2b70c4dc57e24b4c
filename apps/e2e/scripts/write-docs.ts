/** `npm run docs -w @waybill/e2e` writes docs/socket-io.md from the cheat sheet's lines and their tests. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { socketIoPage } from "../src/socket-io-page.ts";

writeFileSync(join(import.meta.dirname, "../../../docs/socket-io.md"), socketIoPage());
