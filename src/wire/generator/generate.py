#!/usr/bin/env python3
"""Makes C++ of the service models under models/.

  generate.py model  --service s3 --models models --served models/served/s3.txt --out <build>/gen/aws
  generate.py parity --models models --out <build>/gen/wire/parity_table.cc

Output depends on the inputs alone, and a file is only written when its text changes, so that nothing is compiled twice.
"""

import argparse
import os
import sys

import header
import parity
import served as lists
import tables
from model import Model


def write_if_changed(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except FileNotFoundError:
        pass
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_model(options):
    errors_path = os.path.join(options.models, "errors", options.service + ".txt")
    errors = lists.read_errors(errors_path) if os.path.exists(errors_path) else []
    model = Model(os.path.join(options.models, options.service + ".json"), options.service,
                  lists.read_served(options.served), errors)
    namespace = options.namespace + "::" + options.service.replace("-", "_")
    stem = options.service.replace("-", "_") + "_model"
    include = f"{os.path.basename(os.path.normpath(options.out))}/{stem}.h"
    write_if_changed(os.path.join(options.out, stem + ".h"), header.write(model, namespace))
    write_if_changed(os.path.join(options.out, stem + ".cc"), tables.write(model, namespace, include))


def make_parity(options):
    write_if_changed(options.out, parity.write(options.models))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    model = commands.add_parser("model", help="structs and descriptors of one service")
    model.add_argument("--service", required=True)
    model.add_argument("--models", required=True)
    model.add_argument("--served", required=True)
    model.add_argument("--out", required=True)
    model.add_argument("--namespace", default="meetinity")
    model.set_defaults(run=make_model)
    table = commands.add_parser("parity", help="which operation of which service is served")
    table.add_argument("--models", required=True)
    table.add_argument("--out", required=True)
    table.set_defaults(run=make_parity)
    options = parser.parse_args()
    try:
        options.run(options)
    except (ValueError, lists.ListError) as error:
        sys.exit(f"generate.py: {error}")


if __name__ == "__main__":
    main()
