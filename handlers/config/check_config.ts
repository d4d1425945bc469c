import { ConfigError } from "./config_error.ts";
import type { Config } from "./settings.ts";

/** Settings that say with which key tokens are signed. */
const JWT_KEYS = [
  "jwt.secret-file",
  "jwt.key-file",
  "jwt.jwks-file",
  "jwt.jwks-url",
] as const;

/** Checks what no setting can know alone. Throws a {@linkcode ConfigError}. */
export function checkConfig(config: Config): void {
  if (
    (config["tls.cert"] === undefined) !== (config["tls.key"] === undefined)
  ) {
    throw new ConfigError(
      "conflict",
      'TLS needs both "tls.cert" and "tls.key", and there is one of them.',
      { key: config["tls.cert"] === undefined ? "tls.cert" : "tls.key" },
    );
  }
  if (config["tunnel-private"] !== undefined && config.tunnel === undefined) {
    throw new ConfigError("conflict", '"tunnel-private" needs "tunnel".', {
      key: "tunnel",
    });
  }
  // Whoever else signs with the same key could name any subject.
  if (
    config["jwt.owners"].length > 0 && config["jwt.issuer"] === undefined
  ) {
    throw new ConfigError("conflict", '"jwt.owners" needs "jwt.issuer".', {
      key: "jwt.owners",
    });
  }
  const keys = JWT_KEYS.filter((key) => config[key] !== undefined);
  if (config.identity === "jwt" && keys.length !== 1) {
    const found = keys.length === 0 ? "none" : keys.join(" and ");
    throw new ConfigError(
      "conflict",
      `With "identity" jwt there has to be one of ${JWT_KEYS.join(", ")}, ` +
        `not ${found}.`,
      { key: "identity" },
    );
  }
}
