"""Rule files, good and bad, and what Prometheus says of each."""

RULE = """groups:
  - name: g
    rules:
      - alert: A
        expr: up == 0
"""


def alert(more: str) -> str:
    """A file of one alert with these further fields."""
    return RULE + "".join(f"        {line}\n" for line in more.splitlines())


def annotation(text: str) -> str:
    """A file of one alert with this annotation."""
    quoted = text.replace("'", "''")
    return alert(f"annotations:\n  summary: '{quoted}'")


def rule(text: str) -> str:
    """A file of one rule, written out."""
    first, *rest = text.splitlines()
    lines = [f"      - {first}", *(f"        {line}" for line in rest)]
    return "groups:\n  - name: g\n    rules:\n" + "\n".join(lines) + "\n"


GOOD = {
    "nothing": "",
    "a comment": "# nothing yet\n",
    "no groups": "groups: []\n",
    "groups is null": "groups:\n",
    "no rules": "groups:\n  - name: g\n",
    "rules is null": "groups:\n  - name: g\n    rules:\n",
    "an alert": RULE,
    "an interval": "groups:\n  - name: g\n    interval: 1d12h30m\n    limit: 5\n    rules: []\n",
    "an interval of 0": "groups:\n  - name: g\n    interval: 0\n    rules: []\n",
    "a limit that is a float": "groups:\n  - name: g\n    limit: 5.0\n    rules: []\n",
    "a name that is a number": "groups:\n  - name: 5\n    rules: []\n",
    "for": alert("for: 1h30m"),
    "for is null": alert("for:"),
    "for is 0": alert("for: 0"),
    "for in ms": alert("for: 1500ms"),
    "keep_firing_for": alert("keep_firing_for: 5m"),
    "labels": alert("labels:\n  severity: page\n  team: 5\n  empty:\n  yes: true"),
    "annotations are null": alert("annotations:"),
    "two rules of one name": RULE + "      - alert: A\n        expr: up == 1\n",
    "a rule twice": RULE + "      - alert: A\n        expr: up == 0\n",
    "groups of two names": RULE + "  - name: h\n    rules: []\n",
    "a recording rule": rule("record: a:b\nexpr: sum(up)\nlabels:\n  x: y"),
    "a recording rule with braces in a label": rule("record: a\nexpr: up\nlabels:\n  x: '{{'"),
    "for of a recording rule is 0": rule("record: a\nexpr: up\nfor: 0s"),
    "a number": rule("alert: A\nexpr: 1"),
    "a range vector": rule("alert: A\nexpr: up[5m]"),
    "a string": rule("alert: A\nexpr: '\"x\"'"),
    "a block of lines": rule("alert: A\nexpr: |\n  up\n    == 0"),
    "a folded block": rule("alert: A\nexpr: >-\n  up\n  == 0"),
    "quoted keys": rule('"alert": "A"\n"expr": "up"'),
    "an alias": alert("labels: &l\n  a: b\nannotations: *l"),
    "a merge": alert("labels: &l\n  a: b\nannotations:\n  <<: *l\n  c: d"),
    "JSON": '{"groups": [{"name": "g", "rules": [{"alert": "A", "expr": "up"}]}]}',
    "a second document": RULE + "---\ngroups: []\n",
    "a document mark": "---\n" + RULE,
    "labels of the alert": annotation("{{ $labels.instance }} {{ .Labels.job }} {{ $value }}"),
    "all that is external": annotation("{{ $externalLabels.a }}{{ $externalURL }}{{ .Value }}"),
    "a pipeline": annotation('{{ $value | humanize | printf "%s!" | toUpper }}'),
    "if and else": annotation("{{ if gt $value 1.0 }}a{{ else if $value }}b{{ else }}c{{ end }}"),
    "range and with": annotation(
        '{{ range query "up" }}{{ .Labels.a }}{{ end }}{{ with $x := 1 }}{{ $x }}{{ end }}'
    ),
    "a range of two variables": annotation("{{ range $k, $v := $labels }}{{ $k }}{{ end }}"),
    "a comment in a template": annotation("a {{/* b */}} c {{- /* d */ -}} e"),
    "space taken away": annotation("a {{- $value -}} b"),
    "a definition": annotation('{{ define "x" }}y{{ end }}{{ template "x" . }}'),
    "a raw text": annotation("{{ reReplaceAll `(.)` `$1` $labels.a }}"),
    "braces": annotation("}} { }"),
    "a number in a template": annotation('{{ printf "%d %f" 0x1F -1.5e3 }}'),
    "a variable": annotation("{{ $x := 1 }}{{ $x = 2 }}{{ $x }}"),
    "a path after a pipeline": annotation('{{ (query "up" | first).Labels.a }}'),
    "a field that is not there": annotation("{{ .Label.a }}"),
    "nil and true": annotation("{{ if eq nil nil }}{{ true }}{{ end }}"),
    "break": annotation("{{ range $labels }}{{ break }}{{ end }}"),
    "a template in a label": alert("labels:\n  x: '{{ $labels.a | toUpper }}'"),
    "an empty template variable": annotation("{{ $ }}"),
    "a group is null": "groups:\n  -\n",
    "a rule is null": "groups:\n  - name: g\n    rules: [null]\n",
    "a pipeline into nothing": annotation("{{ $value | }}"),
    "a name of an alert with a space": rule("alert: A b ü\nexpr: up"),
}

BAD = {
    "a list": "- a\n",
    "a text": "groups\n",
    "an unknown field": "groups: []\nrules: []\n",
    "groups is a table": "groups:\n  a: b\n",
    "a group is a text": "groups:\n  - a\n",
    "an unknown field of a group": "groups:\n  - name: g\n    rule: []\n",
    "a group without a name": "groups:\n  - rules: []\n",
    "two groups of one name": RULE + "  - name: g\n    rules: []\n",
    "a name is a list": "groups:\n  - name: [a]\n    rules: []\n",
    "an interval that is none": "groups:\n  - name: g\n    interval: often\n    rules: []\n",
    "an interval without a unit": "groups:\n  - name: g\n    interval: 30\n    rules: []\n",
    "an empty interval": "groups:\n  - name: g\n    interval: ''\n    rules: []\n",
    "a negative interval": "groups:\n  - name: g\n    interval: -5m\n    rules: []\n",
    "units in another order": "groups:\n  - name: g\n    interval: 5s1m\n    rules: []\n",
    "a limit that is none": "groups:\n  - name: g\n    limit: few\n    rules: []\n",
    "a limit in quotes": "groups:\n  - name: g\n    limit: '5'\n    rules: []\n",
    "rules is a text": "groups:\n  - name: g\n    rules: a\n",
    "a rule is a text": "groups:\n  - name: g\n    rules: [a]\n",
    "an unknown field of a rule": alert("form: 5m"),
    "a field twice": alert("expr: up"),
    "a label twice": alert("labels:\n  a: b\n  a: c"),
    "no expression": rule("alert: A"),
    "an empty expression": rule("alert: A\nexpr: ''"),
    "an expression is null": rule("alert: A\nexpr:"),
    "an expression is a list": rule("alert: A\nexpr: [up]"),
    "an expression that is none": rule("alert: A\nexpr: up =="),
    "an unknown function": rule("alert: A\nexpr: foo(up)"),
    "a wrong type": rule("alert: A\nexpr: rate(up)"),
    "neither record nor alert": rule("expr: up"),
    "record and alert": rule("alert: A\nrecord: b\nexpr: up"),
    "for that is none": alert("for: soon"),
    "for without a unit": alert("for: 5"),
    "for too long": alert("for: 300y"),
    "a recording rule with for": rule("record: a\nexpr: up\nfor: 5m"),
    "a recording rule that keeps firing": rule("record: a\nexpr: up\nkeep_firing_for: 5m"),
    "a recording rule with annotations": rule("record: a\nexpr: up\nannotations:\n  a: b"),
    "an expression as a record": rule("record: 'up{a=\"b\"}'\nexpr: up"),
    "a label __name__": alert("labels:\n  __name__: a"),
    "labels are a list": alert("labels: [a]"),
    "a label is a list": alert("labels:\n  a: [b]"),
    "an unclosed action": annotation("{{ $value"),
    "an unknown template function": annotation("{{ foo $value }}"),
    "an unknown variable": annotation("{{ $values }}"),
    "a variable of another block": annotation("{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}"),
    "an if without an end": annotation("{{ if $value }}a"),
    "an end without an if": annotation("a{{ end }}"),
    "an else without an if": annotation("a{{ else }}b"),
    "two elses": annotation("{{ if $value }}a{{ else }}b{{ else }}c{{ end }}"),
    "an empty action": annotation("{{ }}"),
    "an empty if": annotation("{{ if }}a{{ end }}"),
    "a pipeline into a text": annotation('{{ $value | "a" }}'),
    "a pipeline into a dot": annotation("{{ $value | . }}"),
    "an unclosed text": annotation('{{ printf "a }}'),
    "an unclosed parenthesis": annotation("{{ (print 1 }}"),
    "a parenthesis too much": annotation("{{ print 1) }}"),
    "an unclosed comment": annotation("{{/* a }}"),
    "a comment with something behind": annotation("{{/* a */ b }}"),
    "a bad character": annotation("{{ $value & 1 }}"),
    "a bad escape": annotation('{{ "\\q" }}'),
    "break outside of a range": annotation("{{ break }}"),
    "a variable of a definition": annotation('{{ define "x" }}{{ $labels.a }}{{ end }}'),
    "a bad template in a label": alert("labels:\n  x: '{{ $label }}'"),
    "a tab": "groups:\n\t- name: g\n",
    "unclosed YAML": "groups: [\n",
    "an alias without an anchor": "groups: *a\n",
}

# what only version 3 accepts
GOOD_SINCE_3 = {
    "query_offset": "groups:\n  - name: g\n    query_offset: 1m\n    rules: []\n",
    "labels of a group": "groups:\n  - name: g\n    labels:\n      a: b\n    rules: []\n",
    "a label with a dash": alert("labels:\n  my-label: b"),
    "an annotation with a dot": alert("annotations:\n  my.note: b"),
    "a record in other letters": rule("record: 'a b'\nexpr: up"),
    "a name of UTF-8 in an expression": rule("alert: A\nexpr: '{\"my.metric\"} > 0'"),
}
