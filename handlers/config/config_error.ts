/** What can be wrong with a configuration. */
export type ConfigErrorCode =
  /** There is no setting of that name. */
  | "unknown_setting"
  /** A flag has no value. */
  | "no_value"
  /** A value is not one that the setting takes. */
  | "wrong_value"
  /** Settings do not go together. */
  | "conflict"
  /** The file is no JSON object. */
  | "not_json";

/**
 * A wrong configuration. The message names the key, where its value comes from
 * and what is allowed; it is for who starts the server.
 */
export class ConfigError extends Error {
  /** Always `ConfigError`. */
  override readonly name = "ConfigError";
  /** What is wrong, for programs. */
  readonly code: ConfigErrorCode;
  /** The key that it is about, if it is about one. */
  readonly key: string | undefined;

  /** The message ends with a full stop. */
  constructor(
    code: ConfigErrorCode,
    message: string,
    options: { readonly key?: string; readonly cause?: unknown } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.key = options.key;
  }
}
