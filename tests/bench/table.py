#!/usr/bin/env python3
"""The figures of one machine as a Markdown table: iomc, and the peers that are there, on the same input.

usage: table.py IOMC [--estate SCRIPT] [--regorus BINARY] [--opa-pythonpath DIR] [-n 100000] [--runs 3]

SCRIPT generates an estate with known violations, runs tests/bench/estate and the peers over it and prints a line for each
(its own options are passed on). Without it only what iomc is asked to do alone is measured.
CPU is user and system time of the whole process, in seconds; memory is the peak; both are medians.
"""
import argparse, json, os, re, resource, statistics, subprocess, sys, tempfile, time

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("iomc")
arguments.add_argument("--estate")
arguments.add_argument("--regorus")
arguments.add_argument("--opa-pythonpath")
arguments.add_argument("-n", type=int, default=100_000)
arguments.add_argument("--runs", type=int, default=3)
options = arguments.parse_args()
here = os.path.dirname(os.path.abspath(__file__))
iomc = os.path.abspath(options.iomc)
work = tempfile.TemporaryDirectory(prefix="iom-table-")
rows = []


def row(what, who, cpu, memory, note=""):
    rows.append((what, who, f"{cpu:.3f}" if cpu < 1 else f"{cpu:.2f}", f"{memory:.0f}", note))


def measured(command, cwd=work.name):
    """Medians of CPU seconds and peak MiB; what it printed last, and its status."""
    figures = []
    for _ in range(options.runs):
        process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = process.stdout.read(), process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code not in (0, 1, 3):
            sys.exit(f"{' '.join(command)}: exit {code}\n{errors.decode(errors='replace')[:2000]}")
        figures.append((usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
    cpu, memory = (statistics.median(column) for column in zip(*figures))
    return cpu, memory, output


def resource_of(address, values, depends_on=()):
    kind, name = address.split(".")
    return {"address": address, "mode": "managed", "type": kind, "name": name, "schema_version": 0,
            "provider_name": "registry.terraform.io/hashicorp/aws", "values": values, "sensitive_values": {},
            "depends_on": list(depends_on)}


def plan(name, resources):
    path = os.path.join(work.name, name)
    with open(path, "w") as file:
        json.dump({"format_version": "1.2", "planned_values": {"root_module": {"resources": resources}}}, file)
    return path


def tags(environment):
    return {"env": environment, "owner": "team-001", "cost-center": "1"}


def estate(count):
    """The seventeen policies, beside the peers."""
    command = [sys.executable, options.estate, iomc, os.path.join(here, "estate"), "-n", str(count), "--runs", str(options.runs)]
    if options.regorus:
        command += ["--regorus", options.regorus]
    if options.opa_pythonpath and count <= 100_000:
        command += ["--opa-pythonpath", options.opa_pythonpath]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout
    verdicts = re.search(r"^verdicts: (.*)$|^(WRONG.*)$", output, re.M)
    for line in re.finditer(r"^(\w+) +([\d.]+) cpu s +[\d.]+ wall s +(\d+) MiB(.*)$", output, re.M):
        who, cpu, memory, ratio = line.groups()
        note = (verdicts.group(0) if verdicts else "no verdicts") if who == "iomc" else ratio.strip()
        row(f"17 policies, {count:,} resources", who, float(cpu), float(memory), note)


def spellings(count):
    """One join in five spellings: V2 wants at most 1.5 times the first."""
    buckets = [resource_of(f"aws_s3_bucket.b{n}", {"bucket": f"bucket-{n % (count - count // 50)}"}) for n in range(count)]
    state = plan("buckets.json", buckets)
    failing = set()
    for policy in ("where_first", "all_in_one_condition", "sides_exchanged", "nested_loop", "through_a_function"):
        command = [iomc, "eval", os.path.join(here, "spellings"), "--state", f"terraform-plan:{state}", "--format", "json", "--only", f"*{policy}"]
        cpu, memory, output = measured(command)
        fail = json.loads(output)["summary"]["fail"]
        failing.add(fail)
        row(f"join over {count:,} buckets: {policy}", "iomc", cpu, memory, f"{fail} fail")
    if len(failing) != 1:
        sys.exit(f"the spellings disagree: {failing}")


def chain(depth):
    """Everything in production depends on one thing in development, the first one `depth` steps away."""
    resources = [resource_of("aws_s3_bucket.b0", {"bucket": "b0", "tags": tags("dev")})]
    resources += [
        resource_of(f"aws_s3_bucket.b{n}", {"bucket": f"b{n}", "tags": tags("prod" if n == depth else "staging")}, [f"aws_s3_bucket.b{n - 1}"])
        for n in range(1, depth + 1)
    ]
    state = plan("chain.json", resources)
    command = [iomc, "eval", os.path.join(here, "estate"), "--state", f"terraform-plan:{state}", "--format", "json", "--only", "*p11*"]
    cpu, memory, output = measured(command)
    row(f"reach through a chain of {depth:,}, with its path", "iomc", cpu, memory, f"{json.loads(output)['summary']['fail']} fails")


def start():
    """What a run costs before it judges anything."""
    state = plan("tiny.json", [resource_of("aws_s3_bucket.b", {"bucket": "b"})])
    cpu, memory, _ = measured([iomc, "eval", "--state", f"terraform-plan:{state}", "--format", "json", "--only", "*encrypt*"])
    row("start: policies by name over one resource", "iomc", cpu, memory)
    cpu, memory, _ = measured([iomc, "eval", "--state", f"terraform-plan:{state}", "--format", "json"])
    row("start: the whole library over one resource", "iomc", cpu, memory)


if options.estate:
    estate(options.n)
    if options.n == 100_000:
        estate(1_000_000)
spellings(40_000)
chain(10_000)
chain(40_000)
start()
print("| what | tool | CPU s | peak MiB | |\n| --- | --- | --- | --- | --- |")
for cells in rows:
    print("| " + " | ".join(cells) + " |")
