/** What a request is answered with. */
export interface Answer {
  /** The status code. */
  readonly status: number;
  /** What is sent as JSON, if anything is. */
  readonly body?: unknown;
  /** More fields, with names in lower case. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Makes an answer. */
export function answer(
  status: number,
  body?: unknown,
  fields: Readonly<Record<string, string>> = {},
): Answer {
  return { status, body, fields };
}

/**
 * Makes the response. It is kept by nobody, since others may get another one,
 * and it is nothing but data, even to a browser that is led to it.
 */
export function responseOf({ status, body, fields }: Answer): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      ...fields,
    },
  });
}
