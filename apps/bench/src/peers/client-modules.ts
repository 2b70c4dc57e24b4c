/** The brokers' npm clients, which only the bench needs. */
import { fileURLToPath } from "node:url";
import { sidePackages } from "@waybill/testkit";

const folder = fileURLToPath(new URL("../../peers/", import.meta.url));

export const { install: installClients, load: loadModule } = sidePackages(folder, "the brokers' clients");
