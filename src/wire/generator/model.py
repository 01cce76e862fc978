"""A service model with the operations that are served, and the C++ type of each of its shapes."""

import json

import names

SCALARS = {
    "string": ("kString", "std::string"),
    "character": ("kString", "std::string"),
    "blob": ("kBlob", "std::string"),
    "boolean": ("kBoolean", "bool"),
    "integer": ("kInteger", "int32_t"),
    "long": ("kLong", "int64_t"),
    "float": ("kDouble", "double"),
    "double": ("kDouble", "double"),
    "timestamp": ("kTimestamp", "Instant"),
}


class Model:
    def __init__(self, path, service, served, errors=()):
        with open(path, encoding="utf-8") as file:
            raw = json.load(file)
        self.service = service
        self.metadata = raw["metadata"]
        self.operations = raw["operations"]
        self.shapes = raw["shapes"]
        self.served = served
        self.extra_errors = errors
        unknown = sorted(set(served) - set(self.operations))
        if unknown:
            raise ValueError(f"models/served/{service}.txt names operations that models/{service}.json has not: {', '.join(unknown)}")
        self.structures = []  # nested ones, each after those it holds by value
        self.enums = []
        self.tables = []  # every shape that needs a descriptor
        self._state = {}
        self._boxed = set()
        self._type_names = {}
        self._reserve_names()
        for operation in self.served_operations():
            for side in ("input", "output"):
                self._visit_members(self.root(operation, side), f"{operation}.{side}")
        self._constrained = {}

    # --- operations

    def served_operations(self):
        return sorted(self.served)

    def root(self, operation, side):
        """The name of an operation's input or output shape; None when it has none."""
        return self.operations[operation].get(side, {}).get("shape")

    def is_s3(self):
        return self.service == "s3"

    def xml_namespace(self):
        if "xmlNamespace" in self.metadata:
            value = self.metadata["xmlNamespace"]
            return value if isinstance(value, str) else value["uri"]
        for operation in self.operations.values():
            if "xmlNamespace" in operation.get("input", {}):
                return operation["input"]["xmlNamespace"]["uri"]
        return ""

    def protocols(self):
        listed = self.metadata.get("protocols") or [self.metadata["protocol"]]
        json_version = {"1.0": "kJson10", "1.1": "kJson11"}[self.metadata.get("jsonVersion", "1.1")]
        names_of = {"query": "kQuery", "ec2": "kEc2", "rest-xml": "kRestXml", "rest-json": "kRestJson",
                    "json": json_version, "smithy-rpc-v2-cbor": "kRpcV2Cbor"}
        return [names_of[p] for p in listed]

    # --- shapes

    def kind(self, name):
        return self.shapes[name]["type"]

    def members(self, name):
        """(model name, member, shape name) of a structure; nothing for None."""
        if name is None:
            return []
        return [(m, d, d["shape"]) for m, d in self.shapes[name].get("members", {}).items()]

    def is_required(self, structure, member):
        return member in self.shapes[structure].get("required", [])

    def is_stream(self, structure, member, definition):
        return self.shapes[structure].get("payload") == member and (
            definition.get("streaming") or self.shapes[definition["shape"]].get("streaming", False))

    def is_boxed(self, structure, member):
        return (structure, member) in self._boxed

    def cpp_name(self, shape):
        return self._type_names[shape]

    def cpp_type(self, shape):
        definition = self.shapes[shape]
        kind = definition["type"]
        if kind in SCALARS:
            return SCALARS[kind][1]
        if kind == "list":
            return f"std::vector<{self.cpp_type(definition['member']['shape'])}>"
        if kind == "map":
            return f"std::map<std::string, {self.cpp_type(definition['value']['shape'])}>"
        return self.cpp_name(shape)

    def slot_type(self, structure, member, definition, side):
        """The C++ type of a member's storage. `side` is "input", "output" or None for nested structures."""
        if self.is_stream(structure, member, definition):
            return "wire::StagedBodyPtr" if side == "input" else "std::optional<wire::StreamedBody>"
        value = self.cpp_type(definition["shape"])
        if self.is_boxed(structure, member):
            value = f"wire::Box<{value}>"
        return value if self.is_required(structure, member) else f"std::optional<{value}>"

    def is_constrained(self, shape, under_way=frozenset()):
        """Whether a value of this shape can break min, max or enum, itself or by what it holds."""
        if shape in self._constrained:
            return self._constrained[shape]
        if shape in under_way:
            return False
        definition = self.shapes[shape]
        inner = [d["shape"] for d in definition.get("members", {}).values()]
        inner += [definition[k]["shape"] for k in ("member", "key", "value") if k in definition]
        own = any(k in definition for k in ("min", "max", "enum")) or definition.get("union", False)
        result = own or any(self.is_constrained(i, under_way | {shape}) for i in inner)
        # Below a shape whose answer is still open, False may be too early; only what is certain is kept.
        if result or not under_way:
            self._constrained[shape] = result
        return result

    def _reserve_names(self):
        taken = set(names.RESERVED_TYPES)
        for operation in self.served:
            taken.update((operation, operation + "Input", operation + "Output"))
        for shape in sorted(self.shapes):
            name = names.type_name(shape)
            while name in taken:
                name += "Shape"
            if self.kind(shape) == "structure" or "enum" in self.shapes[shape]:
                taken.add(name)
            self._type_names[shape] = name

    def _visit(self, shape):
        """Depth first, so that a structure follows those it holds; an edge back to an open structure becomes a Box."""
        if shape in self._state:
            return
        self._state[shape] = "open"
        definition = self.shapes[shape]
        kind = definition["type"]
        if definition.get("document"):
            raise ValueError(f"{self.service}: {shape} is a document type, which the generator does not know")
        if kind in SCALARS:
            if "enum" in definition:
                self.enums.append(shape)
        elif kind == "list":
            self._visit(definition["member"]["shape"])
        elif kind == "map":
            self._visit(definition["key"]["shape"])
            self._visit(definition["value"]["shape"])
        else:
            self._visit_members(shape, shape)
            self.structures.append(shape)
        self._state[shape] = "done"
        self.tables.append(shape)

    def _visit_members(self, structure, owner):
        for member, definition, shape in self.members(structure):
            if self.is_stream(structure, member, definition):
                continue
            if self.kind(shape) == "structure" and self._state.get(shape) == "open":
                self._boxed.add((structure, member))
            self._visit(shape)
        if structure and len(self.shapes[structure].get("members", {})) > 256:
            raise ValueError(f"{self.service}: {owner} has more members than kMembersMax")
