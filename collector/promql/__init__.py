"""PromQL over our history: parsed by promql-parser, evaluated on columns of numpy."""
