// Writes src/schema.d.ts from the OpenAPI document on stdin, with its SHA-256, so that a test can tell a stale one.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import openapiTS, { astToString } from "openapi-typescript";

const document = await buffer(process.stdin);
const { components, info, ...rest } = JSON.parse(document);
// A field's title only says its name again.
const named = JSON.parse(JSON.stringify(components), (key, value) => (key === "title" && typeof value === "string" ? undefined : value));
const types = astToString(await openapiTS({ ...rest, info, components: named }, { alphabetize: true }));
const digest = createHash("sha256").update(document).digest("hex");
writeFileSync("src/schema.d.ts", `// Made by \`make page\` from an OpenAPI document with the SHA-256 ${digest}.\n\n${types}`);
