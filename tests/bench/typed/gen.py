#!/usr/bin/env python3
"""Writes a workspace of N typed resources: `gen.py N flat|loop OUTDIR`.

flat: N declarations over files of 1,000; loop: one declaration with `for`. The same resources as the usual generators for
other configuration languages make: name (a regular expression), tier, replicas 1..10, port 1..65535, labels.
"""
import os
import sys

count, style, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
os.makedirs(folder, exist_ok=True)


def write(name, lines):
    with open(os.path.join(folder, name), "w") as file:
        file.write("\n".join(lines) + "\n")


write("iom.toml", ["[package]", 'name = "typed"', 'version = "0.1.0"', 'edition = "2026"'])
write("schema.iom", [
    "module schema",
    "",
    "type Environment = dev | stage | prod",
    "kind Service {",
    '  name: string matching r"^[a-z][a-z0-9-]*$"',
    "  tier: web | db",
    "  replicas: int in 1..10",
    "  port: int in 1..65535",
    "  labels: { app: string  env: Environment }",
    "}",
])
if style == "flat":
    for first in range(0, count, 1000):
        lines = [f"module services.part{first // 1000}", "use schema.Service", ""]
        for i in range(first, min(first + 1000, count)):
            tier, env = "web" if i % 3 else "db", ["dev", "stage", "prod"][i % 3]
            lines.append(
                f'resource svc_{i}: Service {{ name: "svc-{i}"  tier: {tier}  replicas: {i % 10 + 1}  '
                f'port: {1024 + i % 60000}  labels: {{ app: "app-{i % 97}"  env: {env} }} }}'
            )
        write(f"part{first // 1000:04}.iom", lines)
else:
    write("services.iom", [
        "module services",
        "use schema.Service",
        "",
        f"resource services for n in 0..{count - 1}: Service {{",
        '  name: "svc-{n}"',
        "  tier: if n == n / 3 * 3 then db else web",
        "  replicas: 3",
        "  port: 8443",
        '  labels: { app: "app"  env: prod }',
        "}",
    ])
