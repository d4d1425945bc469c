import { Chatroom, Person } from "./_people.ts";

/**
 * Plays a transcript against a real chat, and gives it with what really was
 * heard. Its lines are:
 *
 * - `# …`, a heading, and empty lines;
 * - `% {…}`, the options of the chat, before anything else;
 * - `* ana connects`, `* ana is lost`, `* 100 ms pass`;
 * - `ana > {…}`, what somebody sends; several in a row come at once;
 * - `ana < {…}`, what somebody hears of all that, in the order of all;
 * - `ana x 4002 …`, how the server ends a connection.
 *
 * Secrets are random: `"$resume of ana"` stands for the last that ana got, and
 * `"$code of owner"` for the code that makes the server's owner.
 */
export async function play(transcript: string): Promise<string> {
  const script = transcript.split("\n").filter((line) =>
    !/^\S+ [<x] /.test(line)
  );
  const options = script.find((line) => line.startsWith("% "));
  await using room = await Chatroom.open(
    options === undefined ? {} : JSON.parse(options.slice(2)),
  );
  return await new Player(room).play(script);
}

class Player {
  readonly #room: Chatroom;
  readonly #people = new Map<string, Person>();
  readonly #secrets = new Map<string, string>();
  readonly #lines: string[] = [];

  constructor(room: Chatroom) {
    this.#room = room;
  }

  async play(script: readonly string[]): Promise<string> {
    let pending: (void | Promise<void>)[] = [];
    for (const [index, line] of script.entries()) {
      this.#lines.push(line);
      const [who = "", sign] = line.split(" ", 2);
      if (sign === ">") {
        const request = line.slice(who.length + 3);
        const { session } = this.#speaker(who);
        pending.push(session.receive(this.#unmask(request)));
        if (script[index + 1]?.startsWith(`${who} >`)) continue;
      } else if (who === "*") this.#act(line.slice(2));
      await Promise.all(pending);
      pending = [];
      await this.#room.quiet();
    }
    return this.#lines.join("\n");
  }

  #act(what: string): void {
    const [who = "", verb] = what.split(" ", 2);
    if (verb === "connects") {
      const person = new Person(this.#room);
      this.#people.set(who, person);
      for (const frame of person.frames) this.#note(who, `< ${frame}`);
      person.onFrame = (frame) => this.#note(who, `< ${frame}`);
      person.onClose = (code, reason) => this.#note(who, `x ${code} ${reason}`);
    } else if (verb === "is") {
      this.#speaker(who).session.disconnect();
    } else if (verb === "ms") {
      this.#room.clock.advance(Number(who));
    } else throw new SyntaxError(`No such line in a transcript: ${what}`);
  }

  #speaker(who: string): Person {
    const speaker = this.#people.get(who);
    if (speaker === undefined) throw new SyntaxError(`${who} is not connected`);
    return speaker;
  }

  #note(who: string, line: string): void {
    const masked = line.replace(
      /"(resume|invite|secret)":"([^"$]+)"/,
      (_, field, secret) => {
        const name = `$${field} of ${who}`;
        this.#secrets.set(name, secret);
        return `"${field}":"${name}"`;
      },
    );
    this.#lines.push(`${who} ${masked}`);
  }

  #unmask(request: string): string {
    return request.replace(
      /\$\w+ of \w+/,
      (name) =>
        name === "$code of owner"
          ? this.#room.identity.ownerCode ?? name
          : this.#secrets.get(name) ?? name,
    );
  }
}
