import { answer } from "./answer.ts";
import { MESSAGE_OPERATIONS } from "./message_operations.ts";
import { describeApi } from "./open_api.ts";
import type { Operation } from "./operation.ts";
import { PEOPLE_OPERATIONS } from "./people_operations.ts";
import { ROOM_OPERATIONS } from "./room_operations.ts";
import { UPLOAD_OPERATIONS } from "./upload_operations.ts";

/** Everything that can be asked of the API. */
export const OPERATIONS: readonly Operation[] = [
  ...ROOM_OPERATIONS,
  ...MESSAGE_OPERATIONS,
  ...PEOPLE_OPERATIONS,
  ...UPLOAD_OPERATIONS,
  {
    id: "describeApi",
    method: "GET",
    path: "/openapi.json",
    summary: "Gives this description.",
    answers: {
      200: { description: "The description.", body: "Description" },
    },
    handle: () => answer(200, describeApi(OPERATIONS)),
  },
];
