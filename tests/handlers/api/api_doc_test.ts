import { assertEquals } from "@std/assert";
import { OPERATIONS } from "../../../handlers/api/operations.ts";
import { answerRefusal, API_ERRORS } from "../../../handlers/api/problem.ts";
import {
  CHAT_ERRORS,
  type ChatErrorCode,
  ChatRefusal,
} from "../../../handlers/chat/mod.ts";
import { TOKEN_SCOPES } from "../../../handlers/chat/token_scopes.ts";
import { assertFits } from "./_api.ts";

const PAGE = await Deno.readTextFile(
  new URL("../../../docs/api.md", import.meta.url),
);

/** The rows of the table with such a head, as lists of cells. */
function rowsOf(head: string): string[][] {
  const lines = PAGE.split("\n");
  const start = lines.findIndex((line) => cellsOf(line)[0] === head);
  const rest = lines.slice(start + 2);
  return rest.slice(0, rest.findIndex((line) => !line.startsWith("|")))
    .map(cellsOf);
}

function cellsOf(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) =>
    cell.trim().replaceAll("`", "")
  );
}

Deno.test("docs/api.md lists every operation with its scope and its answers", () => {
  const rows = rowsOf("request");
  assertEquals(
    rows.map(([request, scope]) => [request, scope]).sort(),
    OPERATIONS.map(({ method, path, scope = "" }) => [
      `${method} ${path}`,
      scope,
    ]).sort(),
  );
  for (const [request, , answer = ""] of rows) {
    const { answers } = OPERATIONS.find(({ method, path }) =>
      `${method} ${path}` === request
    )!;
    assertEquals(answer.match(/\d{3}/g)?.sort(), Object.keys(answers).sort());
  }
});

Deno.test("docs/api.md lists every scope", () => {
  assertEquals(rowsOf("scope"), Object.entries(TOKEN_SCOPES));
});

Deno.test("docs/api.md lists every code of the API, and the status of each of the protocol", () => {
  assertEquals(
    rowsOf("code"),
    Object.entries(API_ERRORS).map(([code, { status, message }]) => [
      code,
      `${status}`,
      message,
    ]),
  );
  const documented = new Map(
    rowsOf("status").flatMap(([status, codes = ""]) =>
      codes.split(", ").map((code) => [code, Number(status)])
    ),
  );
  for (const code of Object.keys(CHAT_ERRORS) as ChatErrorCode[]) {
    const { status } = answerRefusal(new ChatRefusal(code));
    assertEquals(status, documented.get(code) ?? 422, code);
    documented.delete(code);
  }
  assertEquals([...documented], []);
});

Deno.test("docs/api.md shows a problem as it is", () => {
  const [, json] = /```json\n([^]*?)```/.exec(PAGE)!;
  const example = JSON.parse(json!);
  assertFits(example, { $ref: "#/components/schemas/Problem" });
  const refusal = new ChatRefusal("invalid_field", { field: "before" });
  assertEquals(
    example,
    JSON.parse(JSON.stringify(answerRefusal(refusal).body)),
  );
});
