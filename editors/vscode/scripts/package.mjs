// Packages the extension with the server inside:
//
//   npm run package -- [--target linux-x64] [--server ../../target/release/iomc]
//
// Without a target it is the machine's own. Nothing is fetched.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    target: { type: "string", default: `${process.platform}-${process.arch}` },
    server: { type: "string", default: "../../target/release/iomc" },
  },
});
const suffix = values.target.startsWith("win32") ? ".exe" : "";
const server = values.server.endsWith(suffix) ? values.server : values.server + suffix;

if (!fs.existsSync(server)) {
  console.error(`there is no server at ${server}: run cargo build --release -p iomc, or name one with --server`);
  process.exit(1);
}
fs.rmSync("server", { recursive: true, force: true });
fs.mkdirSync("server");
fs.copyFileSync(server, path.join("server", `iomc${suffix}`));
fs.chmodSync(path.join("server", `iomc${suffix}`), 0o755);

run("npm", ["run", "bundle"]);
run("npx", ["--no-install", "vsce", "package", "--no-dependencies", "--allow-missing-repository", "--target", values.target]);

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.exit(status ?? 1);
}
