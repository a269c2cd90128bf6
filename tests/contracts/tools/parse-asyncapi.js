// Reads an AsyncAPI document as its users' tools will; any error or warning is a failure. All rules but spectral's own
// are the parser's; which of them are off, and why, stands in .spectral.yaml beside this file.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const HINT = 3;
const LATEST_VERSION = "asyncapi-latest-version"; // off for spectral too

const [file] = process.argv.slice(2);
const { document, diagnostics } = await new Parser().parse(await readFile(file, "utf-8"));
const found = diagnostics.filter(({ code, severity }) => severity < HINT && code !== LATEST_VERSION);
for (const { code, message, path } of found) {
  console.error(`${code} at ${path.join("/")}: ${message}`);
}
if (!document || found.length) {
  process.exit(1);
}
console.log(`${file}: ${document.allChannels().length} channels, ${document.allMessages().length} messages`);
