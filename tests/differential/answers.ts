/** A final response, as far as the comparison needs it. */
export interface Answer {
  /** The status. */
  readonly status: number;
  /** Whether it says that the connection ends with it. */
  readonly closes: boolean;
  /** The content; empty if there was none, as after HEAD. */
  readonly body: string;
}

const HEAD = /HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/y;

/**
 * Takes apart all that a server has sent on a connection. Throws if it is not
 * one response after the other, each framed by its Content-Length.
 */
export function parseAnswers(text: string): Answer[] {
  const answers: Answer[] = [];
  let at = 0;
  while (at < text.length) {
    HEAD.lastIndex = at;
    const [head, status, fields] = HEAD.exec(text) ?? [];
    if (head === undefined || status === undefined || fields === undefined) {
      throw new Error(`Not a response: ${JSON.stringify(text.slice(at))}`);
    }
    const length = Number(/^content-length: (\d+)\r$/im.exec(fields)?.[1] ?? 0);
    const bodyAt = at + head.length;
    at = bodyAt + length;
    if (status === "100") continue;
    answers.push({
      status: Number(status),
      closes: /^connection: close\r$/im.test(fields),
      body: text.slice(bodyAt, at),
    });
  }
  return answers;
}
