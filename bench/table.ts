/** A column's heading, and the side to which its cells are set. */
export interface Column {
  /** The heading. */
  readonly title: string;
  /** The side. */
  readonly align: "left" | "right";
}

/** A table in Markdown, as `deno fmt` sets it. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]!.length))
  );
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, i) =>
      columns[i]!.align === "left"
        ? cell.padEnd(widths[i]!)
        : cell.padStart(widths[i]!)
    );
    return `| ${padded.join(" | ")} |`;
  };
  const rule = columns.map(({ align }, i) =>
    align === "left" ? "-".repeat(widths[i]!) : "-".repeat(widths[i]! - 1) + ":"
  );
  const titles = columns.map(({ title }) => title);
  return [titles, rule, ...rows].map(line).join("\n");
}
