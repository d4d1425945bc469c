import type { Schema } from "../../../handlers/api/schemas.ts";

/** Finds the schema that a `$ref` means. */
export type Resolve = (ref: string) => Schema;

/**
 * What is wrong with a value by a schema, a line each. Stricter than JSON Schema:
 * an object has no properties but those that the schema names, if it names any.
 */
export function faultsOf(
  value: unknown,
  schema: Schema,
  { resolve, at = "$" }: { readonly resolve: Resolve; readonly at?: string },
): string[] {
  if (schema.$ref !== undefined) {
    return faultsOf(value, resolve(schema.$ref), { resolve, at });
  }
  const faults: string[] = [];
  const fault = (words: string) => faults.push(`${at} ${words}`);
  if (schema.type !== undefined && !isOf(schema.type, value)) {
    fault(`is ${JSON.stringify(value)}, not of the type ${schema.type}`);
    return faults;
  }
  if (schema.const !== undefined && value !== schema.const) {
    fault(`is not ${schema.const}`);
  }
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) {
    fault(`is ${value}, none of ${schema.enum}`);
  }
  if (typeof value === "number") {
    if (value < (schema.minimum ?? -Infinity)) fault(`is ${value}, too small`);
    if (value > (schema.maximum ?? Infinity)) fault(`is ${value}, too large`);
  }
  if (typeof value === "string") {
    const { format, pattern } = schema;
    const { length } = [...value];
    if (length < (schema.minLength ?? 0)) fault("is too short");
    if (length > (schema.maxLength ?? Infinity)) fault("is too long");
    if (pattern && !new RegExp(pattern, "u").test(value)) {
      fault(`is ${value}, not ${pattern}`);
    }
    if (format === "date-time" && new Date(value).toISOString() !== value) {
      fault(`is ${value}, no time`);
    }
  }
  if (Array.isArray(value)) {
    if (value.length > (schema.maxItems ?? Infinity)) fault("has too many");
    for (const [index, item] of value.entries()) {
      const inside = { resolve, at: `${at}[${index}]` };
      faults.push(...faultsOf(item, schema.items ?? {}, inside));
    }
  } else if (typeof value === "object" && value !== null) {
    for (const name of schema.required ?? []) {
      if (!(name in value)) fault(`has no ${name}`);
    }
    for (const [name, item] of Object.entries(value)) {
      const known = schema.properties?.[name];
      if (known === undefined && schema.properties !== undefined) {
        fault(`has ${name}, which nobody describes`);
      }
      const inside = { resolve, at: `${at}.${name}` };
      faults.push(...faultsOf(item, known ?? {}, inside));
    }
  }
  return faults;
}

function isOf(type: NonNullable<Schema["type"]>, value: unknown): boolean {
  switch (type) {
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null &&
        !Array.isArray(value);
    case "integer":
      return Number.isSafeInteger(value);
    case "string":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
  }
}
