"""Validates an export by a schema, with a validator of others, and shows what is in it.

judge.py jsonschema SCHEMA FILE    JSON Schema (draft 4), by the package jsonschema
judge.py lxml SCHEMA FILE          XML Schema, by libxml2
judge.py xmlschema SCHEMA FILE     XML Schema with its references, by the package xmlschema
judge.py elements FILE             the elements of an XML file as JSON, by libxml2
"""

import json
import sys


def errors(kind, schema, file):
    if kind == "jsonschema":
        import jsonschema

        with open(schema) as text:
            validator = jsonschema.Draft4Validator(
                json.load(text), format_checker=jsonschema.FormatChecker()
            )
        with open(file) as text:
            found = validator.iter_errors(json.load(text))
            return [f"{list(error.absolute_path)} {error.message}" for error in found]
    if kind == "lxml":
        from lxml import etree

        validator = etree.XMLSchema(etree.parse(schema))
        validator.validate(etree.parse(file))
        return [f"{error.line} {error.message}" for error in validator.error_log]
    import xmlschema

    return [str(error) for error in xmlschema.XMLSchema(schema).iter_errors(file)]


def shown(element):
    """A tag without its namespace, attributes, text, and what is in it."""
    attributes = {name.rsplit("}", 1)[-1]: value for name, value in element.attrib.items()}
    name = element.tag.rsplit("}", 1)[-1]
    return [name, attributes, element.text, [shown(inner) for inner in element]]


def main(kind, *files):
    if kind == "elements":
        from lxml import etree

        json.dump(shown(etree.parse(files[0]).getroot()), sys.stdout)
        return
    found = errors(kind, *files)
    for error in found[:20]:
        print(error[:400])
    sys.exit(1 if found else 0)


main(*sys.argv[1:])
