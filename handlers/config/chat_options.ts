import type { ChatConfig } from "../chat/config.ts";
import type { IdentityOptions } from "../chat/identity/identity.ts";
import { type JwtKey, jwtVerifier } from "../chat/identity/jwt.ts";
import type { TokenVerifier } from "../chat/identity/verified_token.ts";
import type { Config } from "./settings.ts";

const DAY_SECONDS = 24 * 60 * 60;

/** What a configuration says of a chat. */
export function chatConfig(config: Config): ChatConfig {
  return {
    createRooms: config["rooms.create"],
    upload: config["uploads.bytes"],
    presenceListMax: config["presence.list"],
    awayAfter: config["presence.away"],
    loginUrl: config["jwt.login-url"],
  };
}

/**
 * What a configuration says of who people are. Throws what `readText` throws,
 * and a `TypeError` if a file has no key of its kind, or an algorithm does not
 * fit the key.
 */
export function identityOptions(
  config: Config,
  readText: (path: string) => string,
): IdentityOptions {
  return {
    mode: config.identity,
    guests: config.guests,
    registration: config.registration,
    grace: config.grace,
    sessionLifetime: config["session-days"] * DAY_SECONDS,
    tokens: config.identity === "jwt"
      ? tokenVerifier(config, readText)
      : undefined,
  };
}

function tokenVerifier(
  config: Config,
  readText: (path: string) => string,
): TokenVerifier {
  return jwtVerifier({
    key: jwtKey(config, readText),
    algorithms: config["jwt.algorithms"],
    issuer: config["jwt.issuer"],
    audience: config["jwt.audience"],
    clockTolerance: config["jwt.clock-tolerance"],
    nameClaim: config["jwt.name-claim"],
    owners: config["jwt.owners"],
  });
}

/** `checkConfig` has seen that there is exactly one. */
function jwtKey(config: Config, readText: (path: string) => string): JwtKey {
  const secret = config["jwt.secret-file"];
  if (secret !== undefined) return { secret: readText(secret).trim() };
  const pem = config["jwt.key-file"];
  if (pem !== undefined) return { pem: readText(pem) };
  const jwks = config["jwt.jwks-file"];
  if (jwks !== undefined) return { jwks: readText(jwks) };
  return { jwksUrl: config["jwt.jwks-url"]! };
}
