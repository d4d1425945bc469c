/**
 * What is done with what the server keeps, besides chatting.
 *
 * @module
 */

export { backUp } from "./back_up.ts";
export { type DataFolder, dataFolder } from "./data_folder.ts";
export { makeDefaultRooms } from "./default_rooms.ts";
export { Housekeeping, type HousekeepingOptions } from "./housekeeping.ts";
export { readLines, writeLines } from "./json_lines.ts";
