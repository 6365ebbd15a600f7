#!/usr/bin/env python3
"""Measures the language server as an editor uses it: a workspace of 100,000 lines with a state of 100,000 resources.

  editor.py --server target/release/iom-lsp [--files 1000] [--resources 100000] [--edits 10000]

Prints a table: from opening to the first diagnostics, from a key stroke to the diagnostics of the new version, hover and
completion, and resident memory after 1,000 edits and after all of them. Standard library of Python only, Linux only.
"""
import argparse, json, os, pathlib, queue, subprocess, sys, tempfile, threading, time

MANIFEST = """[package]
name = "bench"
version = "0.1.0"
edition = "2026"

[[state]]
path = "plan.json"
format = "terraform-plan"
"""

RULES = """module rules

policy versioned {
  severity: high
  for b: aws.Bucket {
    require b.versioning else "{b} is not versioned"
  }
}

policy named {
  severity: low
  for b: aws.Bucket {
    require b.name is present else "{b} has no name"
  }
}
"""


def file(number, files):
    """A hundred lines: a type, a kind, constants, a function, resources that refer to the file before, a policy."""
    before = (number - 1) % files
    fields = "".join(f"  field{field}: int in 0..100 = {field}\n" for field in range(20))
    resources = "".join(
        f"resource r{number}_{r}: Machine{number} {{\n  field0: {r}\n  field1: 7\n  // a comment\n  size: large\n"
        f"  label: \"n{r}\"\n  other: m{before}.r{before}_{r}\n}}\n\n" for r in range(6))
    return (
        f"//! Generated file {number}.\nmodule m{number}\n\ntype Size{number} = small | medium | large\n\n/// A machine.\n"
        f"kind Machine{number} : Resource {{\n{fields}  size: Size{number} = small\n  label: string?\n"
        f"  other: ref m{before}.Machine{before}?\n  derive big: bool = .size == large\n}}\n\n"
        f"const limit{number}: int = 50\n\nfn twice{number}(x: int): int = x + x\n\n{resources}"
        f"policy p{number} {{\n  title: \"Machines of file {number} are small\"\n  severity: low\n\n"
        f"  for m: Machine{number} where m.field0 < limit{number} {{\n"
        f"    require m.field1 < twice{number}(m.field2) or not m.big\n      else \"{{m}} is too large\"\n  }}\n}}\n")


def plan(path, resources):
    with open(path, "w") as out:
        out.write('{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{"root_module":{"resources":[\n')
        for number in range(resources):
            values = {"bucket": f"bucket-{number}", "tags": {"owner": f"team-{number % 200}"}, "force_destroy": False}
            resource = {"address": f"aws_s3_bucket.b{number}", "mode": "managed", "type": "aws_s3_bucket",
                        "name": f"b{number}", "provider_name": "registry.terraform.io/hashicorp/aws", "values": values}
            out.write(("," if number else "") + json.dumps(resource) + "\n")
        out.write("]}}}\n")


class Server:
    def __init__(self, command, root):
        self.root, self.next_id = root, 0
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.messages = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        out = self.process.stdout
        while True:
            length = 0
            while (line := out.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            self.messages.put((time.perf_counter(), json.loads(out.read(length))))

    def send(self, **message):
        text = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
        self.process.stdin.flush()

    def notify(self, method, params):
        self.send(method=method, params=params)

    def wait(self, is_it, most=300):
        end = time.perf_counter() + most
        while True:
            at, message = self.messages.get(timeout=max(0.001, end - time.perf_counter()))
            if "method" in message and "id" in message:
                self.send(id=message["id"], result=None)
            elif is_it(message):
                return at, message

    def request(self, method, params):
        self.next_id += 1
        number = self.next_id
        start = time.perf_counter()
        self.send(id=number, method=method, params=params)
        at, message = self.wait(lambda message: message.get("id") == number)
        return at - start, message

    def diagnostics(self, uri, version):
        def is_it(message):
            params = message.get("params") or {}
            return (message.get("method") == "textDocument/publishDiagnostics" and params["uri"] == uri
                    and params.get("version") == version)
        return self.wait(is_it)

    def resident(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settle(self, quiet=1.0, most=300):
        """Until it has used no processor for a while; how long that took."""
        start = last = time.perf_counter()
        used = self.processor_seconds()
        while time.perf_counter() - last < quiet and time.perf_counter() - start < most:
            time.sleep(0.05)
            if (now := self.processor_seconds()) > used + 0.011:
                used, last = now, time.perf_counter()
        return last - start


def shown(name, seconds):
    seconds = sorted(seconds)
    at = lambda share: seconds[min(len(seconds) - 1, int(len(seconds) * share))] * 1000
    print(f"{name:58} p50 {at(0.5):8.2f} ms   p99 {at(0.99):8.2f} ms   most {seconds[-1] * 1000:8.2f} ms   n {len(seconds)}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--server", nargs="+", required=True)
    arguments.add_argument("--files", type=int, default=1000)
    arguments.add_argument("--resources", type=int, default=100_000)
    arguments.add_argument("--edits", type=int, default=10_000)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        texts = {f"f{number:04}.iom": file(number, given.files) for number in range(given.files)}
        for name, text in {**texts, "rules.iom": RULES, "iom.toml": MANIFEST}.items():
            (root / name).write_text(text)
        plan(root / "plan.json", given.resources)
        lines = sum(text.count("\n") for text in texts.values())
        print(f"{lines} lines in {given.files} files, {given.resources} resources")

        start = time.perf_counter()
        server = Server(given.server, root)
        _, answer = server.request("initialize", {
            "processId": None, "rootUri": root.as_uri(), "initializationOptions": {"trusted": True},
            "capabilities": {"general": {"positionEncodings": ["utf-8"]}}})
        offered = answer["result"]["capabilities"]
        server.notify("initialized", {})
        name = f"f{given.files // 2:04}.iom"
        uri, text = (root / name).as_uri(), texts[name]
        server.notify("textDocument/didOpen", {
            "textDocument": {"uri": uri, "languageId": "iom", "version": 1, "text": text}})
        at, _ = server.diagnostics(uri, 1)
        print(f"from the start to the first diagnostics      {at - start:8.2f} s")
        print(f"from there until all is checked and judged   {server.settle():8.2f} s, {server.resident():.0f} MiB resident")

        line = text.splitlines().index("  field1: 7")
        place = {"start": {"line": line, "character": 10}, "end": {"line": line, "character": 11}}
        version = 1

        def key():
            """One key stroke: every other one makes a mistake, and the next mends it."""
            nonlocal version
            version += 1
            start = time.perf_counter()
            server.notify("textDocument/didChange", {
                "textDocument": {"uri": uri, "version": version},
                "contentChanges": [{"range": place, "text": "x" if version % 2 == 0 else "7"}]})
            at, message = server.diagnostics(uri, version)
            # Verdicts come and go with judging; the compiler's own diagnostics answer the key.
            found = sum(str(one["code"]).startswith("IOM") for one in message["params"]["diagnostics"])
            assert (found > 0) == (version % 2 == 0), message
            return at - start

        def keys(number, pause):
            times = []
            for _ in range(number):
                times.append(key())
                time.sleep(pause)
            return times

        shown("key stroke to diagnostics, 50 ms between two", keys(300, 0.05))
        server.settle()
        shown("key stroke to diagnostics, 400 ms between two (judged)", keys(60, 0.4))
        server.settle()
        for method, capability in [("hover", "hoverProvider"), ("completion", "completionProvider")]:
            if offered.get(capability):
                asked = {"textDocument": {"uri": uri}, "position": {"line": line, "character": 4}}
                times = []
                for _ in range(200):
                    key()
                    times.append(server.request(f"textDocument/{method}", asked)[0])
                shown(f"{method} right after a key stroke", times)
        if version % 2 == 0:
            key()
        memory = {}
        done = 0
        for most in [1000, given.edits]:
            while done < most:
                key()
                done += 1
            server.settle()
            memory[most] = server.resident()
        first, last = memory[1000], memory[given.edits]
        print(f"resident after 1000 edits {first:.0f} MiB, after {given.edits} {last:.0f} MiB: {100 * (last - first) / first:+.1f} %")
        server.request("shutdown", None)
        server.notify("exit", None)
        server.process.wait(10)


if __name__ == "__main__":
    sys.exit(main())
