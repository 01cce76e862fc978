"""Writes the parity table: one row for each operation of each model, from the same lists that make the code."""

import glob
import json
import os

import names
import served as lists


def write(models):
    rows = []
    for path in sorted(glob.glob(os.path.join(models, "*.json"))):
        service = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as file:
            operations = sorted(json.load(file)["operations"])
        served_path = os.path.join(models, "served", service + ".txt")
        served = lists.read_served(served_path) if os.path.exists(served_path) else {}
        for operation in operations:
            note = served.get(operation)
            support = "kRefused" if operation not in served else "kPartial" if note else "kReal"
            rows.append(f"    {{{names.literal(service)}, {names.literal(operation)}, Support::{support}, {names.literal(note or '')}}},")
    return "\n".join([
        "// Made by wire/generator from models/ and models/served/.", '#include "wire/parity.h"', "",
        "namespace meetinity::wire {", "namespace {", "", "constexpr ParityRow kRows[] = {", *rows, "};", "",
        "}  // namespace", "", "std::span<const ParityRow> ParityTable() { return kRows; }", "",
        "}  // namespace meetinity::wire"]) + "\n"
