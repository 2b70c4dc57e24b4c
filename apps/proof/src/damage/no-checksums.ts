/**
 * The negative control, loaded before a program and its threads: every checksum is 0, so that none ever differs. The shipped
 * sources contain no switch for it.
 */
import { syncBuiltinESMExports } from "node:module";
import zlib from "node:zlib";

zlib.crc32 = () => 0;
syncBuiltinESMExports();
