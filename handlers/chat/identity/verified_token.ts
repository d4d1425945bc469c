/** Whom a token names. */
export interface VerifiedToken {
  /** The id of the person, the same for each token of the same person. */
  readonly id: string;
  /** The name as the token has it, not normalised. */
  readonly name: string;
  /** When the identity ends, in milliseconds since 1970. */
  readonly expires: number;
  /** Whether the person owns the server. */
  readonly isOwner: boolean;
}

/** What has come of a token; `busy` if it cannot be judged now. */
export type TokenVerdict = VerifiedToken | "invalid_token" | "busy";

/** Judges tokens, as `jwtVerifier` of `jwt.ts` makes one. */
export interface TokenVerifier {
  /** Gives whom a token names, if it is valid now. */
  verify(token: string): Promise<TokenVerdict>;
}
