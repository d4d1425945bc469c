import {
  CONNECTION_RATES,
  type ConnectionRateName,
  type RateName,
  type RateOverrides,
  RATES,
  type RateScope,
} from "../chat/rate_limits.ts";
import type { Rate } from "../chat/token_bucket.ts";
import { rate, type SettingKind } from "./setting_kinds.ts";

/** The keys of how often what may be done. */
export type LimitKey =
  | {
    [Name in RateName]: `limits.${Name}.${
      & keyof (typeof RATES)[Name]
      & string}`;
  }[RateName]
  | `limits.${ConnectionRateName}`;

/** What is counted. */
const COUNTED: Readonly<Record<RateName | ConnectionRateName, string>> = {
  hellos: "Coming back by a secret or a token",
  guests: "New guests",
  logins: "Logins",
  registrations: "New accounts",
  profiles: "Changes of a name or a password",
  joins: "Joins of a room",
  rooms: "New rooms, new invitations",
  directs: "New direct rooms",
  messages: "Messages",
  changes: "Edits, deletions, reactions, moderation",
  pages: "Pages of the history, of members and of other lists",
  searches: "Searches",
  uploads: "Uploads",
  calls: "Requests to the HTTP API, webhooks too",
  requests: "All requests",
  typing: "Signs that somebody types",
  refusals: "Refusals before the connection is closed",
};

/** A limit as the table of settings has it. */
export interface LimitSetting {
  readonly group: "Limits";
  readonly kind: SettingKind<Rate>;
  readonly default: Rate;
  readonly words: string;
}

/** The rows of all limits. */
export const LIMIT_SETTINGS = Object.fromEntries([
  ...Object.entries(RATES).flatMap(([name, rates]) =>
    Object.entries(rates).map(([scope, rate]) => [
      `limits.${name}.${scope}`,
      limit(name as RateName, { scope: scope as RateScope, rate }),
    ])
  ),
  ...Object.entries(CONNECTION_RATES).map(([name, rate]) => [
    `limits.${name}`,
    limit(name as ConnectionRateName, { scope: "connection", rate }),
  ]),
]) as Readonly<Record<LimitKey, LimitSetting>>;

/** The limits of a configuration as `RateLimits` takes them. */
export function ratesOf(
  config: Readonly<Record<LimitKey, Rate>>,
): RateOverrides {
  return Object.fromEntries([
    ...Object.entries(RATES).map(([name, rates]) => [
      name,
      Object.fromEntries(
        Object.keys(rates).map((scope) => [
          scope,
          config[`limits.${name}.${scope}` as LimitKey],
        ]),
      ),
    ]),
    ...Object.keys(CONNECTION_RATES).map((name) => [
      name,
      config[`limits.${name}` as LimitKey],
    ]),
  ]);
}

function limit(
  name: RateName | ConnectionRateName,
  { scope, rate: preset }: {
    readonly scope: RateScope | "connection";
    readonly rate: Rate;
  },
): LimitSetting {
  return {
    group: "Limits",
    kind: rate(),
    default: preset,
    words: `${COUNTED[name]}, by ${scope}.`,
  };
}
