/** What a token of the HTTP API may be allowed, each in words for people. */
export const TOKEN_SCOPES = {
  "messages:read": "Read messages, and search them.",
  "messages:write": "Say something, also as a webhook.",
  "rooms:read": "Read which rooms there are.",
  "members:read": "Read who is in a room.",
  "people:disconnect": "End the connections of a person.",
  "uploads:write": "Send files.",
} as const;

/** One of the scopes of {@linkcode TOKEN_SCOPES}. */
export type TokenScope = keyof typeof TOKEN_SCOPES;

/** Tells whether a string is a scope. */
export function isTokenScope(text: string): text is TokenScope {
  // Not those of Object.prototype.
  return Object.hasOwn(TOKEN_SCOPES, text);
}
