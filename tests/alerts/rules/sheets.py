"""Rules and tests of them in promtool's format, one that holds and one that does not."""

RULES = """
groups:
  - name: first
    rules:
      - record: job:up:sum
        expr: sum without (instance) (up)
        labels: {made: "yes"}
      - alert: AllDown
        expr: job:up:sum == 0
        for: 2m
        keep_firing_for: 3m
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.job }} is down ({{ $value }})"}
  - name: second
    limit: 2
    rules:
      - alert: Many
        expr: many > 5
      - alert: Told
        expr: count(ALERTS{alertname="AllDown",alertstate="firing"}) > 0
"""

SHEET = """
rule_files: [rules.yml]
evaluation_interval: 1m
group_eval_order: [first, second]
tests:
  - name: down and up again
    interval: 1m
    input_series:
      - series: up{job="app",instance="a"}
        values: 1 0x5 1x10
      - series: up{job="app",instance="b"}
        values: 1 0x5 1x10
    promql_expr_test:
      - expr: job:up:sum
        eval_time: 30s
        exp_samples:
          - {labels: 'job:up:sum{job="app",made="yes"}', value: 2}
      - expr: count by (alertname, alertstate) (ALERTS)
        eval_time: 2m
        exp_samples:
          - {labels: '{alertname="AllDown",alertstate="pending"}', value: 1}
      - expr: ALERTS_FOR_STATE{alertname="AllDown"}
        eval_time: 4m
        exp_samples:
          - labels: 'ALERTS_FOR_STATE{alertname="AllDown",job="app",made="yes",severity="critical"}'
            value: 60
      - expr: vector(1) + 1
        eval_time: 0
        exp_samples: [{value: 2}]
      - expr: 2 * 3
        eval_time: 0
        exp_samples: [{labels: '{}', value: 6}]
    alert_rule_test:
      - {eval_time: 2m, alertname: AllDown}
      - eval_time: 3m
        alertname: AllDown
        exp_alerts:
          - exp_labels: {severity: critical, job: app, made: "yes"}
            exp_annotations: {summary: app is down (0)}
      # good since the seventh minute, kept for three
      - eval_time: 9m59s
        alertname: AllDown
        exp_alerts:
          - exp_labels: {severity: critical, job: app, made: "yes"}
            exp_annotations: {summary: app is down (0)}
      - {eval_time: 10m, alertname: AllDown}
      - eval_time: 3m
        alertname: Told
        exp_alerts: [{}]
  - name: gaps and ends
    interval: 30s
    input_series:
      - {series: 'many{a="1"}', values: '6 _ 7 stale 8 _x3 -3+2x4'}
    alert_rule_test:
      - {eval_time: 1m, alertname: Many, exp_alerts: [{exp_labels: {a: "1"}}]}
      - {eval_time: 1m59s, alertname: Many, exp_alerts: [{exp_labels: {a: "1"}}]}
      - {eval_time: 4m, alertname: Many}
    promql_expr_test:
      - {expr: many, eval_time: 1m30s}
      - expr: many
        eval_time: 5m
        exp_samples: [{labels: 'many{a="1"}', value: 1}]
  - name: no series at all
    promql_expr_test:
      - {expr: up, eval_time: 5m}
    alert_rule_test:
      - {eval_time: 5m, alertname: Nobody}
"""

FAILING_SHEET = """
rule_files: [rules.yml]
tests:
  - name: all of it wrong
    input_series:
      - {series: 'many{a="1"}', values: 0x10}
      - {series: 'many{a="2"}', values: 9x10}
    alert_rule_test:
      - {eval_time: 5m, alertname: Many}
      - {eval_time: 5m, alertname: Many, exp_alerts: [{exp_labels: {a: "1"}}]}
      - {eval_time: 5m, alertname: AllDown, exp_alerts: [{}]}
    promql_expr_test:
      - {expr: sum(many), eval_time: 1m, exp_samples: [{value: 8}]}
      - {expr: many, eval_time: 1m, exp_samples: [{labels: many, value: 9}]}
"""
