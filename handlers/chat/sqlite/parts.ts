import type { Connection } from "./connection.ts";
import type { GroupCommit } from "./group_commit.ts";
import type { PersonRows } from "./person_rows.ts";
import type { Reaper } from "./reaper.ts";

/** What all parts of the store share. */
export interface Parts {
  readonly connection: Connection;
  readonly turns: GroupCommit;
  readonly personRows: PersonRows;
  readonly reaper: Reaper;
}
