/**
 * What can be chosen about the server, from one table of settings.
 *
 * @module
 */

export { chatConfig, identityOptions } from "./chat_options.ts";
export { ConfigError, type ConfigErrorCode } from "./config_error.ts";
export { helpText } from "./help.ts";
export { ratesOf } from "./limit_settings.ts";
export { missingPermissions, neededPaths } from "./permissions.ts";
export {
  type ConfigSources,
  type ReadConfig,
  readConfig,
} from "./read_config.ts";
export { type Config } from "./settings.ts";
