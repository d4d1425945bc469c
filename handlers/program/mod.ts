/**
 * What the program is made of: each part by the settings, with errors that whoever
 * starts it can mend.
 *
 * @module
 */

export { type Command, COMMANDS } from "./commands.ts";
export { keepHouse } from "./keep_house.ts";
export { listen, nameOf } from "./listen.ts";
export { openChatOf, openStoreOf, openUploadsOf } from "./open.ts";
export { readTextFile } from "./read_text_file.ts";
export { UsageError } from "./usage_error.ts";
